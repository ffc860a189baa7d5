import { expect, test } from "vitest";
import type { CheckerRecord } from "../../checker/checker.ts";
import type { Op } from "../../checker/history.ts";
import { createLeaderReturns } from "../../checker/leader-returns.ts";

const BUDGET = { nowMs: () => 0, deadlineMs: 1, memoryBytes: 1 };

/** A second each: a fault begins, is healed, or fails to be; who asks is told of a leader, of none, or of two. */
type Second = "inject" | "heal" | "unhealed" | "led" | "nobody" | "two-leaders";

function judge(seconds: readonly Second[]): string[] {
  const checker = createLeaderReturns();
  for (const node of ["n1", "n2"]) {
    checker.observe(trace(node, "follower", 3));
    checker.observe(trace(node, "candidate", 4));
  }
  seconds.forEach((second, i) => checker.observe({ type: "op", op: opOf(second, i) }));
  return checker.finish(BUDGET).anomalies.map(({ sentence }) => sentence);
}

function trace(node: string, role: "follower" | "candidate", term: number): CheckerRecord {
  return { type: "trace", event: { timeNs: 0, node, type: "role", role, term } };
}

function opOf(second: Second, i: number): Op {
  const at = { index: i, timeNs: i * 1e9 };
  if (second === "led") return { ...at, process: 1, type: "ok", f: "leader", value: null };
  if (second === "nobody" || second === "two-leaders") {
    const error = second === "nobody" ? "no-leader" : second;
    return { ...at, process: 1, type: "fail", f: "leader", value: null, error };
  }
  const fault = { id: "cut", kind: "partition", sentence: "n1 is cut off", nodes: [], links: [] };
  const phase = second === "unhealed" ? "failed" : "confirmed";
  const f = second === "inject" ? "inject" : "heal";
  return { ...at, process: "nemesis", type: "info", f, value: { ...fault, phase } };
}

function of(second: Second, count: number): Second[] {
  return Array.from({ length: count }, () => second);
}

test("a cluster that nobody leads for long after the heal is stuck", () => {
  const [sentence] = judge(["inject", ...of("nobody", 5), "heal", ...of("nobody", 27)]);
  expect(sentence).toBe(
    "no leader: all was healed at 6.00 s, and for 27.0 s until the end nobody led; " +
      "last seen: n1 candidate of term 4, n2 candidate of term 4",
  );
});

test.each<[string, Second[]]>([
  ["a few rounds of elections", ["inject", "heal", ...of("nobody", 20)]],
  ["long, but not to the end", ["inject", "heal", ...of("nobody", 40), "led"]],
  ["two leaders: others look after that", ["inject", "heal", ...of("two-leaders", 40)]],
  ["while something is broken still", ["inject", "unhealed", ...of("nobody", 40)]],
  ["where nothing was broken", of("nobody", 40)],
])("%s proves nothing", (_what, seconds) => {
  expect(judge(seconds)).toEqual([]);
});
