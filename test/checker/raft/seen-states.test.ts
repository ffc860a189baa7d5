import { expect, test } from "vitest";
import { createCheckers } from "../../../checker/checkers.ts";
import { runCheckers } from "../../../checker/run-checkers.ts";
import type { CheckerRecord } from "../../../checker/checker.ts";
import type { TraceTransition } from "../../../src/base/trace.ts";

/** Nodes without traces: what was seen of their states now and then. */
const nodes = ["n1", "n2", "n3", "n4", "n5"];
const budget = { nowMs: () => 0, deadlineMs: 1000, memoryBytes: 2 ** 30 };

function found(told: readonly (readonly [node: string, transition: TraceTransition])[]): string[] {
  const start = { type: "start", term: 1, votedFor: null, lastIndex: 0, lastHash: 0 } as const;
  const starts = nodes.map((node) => [node, { ...start, members: nodes }] as const);
  const records = [...starts, ...told].map(([node, transition], i): CheckerRecord => {
    return { type: "trace", event: { timeNs: i * 1e9, node, ...transition } };
  });
  const checkers = createCheckers({ workload: "election", nodes, judgedBy: "state" });
  const results = runCheckers(checkers, records, budget);
  return results.flatMap(({ anomalies }) => anomalies.map(({ property }) => property));
}

const leads = (term: number, votes?: readonly string[]): TraceTransition => ({
  type: "role",
  role: "leader",
  term,
  ...(votes === undefined ? {} : { votes }),
});

test("two leaders that were seen in one term are two", () => {
  const told = [["n1", leads(2)] as const, ["n4", leads(2)] as const];
  expect(found(told)).toEqual(["election-safety"]);
});

test("who sent AppendEntries led, however late that is heard", () => {
  const led = { type: "led", term: 2 } as const;
  expect(found([["n1", leads(2)] as const, ["n4", led] as const])).toEqual(["election-safety"]);
  expect(found([["n1", led] as const, ["n4", led] as const])).toEqual(["election-safety"]);
  expect(found([["n1", leads(3)] as const, ["n1", led] as const])).toEqual([]);
});

test("a leader that counts too few votes has too few", () => {
  expect(found([["n1", leads(2, ["n1", "n2"])]])).toEqual(["leader-quorum"]);
});

test("a vote that was not seen may have been given, also where another was seen later", () => {
  const told = [
    ["n1", leads(2, ["n1", "n2", "n3"])] as const,
    ["n2", { type: "vote", term: 3, candidate: "n3" }] as const,
    ["n3", { type: "role", role: "candidate", term: 3 }] as const,
  ];
  expect(found(told)).toEqual([]);
});

test("two votes in a term, and a term that goes back, are what they are", () => {
  const vote = (candidate: string): TraceTransition => ({ type: "vote", term: 4, candidate });
  expect(found([["n2", vote("n1")] as const, ["n2", vote("n3")] as const])).toEqual(["vote-once"]);
  const back = [["n1", leads(5)] as const, ["n1", leads(4)] as const];
  expect(found(back)).toEqual(["monotonic-state"]);
});
