import {
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { readLatest } from "../../src/store/latest.ts";
import {
  createRunFolder,
  finalRunId,
  parseRunName,
  sealRunFolder,
} from "../../src/store/run-folder.ts";
import { readRunFile, writeRunFile } from "../../src/store/run-file.ts";
import { readRuns, readUnfinishedRuns, recordRun } from "../../src/store/runs.ts";
import { resultsOf } from "../report/fixtures.ts";
import { tempDir } from "./temp-dir.ts";

const STARTED = {
  startedAt: new Date("2026-11-20T16:40:59.123Z"),
  workload: "register",
  suffix: "7f3a",
};

test("a run's folder says when, what, that it is running, and then its verdict", () => {
  const results = join(tempDir(), "deep", "results");
  const dir = createRunFolder(results, STARTED);
  expect(basename(dir)).toBe("2026-11-20T16-40-59Z_register_running_7f3a");
  expect(existsSync(join(dir, "logs"))).toBe(true);
  const sealed = sealRunFolder(dir, "invalid");
  expect(basename(sealed)).toBe("2026-11-20T16-40-59Z_register_invalid_7f3a");
  expect(basename(sealed)).toBe(finalRunId(dir, "invalid"));
  expect(existsSync(dir)).toBe(false);
});

test("latest is a link and a file, and follows the folder to its final name", () => {
  const results = tempDir();
  const dir = createRunFolder(results, STARTED);
  expect(readlinkSync(join(results, "latest"))).toBe(basename(dir));
  const sealed = sealRunFolder(dir, "valid");
  expect(readlinkSync(join(results, "latest"))).toBe(basename(sealed));
  expect(readLatest(results)).toBe(basename(sealed));
});

test("a file of the user's own called latest is left alone", () => {
  const results = tempDir();
  writeFileSync(join(results, "latest"), "mine");
  const dir = createRunFolder(results, STARTED);
  expect(readFileSync(join(results, "latest"), "utf8")).toBe("mine");
  expect(readLatest(results)).toBe(basename(dir));
});

test("a run that was judged again changes its verdict in the name", () => {
  const dir = createRunFolder(tempDir(), STARTED);
  const again = sealRunFolder(sealRunFolder(dir, "unknown"), "valid");
  expect(parseRunName(basename(again))?.verdict).toBe("valid");
});

test("a folder that somebody renamed keeps its name, and is not the latest", () => {
  const results = tempDir();
  const dir = createRunFolder(results, STARTED);
  const renamed = join(results, "mybug");
  renameSync(dir, renamed);
  expect(finalRunId(renamed, "invalid")).toBe("mybug");
  expect(sealRunFolder(renamed, "invalid")).toBe(renamed);
  expect(readLatest(results)).toBe(basename(dir));
});

test("a workload's name cannot lead out of the folder", () => {
  const dir = createRunFolder(tempDir(), { ...STARTED, workload: "../../etc" });
  expect(basename(dir)).toBe("2026-11-20T16-40-59Z_------etc_running_7f3a");
});

test("no two runs share a folder", () => {
  const results = tempDir();
  createRunFolder(results, STARTED);
  expect(() => createRunFolder(results, STARTED)).toThrow(/cannot create .*_running_7f3a/);
});

test("run.json gives the origin back, and a wrong one is named", () => {
  const dir = tempDir();
  expect(readRunFile(dir)).toBeUndefined();
  writeRunFile(dir, { startedAt: "2026-11-20T16:40:59Z", originNs: 123_456, pid: 42 });
  expect(readRunFile(dir)?.originNs).toBe(123_456);
  writeFileSync(join(dir, "run.json"), '{"format":"raftwreck-run","version":1}');
  expect(() => readRunFile(dir)).toThrow(/startedAt must be a string and originNs a number/);
});

test("the list of runs is newest first, tells the last verdict of each and survives a torn line", () => {
  const results = tempDir();
  const first = { ...resultsOf("green"), id: "a", startedAt: "2026-11-20T10:00:00.000Z" };
  recordRun(results, first);
  recordRun(results, {
    ...resultsOf("two-leaders"),
    id: "b",
    startedAt: "2026-11-20T11:00:00.000Z",
  });
  const half = { id: "c", startedAt: "x", verdict: "valid", workload: "register", seed: "1" };
  writeFileSync(join(results, "runs.jsonl"), `${JSON.stringify(half)}\n{"id":"torn`, { flag: "a" });
  recordRun(results, { ...first, verdict: "unknown" });
  const runs = readRuns(results);
  expect(runs.map(({ id, verdict }) => [id, verdict])).toEqual([
    ["b", "invalid"],
    ["a", "unknown"],
  ]);
  expect(runs[0]?.violated).toEqual(["election-safety", "linearizability"]);
});

test("runs that never ended are found by their folder's name", () => {
  const results = tempDir();
  const dir = createRunFolder(results, STARTED);
  mkdirSync(join(results, "something-else"));
  sealRunFolder(createRunFolder(results, { ...STARTED, suffix: "aaaa" }), "valid");
  expect(readUnfinishedRuns(results).map(({ id }) => id)).toEqual([basename(dir)]);
});
