import { expect, test } from "vitest";
import { MUTANTS } from "../../node/mutants/mutants.ts";
import { expectCaught, SHOWN_BY } from "./seeded-bugs.ts";

test.each(MUTANTS)("$id is caught by the checker it names", ({ id }) => expectCaught(id, "local"));

test("only seeded bugs that there are have something that brings them out", () => {
  const ids = MUTANTS.map(({ id }) => id);
  expect(Object.keys(SHOWN_BY).filter((id) => !ids.includes(id))).toEqual([]);
});
