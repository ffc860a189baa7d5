import { expect, test } from "vitest";
import { createPlan, DEFAULT_CHOICES } from "../../src/run/plan.ts";
import { simulate } from "../../src/run/simulate.ts";
import type { TestPlan } from "../../src/store/plan.ts";
import { findings } from "./sweep.ts";

// What clients may do besides the register workload, on nodes as they are and on nodes with a bug.
const planOf = (workload: "append" | "wr", mutant: string | null): TestPlan =>
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

test.each(["append", "wr"] as const)("%s finds nothing in nodes as they are", (workload) => {
  const simulated = simulate(planOf(workload, null));
  expect(findings(simulated)).toEqual([]);
  const { verdict, measures } = simulated.checks[0]!;
  expect(verdict).toBe("valid");
  expect(measures?.["transactions"]).toBeGreaterThan(500);
});

test.each([
  ["append", "no-dedup"],
  ["append", "commit-no-quorum"],
  ["wr", "commit-no-quorum"],
] as const)("%s finds the seeded bug %s", (workload, mutant) => {
  const { checks } = simulate(planOf(workload, mutant));
  expect(checks[0]).toMatchObject({ checker: "transactions", verdict: "invalid" });
});
