import { expect, test } from "vitest";
import type { WorkloadName } from "../../checker/checkers.ts";
import type { StatisticsMeasures } from "../../checker/statistics.ts";
import { createPlan, DEFAULT_CHOICES } from "../../src/run/plan.ts";
import { simulate } from "../../src/run/simulate.ts";
import { BUNDLED_WORKLOADS } from "../../src/run/swarm.ts";
import type { TestPlan } from "../../src/store/plan.ts";
import { findings } from "./sweep.ts";

// What clients may do besides the register workload, on nodes as they are and on nodes with a bug.
const planOf = (workload: WorkloadName, mutant: string | null): TestPlan =>
  createPlan({
    ...DEFAULT_CHOICES,
    environment: "sim",
    seed: "e3",
    durationMs: 12_000,
    nemesisIntervalMs: 3000,
    kinds: ["partition", "latency", "kill"],
    workload,
    mutant,
  });

const OTHERS = BUNDLED_WORKLOADS.filter((name) => name !== "register");

test.each(OTHERS)("%s finds nothing in nodes as they are", (workload) => {
  const { checks, ...simulated } = simulate({ ...planOf(workload, null), durationMs: 6000 });
  expect(findings({ checks, ...simulated })).toEqual([]);
  const { verdict, measures } = checks[0]!;
  expect(verdict).toBe("valid");
  expect(measures?.["transactions"] ?? measures?.["operations"]).toBeGreaterThan(500);
  // Something of each kind succeeds, and not by mere luck.
  const { byFunction } = checks.at(-1)!.measures as unknown as StatisticsMeasures;
  for (const { ok } of Object.values(byFunction)) expect(ok).toBeGreaterThan(5);
});

test.each([
  ["append", "transactions", "no-dedup"],
  ["append", "transactions", "commit-no-quorum"],
  ["wr", "transactions", "commit-no-quorum"],
  ["set", "set", "no-dedup"],
  ["counter", "counter", "no-dedup"],
  ["bank", "bank", "txn-keeps-half"],
  ["queue", "queue", "apply-uncommitted"],
  ["lock", "lock", "fail-is-definite"],
  ["unique-ids", "unique-ids", "waiter-by-index"],
] as const)("%s finds by the checker %s the seeded bug %s", (workload, checker, mutant) => {
  const { checks } = simulate(planOf(workload, mutant));
  expect(checks[0]).toMatchObject({ checker, verdict: "invalid" });
});
