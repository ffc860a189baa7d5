import { describe, expect, test } from "vitest";
import { createRaftCheckers } from "../../../checker/raft/raft-checkers.ts";
import { runCheckers } from "../../../checker/run-checkers.ts";
import type { CheckResult } from "../../../checker/verdict.ts";
import { createPrng } from "../../../src/base/prng.ts";
import type { TraceEvent } from "../../../src/base/trace.ts";
import { arriveLate, type Bug, runMiniRaft } from "./mini-raft.ts";

const budget = { nowMs: () => 0, deadlineMs: 1, memoryBytes: 1e9 };

function check(trace: readonly TraceEvent[], nodeCount: number): CheckResult[] {
  const nodes = Array.from({ length: nodeCount }, (_, at) => `n${at + 1}`);
  const records = trace.map((event) => ({ type: "trace" as const, event }));
  return runCheckers(createRaftCheckers(nodes), records, budget);
}

function complaints(results: readonly CheckResult[]): string[] {
  return results
    .filter(({ verdict }) => verdict !== "valid")
    .map(({ checker, summary }) => `${checker}: ${summary}`);
}

describe("a correct cluster under chaos raises no alarm", () => {
  test.each([3, 4, 5])("%i nodes, lines in the order of time", (nodeCount) => {
    const seen = { commit: 0, truncate: 0, start: 0 };
    for (let number = 0; number < 25; number++) {
      const seed = `correct ${nodeCount} ${number}`;
      const trace = runMiniRaft(createPrng(seed), { nodeCount, steps: 6000 });
      for (const { type } of trace) if (type in seen) seen[type as keyof typeof seen]++;
      expect(complaints(check(trace, nodeCount)), `seed "${seed}"`).toEqual([]);
    }
    // Otherwise the silence would say little.
    expect(seen.commit).toBeGreaterThan(5000);
    expect(seen.truncate).toBeGreaterThan(20);
    expect(seen.start).toBeGreaterThan(200);
  });

  test.each([1, 20, 300, 5000])("lines late by up to %i", (lateness) => {
    for (let number = 0; number < 15; number++) {
      const seed = `late ${lateness} ${number}`;
      const prng = createPrng(seed);
      const trace = runMiniRaft(prng, { nodeCount: 5, steps: 6000 });
      const arrived = arriveLate(prng.fork("late"), trace, lateness);
      expect(complaints(check(arrived, 5)), `seed "${seed}"`).toEqual([]);
    }
  });

  test("one node's whole trace after the other's", () => {
    for (let number = 0; number < 10; number++) {
      const seed = `apart ${number}`;
      const trace = runMiniRaft(createPrng(seed), { nodeCount: 5, steps: 6000 });
      for (const order of [trace, trace.toReversed()]) {
        const nodes = [...new Set(order.map(({ node }) => node))];
        const apart = nodes.flatMap((node) => trace.filter((event) => event.node === node));
        expect(complaints(check(apart, 5)), `seed "${seed}"`).toEqual([]);
      }
    }
  });

  test("a trace cut off anywhere, the last line of any node lost", () => {
    for (let number = 0; number < 15; number++) {
      const seed = `torn ${number}`;
      const prng = createPrng(seed);
      const trace = runMiniRaft(prng, { nodeCount: 5, steps: 4000 });
      const cut = trace.slice(0, prng.int(1, trace.length));
      const victim = `n${prng.int(1, 5)}`;
      const lost = cut.findLastIndex(({ node }) => node === victim);
      const torn = cut.filter((_, at) => at !== lost);
      const found = complaints(check(torn, 5)).filter((text) => !text.includes("no node wrote"));
      expect(found, `seed "${seed}"`).toEqual([]);
    }
  });
});

describe("every seeded bug is caught by the property that it breaks", () => {
  const bugs: [Bug, string, number][] = [
    ["vote-twice", "vote-once", 5],
    ["vote-not-durable", "vote-once", 5],
    ["vote-ignores-log", "leader-completeness", 5],
    ["double-count-votes", "leader-quorum", 5],
    ["commit-without-quorum", "commit-rule", 5],
    ["commit-old-term", "commit-rule", 5],
    ["ack-before-sync", "durability", 5],
    ["leader-counts-unsynced", "durability", 5],
    ["truncate-always", "state-machine-safety", 5],
    ["no-previous-check", "log-matching", 5],
    ["commit-beyond-match", "state-machine-safety", 5],
    ["no-dedup", "exactly-once", 5],
    ["apply-twice", "monotonic-state", 5],
    ["apply-by-chance", "state-machine-safety", 5],
  ];
  test.each(bugs)("%s breaks %s", (bug, property, nodeCount) => {
    const caught = new Set<string>();
    let seeds = 0;
    while (!caught.has(property) && seeds < 60) {
      const prng = createPrng(`${bug} ${seeds++}`);
      const trace = runMiniRaft(prng, { nodeCount, steps: 6000, bug });
      const arrived = arriveLate(prng.fork("late"), trace, 5);
      for (const { checker, verdict, anomalies } of check(arrived, nodeCount)) {
        if (verdict !== "invalid") continue;
        caught.add(checker);
        for (const { sentence, evidence } of anomalies) {
          expect(sentence).not.toMatch(/undefined|NaN|\?/);
          expect(evidence.length).toBeGreaterThan(0);
        }
      }
    }
    expect([...caught], `after ${seeds} seeds`).toContain(property);
  });
});
