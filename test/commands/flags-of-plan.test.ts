import { expect, test } from "vitest";
import { createPrng } from "../../src/base/prng.ts";
import { flagsOfPlan } from "../../src/commands/flags-of-plan.ts";
import { createPlan, DEFAULT_CHOICES } from "../../src/run/plan.ts";
import { drawStaticCut, swarmPlan } from "../../src/run/swarm.ts";
import type { TestPlan } from "../../src/store/plan.ts";

const PLAN = createPlan({ ...DEFAULT_CHOICES, seed: "7", environment: "sim" });
const liveness = drawStaticCut(createPrng("7").fork("liveness"), PLAN.nodeCount);

test.each<[TestPlan, string[]]>([
  [PLAN, ["--nodes 5", "--workload register"]],
  [{ ...PLAN, proxyClients: true, mutant: "no-dedup" }, ["--proxy-clients", "--mutant no-dedup"]],
  [{ ...PLAN, liveness }, ["--liveness", "--seed 7"]],
])("flags lead to a run of the usual world %#", (plan, expected) => {
  expect(flagsOfPlan(plan)).toEqual(expect.arrayContaining(expected));
});

test("no flags lead to a world that was drawn, or to another end than the seed's", () => {
  expect(flagsOfPlan(swarmPlan("7", { durationMs: 1000, mutant: null }))).toBeUndefined();
  const other = { ...liveness, count: liveness.count + 1 };
  expect(flagsOfPlan({ ...PLAN, liveness: other })).toBeUndefined();
});
