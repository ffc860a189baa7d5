import { FILTER_SOURCE } from "./filter.ts";
import { COLUMNS_SOURCE } from "./operation-columns.ts";
import { APP } from "./script/app.ts";
import { KEYS } from "./script/keys.ts";
import { ROWS } from "./script/rows.ts";
import { TABLES } from "./script/tables.ts";

/**
 * The second half of the page's script, on top of the cursor: links, tables, window, keys. What can be right or wrong
 * in it is TypeScript that is tested here and told to the page as it is (`FILTER_SOURCE`, `COLUMNS_SOURCE`); the
 * rest only moves things on the screen, and is tested in a browser.
 */
export const EXPLORE_SCRIPT = [APP, FILTER_SOURCE, COLUMNS_SOURCE, ROWS, TABLES, KEYS].join("\n");
