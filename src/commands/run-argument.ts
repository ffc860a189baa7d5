import path from "node:path";
import { shortPath } from "../run/finish-run.ts";
import { quote } from "./quote.ts";
import { DEFAULT_SETTINGS } from "./run-settings.ts";

/** How a command in this folder is told of a run: by its name, or by its path where nobody would look for the name. */
export function runArgument(directory: string): string {
  const absolute = path.resolve(directory);
  const isFound = path.dirname(absolute) === path.resolve(DEFAULT_SETTINGS.output);
  return quote(isFound ? path.basename(absolute) : shortPath(absolute));
}
