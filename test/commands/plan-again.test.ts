import { expect, test } from "vitest";
import type { Fault } from "../../nemesis/fault.ts";
import { ConfigError, UsageError } from "../../src/base/errors.ts";
import { planAgain } from "../../src/commands/plan-again.ts";
import { createPlan, DEFAULT_CHOICES } from "../../src/run/plan.ts";
import type { Deviation } from "../../src/sim/deviation.ts";
import type { TestPlan } from "../../src/store/plan.ts";

const PLAN = createPlan({ ...DEFAULT_CHOICES, seed: "1", environment: "sim", nodeCount: 3 });
const again = (plan: TestPlan | undefined) => (): TestPlan =>
  planAgain({ id: "some-run", dir: "/runs/some-run", plan });

function withFault(fault: Fault): TestPlan {
  const entry = { id: "f", lane: fault.type, atMs: 0, forMs: 1, fault };
  return { ...PLAN, schedule: { ...PLAN.schedule, faults: [entry] } };
}

test("a run without a plan can't be run again", () => {
  expect(again(undefined)).toThrow(UsageError);
  expect(again(undefined)).toThrow("some-run has no plan.json, so it can't be run again");
});

test.each<[string, TestPlan, RegExp]>([
  [
    "a node that there is not",
    withFault({ type: "kill", nodes: ["n9"] }),
    /^\/runs\/some-run\/plan\.json: schedule: faults\[0\]\.fault: "n9" is not in this cluster/,
  ],
  [
    "a fault that is not for the simulator",
    withFault({ type: "unplug", nodes: ["n1"] }),
    /^\/runs\/some-run\/plan\.json: schedule: faults\[0\]\.fault: /,
  ],
  [
    "a deviation at a node that there is not",
    { ...PLAN, deviations: [{ type: "timeout", node: "n9", atMs: 5 }] },
    /^\/runs\/some-run\/plan\.json: deviations\[0\]\.node: "n9" is not known/,
  ],
  [
    "a deviation without a moment",
    { ...PLAN, deviations: [{ type: "timeout", node: "n1" } as Deviation] },
    /^\/runs\/some-run\/plan\.json: deviations\[0\]\.at: is missing/,
  ],
])("a plan with %s is told of in a sentence", (_, plan, sentence) => {
  expect(again(plan)).toThrow(ConfigError);
  expect(again(plan)).toThrow(sentence);
});

test("a plan with a seeded bug that there is not is told of in a sentence", () => {
  expect(again({ ...PLAN, mutant: "vote-twic" })).toThrow(/no seeded bug "vote-twic".*vote-twice/);
});

test("what fits is as it was", () => {
  const deviations: Deviation[] = [
    { type: "operation", atMs: 1.5, client: 0, f: "read", value: ["k1", null] },
    { type: "delay", message: { from: "n1", to: "n2" }, byMs: -0.25 },
  ];
  for (const plan of [PLAN, { ...PLAN, deviations }]) expect(again(plan)()).toEqual(plan);
});
