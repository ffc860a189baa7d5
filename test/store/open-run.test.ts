import { appendFileSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import type { TraceEvent } from "../../src/base/trace.ts";
import { ConfigError, UsageError } from "../../src/base/errors.ts";
import { HistoryWriter } from "../../src/store/history-file.ts";
import { openRun } from "../../src/store/open-run.ts";
import { writePlan } from "../../src/store/plan-file.ts";
import { inSlices } from "../../src/store/records.ts";
import { writeResults } from "../../src/store/results-file.ts";
import { createRunFolder, sealRunFolder } from "../../src/store/run-folder.ts";
import { writeRunFile } from "../../src/store/run-file.ts";
import { mergeTrace, TraceWriter } from "../../src/store/trace-file.ts";
import { resultsOf } from "../report/fixtures.ts";
import { tempDir } from "./temp-dir.ts";

const onFailure = (error: Error): never => {
  throw error;
};
const ORIGIN_NS = 5_000_000;

/** What is on disk when the harness is killed in the middle of a run. */
function killedRun(resultsDir: string): string {
  const startedAt = new Date("2026-11-20T16:40:59Z");
  const dir = createRunFolder(resultsDir, { startedAt, workload: "register", suffix: "dead" });
  writeRunFile(dir, { startedAt: startedAt.toISOString(), originNs: ORIGIN_NS, pid: 1 });
  writePlan(dir, resultsOf("green").plan);
  using history = new HistoryWriter(
    join(dir, "history.jsonl"),
    { workload: "register", startedAt: startedAt.toISOString() },
    { onFailure },
  );
  history.append({
    index: 0,
    timeNs: 10,
    process: 0,
    type: "invoke",
    f: "read",
    value: ["k1", null],
  });
  history.append({ index: 1, timeNs: 30, process: 0, type: "ok", f: "read", value: ["k1", null] });
  using trace = new TraceWriter(join(dir, "trace", "n1.jsonl"), "host", { onFailure });
  const event: TraceEvent = {
    timeNs: ORIGIN_NS + 20,
    node: "n1",
    type: "role",
    role: "leader",
    term: 1,
  };
  trace.append(event);
  return dir;
}

const times = (run: ReturnType<typeof openRun>): number[] =>
  [...run.records].map((record) => (record.type === "op" ? record.op.timeNs : record.event.timeNs));

test("a run whose harness was killed can be opened: history and node traces on one clock, no results", () => {
  const resultsDir = tempDir();
  const dir = killedRun(resultsDir);
  appendFileSync(join(dir, "history.jsonl"), '{"index":2,');
  const run = openRun(dir, { resultsDir });
  expect(run).toMatchObject({ type: "run", id: basename(dir), results: undefined });
  expect(run.plan?.seed).toBe("7f3a91");
  expect(times(run)).toEqual([10, 20, 30]);
});

test("a finished run is found by path, by name, as latest, and by its history", () => {
  const resultsDir = tempDir();
  const running = killedRun(resultsDir);
  mergeTrace(running, ORIGIN_NS);
  writeResults(running, resultsOf("green"));
  const dir = sealRunFolder(running, "valid");
  for (const path of [dir, basename(dir), "latest", join(dir, "history.jsonl")]) {
    const run = openRun(path, { resultsDir });
    expect(run.results?.verdict, path).toBe("valid");
    expect(times(run), path).toEqual([10, 20, 30]);
  }
});

test("latest is found where the file system or the artifact store lost the symlink", () => {
  const resultsDir = tempDir();
  const dir = killedRun(resultsDir);
  rmSync(join(resultsDir, "latest"));
  expect(openRun("latest", { resultsDir }).id).toBe(basename(dir));
});

test("a history by itself stands for itself", () => {
  const dir = killedRun(tempDir());
  const lonely = join(tempDir(), "some-history.jsonl");
  copyFileSync(join(dir, "history.jsonl"), lonely);
  const run = openRun(lonely, { resultsDir: tempDir() });
  expect(run).toMatchObject({ type: "history", plan: undefined, tracePaths: [] });
  expect(run.header.workload).toBe("register");
  expect(times(run)).toEqual([10, 30]);
});

test("what is wrong is told in a sentence", () => {
  const resultsDir = tempDir();
  const open = (path: string) => (): unknown => openRun(path, { resultsDir });
  expect(open("nope")).toThrow(UsageError);
  expect(open("nope")).toThrow(/there is no run or history at nope; give a run's folder, "latest"/);
  expect(open("latest")).toThrow(/there is no latest run in .*; make one with `raftwreck run`/);
  mkdirSync(join(resultsDir, "empty"));
  expect(open("empty")).toThrow(ConfigError);
  expect(open("empty")).toThrow(/is not a run's folder: it has no history.jsonl/);
  const dir = killedRun(resultsDir);
  rmSync(dir, { recursive: true });
  expect(open("latest")).toThrow(/the latest run, .*dead, is no longer in/);
});

test("a plan or results that are not what they should be name the field", () => {
  const resultsDir = tempDir();
  const dir = killedRun(resultsDir);
  const open = (): unknown => openRun(dir, { resultsDir });
  writeFileSync(
    join(dir, "plan.json"),
    JSON.stringify({ ...resultsOf("green").plan, nodeCount: "five" }),
  );
  expect(open).toThrow(/plan.json: nodeCount: /);
  for (const [field, value] of [
    ["environment", "mars"],
    ["schedule", { seed: "a", faults: [{ id: "k" }] }],
  ] as const) {
    const plan = { ...resultsOf("green").plan, [field]: value };
    writeFileSync(join(dir, "plan.json"), JSON.stringify(plan));
    expect(open).toThrow(new RegExp(`plan.json: ${field}`));
  }
  writeFileSync(join(dir, "plan.json"), "{");
  expect(open).toThrow(/plan.json is not JSON/);
  rmSync(join(dir, "plan.json"));
  writeFileSync(join(dir, "results.json"), "[]");
  expect(open).toThrow(/results.json: the results: .*; without this file raftwreck check/);
});

test("times that are none are told where they stand", () => {
  const resultsDir = tempDir();
  const dir = killedRun(resultsDir);
  const open = (): unknown => openRun(dir, { resultsDir });
  writeRunFile(dir, { startedAt: "soon", originNs: ORIGIN_NS, pid: 1 });
  expect(open).toThrow(/run.json: startedAt must be a date/);
  writeRunFile(dir, { startedAt: "2026-11-20T16:40:59Z", originNs: ORIGIN_NS, pid: 1 });
  const header = { format: "raftwreck-history", version: 1, workload: "register", startedAt: "x" };
  writeFileSync(join(dir, "history.jsonl"), JSON.stringify(header));
  expect(open).toThrow(/history.jsonl: line 1: "startedAt" must be a date/);
});

test("traces by node without an origin are refused rather than put at the wrong time", () => {
  const resultsDir = tempDir();
  const dir = killedRun(resultsDir);
  rmSync(join(dir, "run.json"));
  expect(() => openRun(dir, { resultsDir })).toThrow(/traces by node but no run.json/);
});

test("records come in slices that give the event loop a turn", async () => {
  const slices: number[] = [];
  for await (const slice of inSlices(Array.from({ length: 25 }), 10)) slices.push(slice.length);
  expect(slices).toEqual([10, 10, 5]);
});
