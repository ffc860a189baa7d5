import { describe, expect, test } from "vitest";
import { createRaftCheckers } from "../../../checker/raft/raft-checkers.ts";
import { runCheckers } from "../../../checker/run-checkers.ts";
import type { CheckResult } from "../../../checker/verdict.ts";
import { createPrng } from "../../../src/base/prng.ts";
import type { TraceEvent } from "../../../src/base/trace.ts";
import { arriveLate, type Bug, interleave, runMiniRaft } from "./mini-raft.ts";

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
    const seen = {
      commit: 0,
      truncate: 0,
      start: 0,
      snapshot: 0,
      install: 0,
      configuration: 0,
      "read-answer": 0,
    };
    let restored = 0;
    for (let number = 0; number < 12; number++) {
      const seed = `correct ${nodeCount} ${number}`;
      const trace = runMiniRaft(createPrng(seed), { nodeCount, steps: 6000 });
      for (const event of trace) {
        if (event.type in seen) seen[event.type as keyof typeof seen]++;
        if (event.type === "start" && event.snapshot) restored++;
      }
      expect(complaints(check(trace, nodeCount)), `seed "${seed}"`).toEqual([]);
    }
    // Otherwise the silence would say little.
    expect(seen.commit).toBeGreaterThan(3000);
    expect(seen.truncate).toBeGreaterThan(10);
    expect(seen.start).toBeGreaterThan(100);
    expect(seen.snapshot).toBeGreaterThan(200);
    expect(seen.install).toBeGreaterThan(50);
    expect(seen.configuration).toBeGreaterThan(500);
    expect(seen["read-answer"]).toBeGreaterThan(1000);
    expect(restored).toBeGreaterThan(50);
  });

  test.each([1, 20, 300, 5000])("lines late by up to %i", (lateness) => {
    for (let number = 0; number < 10; number++) {
      const seed = `late ${lateness} ${number}`;
      const prng = createPrng(seed);
      const trace = runMiniRaft(prng, { nodeCount: 5, steps: 6000 });
      const arrived = arriveLate(prng.fork("late"), trace, lateness);
      expect(complaints(check(arrived, 5)), `seed "${seed}"`).toEqual([]);
    }
  });

  test("lines in any order that keeps each node's own", () => {
    for (let number = 0; number < 12; number++) {
      const seed = `interleaved ${number}`;
      const prng = createPrng(seed);
      const trace = runMiniRaft(prng, { nodeCount: prng.pick([2, 3, 5]), steps: 6000 });
      const nodeCount = new Set(trace.map(({ node }) => node)).size - 2;
      for (let order = 0; order < 2; order++) {
        const arrived = interleave(prng.fork(`order ${order}`), trace);
        expect(complaints(check(arrived, nodeCount)), `seed "${seed}"`).toEqual([]);
      }
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
    for (let number = 0; number < 10; number++) {
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
    ["commit-beyond-match", "state-machine-safety", 3],
    ["no-dedup", "exactly-once", 5],
    ["apply-twice", "monotonic-state", 5],
    ["apply-by-chance", "state-machine-safety", 5],
    ["snapshot-of-older-state", "state-machine-safety", 5],
    ["snapshot-keeps-suffix", "log-matching", 3],
    ["snapshot-old-accepted", "monotonic-state", 5],
    ["snapshot-not-on-disk", "durability", 5],
    ["learner-counts", "commit-rule", 3],
    ["removed-counts-itself", "commit-rule", 3],
    ["change-before-committed", "configuration", 3],
    ["change-before-own-commit", "configuration", 3],
    ["change-not-rolled-back", "configuration", 3],
    ["change-not-in-snapshot", "configuration", 3],
    ["read-unconfirmed", "read-index", 5],
    ["read-before-own-commit", "read-index", 5],
  ];
  test.each(bugs)("%s breaks %s", (bug, property, nodeCount) => {
    const caught = new Set<string>();
    let seeds = 0;
    while (!caught.has(property) && seeds < 100) {
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
