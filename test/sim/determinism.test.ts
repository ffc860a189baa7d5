import { describe, expect, test } from "vitest";
import { formatOp } from "../../checker/history-file.ts";
import { simulate } from "../../src/run/simulate.ts";
import { swarmPlan } from "../../src/run/swarm.ts";
import type { TestPlan } from "../../src/store/plan.ts";
import { seedCount } from "./sweep.ts";

/**
 * The same seed gives the same run: same digest over every event, same history to the byte. More seeds with
 * RAFTWRECK_TWICE=1000; other versions of Node.js with `.ci/node-lines`.
 */
const COUNT = 12;
const DIGEST_COUNT = seedCount("RAFTWRECK_TWICE", 150);

describe("the same seed, twice", () => {
  test.each(Array.from({ length: COUNT }, (_, i) => `twice${i + 1}`))("seed %s", (seed) => {
    const plan = swarmPlan(seed, { durationMs: 6000, mutant: null });
    const first = recorded(plan);
    const second = recorded(plan);
    expect(second.digest).toBe(first.digest);
    expect(second.events).toBe(first.events);
    expect(second.history).toBe(first.history);
  });
});

test(`digests of ${DIGEST_COUNT} seeds, twice`, () => {
  const digests = (): string[] =>
    Array.from({ length: DIGEST_COUNT }, (_, i) => {
      const plan = swarmPlan(`digest ${i}`, { durationMs: 1500, mutant: null });
      return simulate(plan).digest;
    });
  const first = digests();
  expect(digests()).toEqual(first);
  expect(new Set(first).size).toBe(DIGEST_COUNT);
});

test("another seed gives another run", () => {
  const plan = swarmPlan("one", { durationMs: 4000, mutant: null });
  const digests = ["a", "b", "c"].map((seed) => simulate({ ...plan, seed }).digest);
  expect(new Set(digests).size).toBe(3);
});

test("a plan that went through JSON gives the same run", () => {
  const plan = swarmPlan("json", { durationMs: 4000, mutant: null });
  const again = JSON.parse(JSON.stringify(plan)) as TestPlan;
  expect(simulate(again).digest).toBe(simulate(plan).digest);
});

function recorded(plan: TestPlan): { digest: string; events: number; history: string } {
  const lines: string[] = [];
  const { digest, events } = simulate(plan, {
    onRecord: (record) => {
      if (record.type === "op") lines.push(formatOp(record.op));
    },
  });
  return { digest, events, history: lines.join("\n") };
}
