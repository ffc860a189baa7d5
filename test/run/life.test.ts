import { expect, test } from "vitest";
import { parseSchedule, type Schedule } from "../../nemesis/schedule.ts";
import { createPlan, DEFAULT_CHOICES } from "../../src/run/plan.ts";
import { simulate, type Simulated } from "../../src/run/simulate.ts";
import { DEFAULT_SIM_OPTIONS, type DiskOptions } from "../../src/sim/options.ts";

const QUIET = parseSchedule({ faults: [] }, "quiet");
const DOWN = parseSchedule(
  { faults: [{ at: 0, for: "end", fault: { type: "kill", nodes: "all" } }] },
  "down",
);
const SEEDS = Array.from({ length: 10 }, (_, i) => `life${i + 1}`);

function run(seed: string, schedule: Schedule, disk: Partial<DiskOptions> = {}): Simulated {
  const plan = createPlan({
    ...DEFAULT_CHOICES,
    seed,
    environment: "sim",
    nodeCount: 1,
    concurrency: 20,
    rate: 10,
    durationMs: 3000,
    schedule: { schedule, fileName: "test" },
    sim: { ...DEFAULT_SIM_OPTIONS, disk: { ...DEFAULT_SIM_OPTIONS.disk, ...disk } },
  });
  return simulate(plan);
}

test("a node whose disk fails before the load begins is started again", () => {
  // It ends over every third sync or so, and must sync its vote before it leads.
  const ends = SEEDS.map((seed) => run(seed, QUIET, { syncFailProbability: 0.3 }));
  expect(ends.flatMap(({ troubles }) => troubles)).toEqual([]);
});

test("the load goes on after the heal until something of each kind has succeeded", () => {
  const ends = SEEDS.map((seed) => run(seed, DOWN));
  expect(ends.map(({ verdict, conclusion }) => `${verdict}: ${conclusion}`)).toEqual(
    SEEDS.map(() => "valid: Every check passed, and the chaos bit."),
  );
  // Some had to wait for it.
  const [shortest, longest] = [Math.min, Math.max].map((pick) =>
    pick(...ends.map(({ simulatedMs }) => simulatedMs)),
  );
  expect(longest).toBeGreaterThan((shortest ?? 0) + 1000);
});
