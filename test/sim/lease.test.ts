import { describe, expect, test } from "vitest";
import type { Fault } from "../../nemesis/fault.ts";
import { createPlan, DEFAULT_CHOICES } from "../../src/run/plan.ts";
import { simulate, type Simulated } from "../../src/run/simulate.ts";
import { DEFAULT_SIM_OPTIONS } from "../../src/sim/options.ts";
import type { TestPlan } from "../../src/store/plan.ts";

/**
 * Reads by lease (thesis §6.4.1) trust that clocks run about equally fast. While they do, an isolated leader stops
 * answering before anyone else is elected; the clock of a leader that runs ten times too slow breaks that promise.
 */
const ISOLATED: Fault = { type: "partition", shape: "isolate-leader", mode: "drop" };

function runWith(seed: string, rate: number): Simulated {
  const plan = createPlan({
    ...DEFAULT_CHOICES,
    seed,
    environment: "sim",
    sim: { ...DEFAULT_SIM_OPTIONS, reads: "lease" },
    nodeCount: 3,
    durationMs: 8000,
    kinds: [],
  });
  const at = (id: string, atMs: number, forMs: number, fault: Fault) => ({
    id,
    lane: id,
    atMs,
    forMs,
    fault,
  });
  const clock: Fault = { type: "clock", nodes: "leader", jumpMs: 0, rate };
  const faults: TestPlan["schedule"]["faults"] = [
    ...(rate === 1 ? [] : [at("clock", 1000, 5000, clock)]),
    at("isolation", 2000, 4000, ISOLATED),
  ];
  return simulate({ ...plan, schedule: { ...plan.schedule, faults } });
}

const SEEDS = Array.from({ length: 12 }, (_, i) => `lease${i}`);

function staleIn({ checks }: Simulated): string[] {
  const stale = new Set(["linearizability", "read-index"]);
  return checks.flatMap(({ checker, anomalies }) =>
    stale.has(checker) && anomalies.length > 0 ? [checker] : [],
  );
}

describe("reads by lease", () => {
  test.each([1, 0.95, 1.05])("while clocks run at %d times their rate nothing is stale", (rate) => {
    for (const seed of SEEDS) expect(staleIn(runWith(seed, rate)), seed).toEqual([]);
  });

  test("a clock that is ten times too slow breaks them, and both halves of the checkers see it", () => {
    const seen = new Set(SEEDS.flatMap((seed) => staleIn(runWith(seed, 0.1))));
    expect([...seen].toSorted()).toEqual(["linearizability", "read-index"]);
  });
});
