import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { gatherRuns } from "../../src/store/gather.ts";
import { readRuns, recordRun } from "../../src/store/runs.ts";
import { resultsOf } from "../report/fixtures.ts";
import { tempDir } from "./temp-dir.ts";

/** A results folder with these runs. */
function folderWith(...ids: string[]): string {
  const folder = tempDir();
  for (const id of ids) {
    mkdirSync(join(folder, id));
    recordRun(folder, { ...resultsOf("green"), id });
  }
  return folder;
}

const idsIn = (folder: string): string[] =>
  readRuns(folder)
    .map(({ id }) => id)
    .toSorted();

test("runs come into another folder and its list, those that are there already stay", () => {
  const [from, to] = [folderWith("a", "b"), folderWith("b", "c")];
  gatherRuns(from, to);
  expect(idsIn(to)).toEqual(["a", "b", "c"]);
  expect(existsSync(join(to, "a"))).toBe(true);
});

test("none is lost with the last line of a list that was cut short", () => {
  const [from, to] = [folderWith("a", "b"), folderWith()];
  writeFileSync(join(to, "runs.jsonl"), '{"id":"torn","star');
  gatherRuns(from, to);
  expect(idsIn(to)).toEqual(["a", "b"]);
});
