import { test } from "vitest";
import { expectCaught, SHOWN_BY } from "./seeded-bugs.ts";

// They wait more than they work.
test.concurrent.each(Object.keys(SHOWN_BY))("%s is caught by the checker it names", (id) =>
  expectCaught(id, "local"),
);
