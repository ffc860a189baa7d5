import { expect, test } from "vitest";
import type { CheckerRecord } from "../../checker/checker.ts";
import { PerfettoTimeline } from "../../src/report/perfetto.ts";

const op = (timeMs: number, process: number | "nemesis", type: string, f: string, value: unknown) =>
  ({
    type: "op",
    op: { index: 0, timeNs: timeMs * 1e6, process, type, f, value },
  }) as CheckerRecord;
const trace = (timeMs: number, node: string, rest: object) =>
  ({ type: "trace", event: { timeNs: timeMs * 1e6, node, ...rest } }) as CheckerRecord;

test("roles, faults and operations are spans in lanes of their own; what goes on is drawn to the end", () => {
  const timeline = new PerfettoTimeline();
  const kill = { id: "k", kind: "kill", sentence: "n2 is killed", nodes: ["n2"], links: [] };
  for (const record of [
    trace(1, "n1", { type: "start", term: 0 }),
    trace(2, "n1", { type: "vote", term: 1, candidate: "n1" }),
    trace(3, "n1", { type: "role", role: "leader", term: 1 }),
    op(4, 0, "invoke", "write", ["k1", "v1"]),
    trace(5, "n1", { type: "commit", term: 1, role: "leader", index: 1, hash: 1 }),
    op(6, 0, "ok", "write", ["k1", "v1"]),
    op(7, "nemesis", "info", "inject", { ...kill, phase: "intent" }),
    op(8, "nemesis", "info", "inject", { ...kill, phase: "confirmed" }),
    op(10, "nemesis", "info", "heal", { ...kill, phase: "confirmed" }),
    op(11, 1, "invoke", "read", ["k1", null]),
    op(12, 2, "invoke", "read", ["k1", null]),
  ])
    timeline.observe(record);
  timeline.finish();
  const events = timeline.take() as {
    ph: string;
    name: string;
    ts: number;
    dur: number;
    pid: number;
    tid: number;
  }[];
  const spans = events.filter(({ ph }) => ph === "X").map(({ name, ts, dur }) => [name, ts, dur]);
  expect(spans).toEqual([
    ["follower t0", 1000, 2000],
    ["write ok", 4000, 2000],
    ["n2 is killed", 8000, 2000],
    ["leader t1", 3000, 9000],
    ["read", 11_000, 1000],
    ["read", 12_000, 0],
  ]);
  expect(events.filter(({ ph }) => ph === "C")).toMatchObject([{ ts: 5000, args: { index: 1 } }]);
  expect(events.filter(({ ph }) => ph === "i")).toMatchObject([{ name: "vote", ts: 2000 }]);
  const lanes = events.filter(({ ph, name }) => ph === "M" && name === "thread_name");
  expect(lanes.map(({ pid, tid }) => `${pid}.${tid}`)).toEqual([
    ...new Set(lanes.map(({ pid, tid }) => `${pid}.${tid}`)),
  ]);
});

test("the steps of the watch at the end of a run follow each other in one lane", () => {
  const timeline = new PerfettoTimeline();
  const step = { kind: "liveness", sentence: "n3 is out of it", nodes: ["n1", "n2"], links: [] };
  for (const record of [
    op(1, "nemesis", "info", "liveness", { ...step, id: "begin", phase: "confirmed" }),
    op(3, "nemesis", "info", "liveness", { ...step, id: "serve", phase: "confirmed" }),
    op(7, "nemesis", "info", "liveness", { ...step, id: "end", phase: "failed", reason: "no" }),
    op(9, 1, "invoke", "read", ["k1", null]),
  ])
    timeline.observe(record);
  timeline.finish();
  const events = timeline.take() as { ph: string; name: string; ts: number; dur: number }[];
  const spans = events.filter(({ ph }) => ph === "X").map(({ name, ts, dur }) => [name, ts, dur]);
  expect(spans).toEqual([
    ["begin: n3 is out of it", 1000, 2000],
    ["serve: n3 is out of it", 3000, 4000],
    ["read", 9000, 0],
  ]);
});
