import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { TraceEvent } from "../../src/base/trace.ts";
import { mergeTrace, readTrace, tracePaths, TraceWriter } from "../../src/store/trace-file.ts";
import { tempDir } from "./temp-dir.ts";

const onFailure = (error: Error): never => {
  throw error;
};

function leads(node: string, timeNs: number, term = 1): TraceEvent {
  return { timeNs, node, type: "role", role: "leader", term };
}

/** A run's folder with per-node traces by the host's clock, as running nodes leave them. */
function folder(events: Readonly<Record<string, readonly TraceEvent[]>>): string {
  const dir = tempDir();
  mkdirSync(join(dir, "trace"));
  for (const [node, own] of Object.entries(events)) {
    using writer = new TraceWriter(join(dir, "trace", `${node}.jsonl`), "host", { onFailure });
    for (const event of own) writer.append(event);
  }
  return dir;
}

test("traces of the nodes are merged by time, counted from the start of the run", () => {
  const dir = folder({ n1: [leads("n1", 1010), leads("n1", 1030)], n2: [leads("n2", 1020)] });
  const events = [...readTrace(tracePaths(dir), 1000)];
  expect(events.map(({ node, timeNs }) => [node, timeNs])).toEqual([
    ["n1", 10],
    ["n2", 20],
    ["n1", 30],
  ]);
});

test("events of one node keep their order, also where its clock reads the same or went back", () => {
  const own = [leads("n1", 50, 1), leads("n1", 50, 2), leads("n1", 40, 3), leads("n1", 60, 4)];
  const dir = folder({ n1: own, n2: [leads("n2", 45, 9)] });
  const events = [...readTrace(tracePaths(dir), 0)];
  expect(events.filter(({ node }) => node === "n1")).toEqual(own);
});

test("a merged trace replaces the parts and reads the same", () => {
  const dir = folder({ n1: [leads("n1", 1010)], n2: [leads("n2", 1005)] });
  const before = [...readTrace(tracePaths(dir), 1000)];
  mergeTrace(dir, 1000);
  expect(tracePaths(dir)).toEqual([join(dir, "trace.jsonl")]);
  expect(existsSync(join(dir, "trace", "n1.jsonl"))).toBe(false);
  expect([...readTrace(tracePaths(dir), 1000)]).toEqual(before);
  expect(readFileSync(join(dir, "trace.jsonl"), "utf8")).toMatch(/^\{"format":"raftwreck-trace"/);
});

test("a harness that was killed in mid-merge leaves the parts, and they are what counts", () => {
  const dir = folder({ n1: [leads("n1", 1010)] });
  writeFileSync(join(dir, "trace.partial"), "{");
  expect(tracePaths(dir)).toEqual([join(dir, "trace", "n1.jsonl")]);
  mergeTrace(dir, 1000);
  expect([...readTrace(tracePaths(dir), 1000)]).toHaveLength(1);
});

test("a node's file may have no header", () => {
  const dir = folder({});
  writeFileSync(join(dir, "trace", "n1.jsonl"), `${JSON.stringify(leads("n1", 1001))}\n`);
  expect([...readTrace(tracePaths(dir), 1000)]).toEqual([leads("n1", 1)]);
});

test("what a SIGKILL tore is skipped, and the next life's line behind it is kept", () => {
  const dir = folder({ n1: [leads("n1", 10)] });
  const path = join(dir, "trace", "n1.jsonl");
  appendFileSync(
    path,
    `{"timeNs":20,"no${JSON.stringify(leads("n1", 30))}\n{"timeNs":40,"node":"n1"`,
  );
  expect([...readTrace([path], 0)].map(({ timeNs }) => timeNs)).toEqual([10, 30]);
});

test("a line that is whole but no event is refused", () => {
  const dir = folder({ n1: [] });
  const path = join(dir, "trace", "n1.jsonl");
  appendFileSync(path, '{"timeNs":20,"node":"n1","type":"dance"}\n');
  expect(() => [...readTrace([path], 0)]).toThrow(/n1.jsonl: line 2: "type" must be one of/);
});

test("a trace of a later version is refused", () => {
  const path = join(tempDir(), "trace.jsonl");
  writeFileSync(path, '{"format":"raftwreck-trace","version":2,"clock":"run"}\n');
  expect(() => [...readTrace([path], 0)]).toThrow(/version 2; this Raftwreck reads version 1/);
});
