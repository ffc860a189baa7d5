import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { KINDS } from "../../nemesis/kinds.ts";
import { ConfigError } from "../../src/base/errors.ts";
import { createPlan, DEFAULT_CHOICES } from "../../src/run/plan.ts";
import { withDeviations } from "../../src/run/simulate.ts";
import { swarmPlan } from "../../src/run/swarm.ts";
import { DEFAULT_SIM_OPTIONS } from "../../src/sim/options.ts";
import type { TestPlan } from "../../src/store/plan.ts";
import { readPlan, writePlan } from "../../src/store/plan-file.ts";
import { tempDir } from "./temp-dir.ts";

const PLAN = createPlan({ ...DEFAULT_CHOICES, seed: "1", environment: "sim", nodeCount: 3 });

function reread(plan: object): TestPlan | undefined {
  const dir = tempDir();
  writeFileSync(join(dir, "plan.json"), JSON.stringify(plan));
  return readPlan(join(dir, "plan.json"));
}

test("plans are read as they were written, whatever was drawn for them", () => {
  const kinds = KINDS.map(({ name }) => name);
  const docker = { ...DEFAULT_CHOICES, environment: "docker", kinds, proxyClients: true } as const;
  const seeds = Array.from({ length: 100 }, (_, i) => `plan${i}`);
  const plans = seeds.flatMap((seed) => [
    swarmPlan(seed, { durationMs: 60_000, mutant: null }),
    createPlan({ ...docker, durationMs: 600_000, seed }),
  ]);
  const short = { ...PLAN, durationMs: 500 };
  for (const plan of [...plans, withDeviations(short)]) {
    const dir = tempDir();
    writePlan(dir, plan);
    expect(readPlan(join(dir, "plan.json"))).toEqual(plan);
  }
});

/** The plan with something of it replaced. */
const withFault = (entry: object): object => ({
  ...PLAN,
  schedule: { ...PLAN.schedule, faults: [entry] },
});
const KILL = { id: "k", lane: "kill", forMs: 100, fault: { type: "kill", nodes: ["n1"] } };

test.each<[string, object, RegExp]>([
  ["a fault without a moment", withFault(KILL), /schedule: faults\[0\]\.at: is missing \(write at/],
  [
    "a fault of no known kind",
    withFault({ ...KILL, atMs: 5, fault: { type: "kil" } }),
    /schedule: faults\[0\]\.fault\.type: "kil" is not known: did you mean "kill"/,
  ],
  [
    "a fault that lacks what it needs",
    withFault({ ...KILL, atMs: 5, fault: { type: "cuts", mode: "drop" } }),
    /schedule: faults\[0\]\.fault\.links: is missing/,
  ],
  ["a schedule that is none", { ...PLAN, schedule: null }, /schedule: null is not a record/],
  [
    "a world with a word for a number",
    { ...PLAN, sim: { ...DEFAULT_SIM_OPTIONS, network: { lossProbability: "some" } } },
    /sim\.network\.lossProbability: .*expected number/,
  ],
  ["a world that is none", { ...PLAN, sim: 5 }, /sim: .*expected object/],
  [
    "half a range",
    { ...PLAN, sim: { ...DEFAULT_SIM_OPTIONS, startMs: [40] } },
    /sim\.startMs: Too small/,
  ],
  [
    "no known manner of being left out",
    { ...PLAN, liveness: { manner: "away", count: 1, withLeader: true } },
    /liveness\.manner: .*"dead"/,
  ],
  [
    "no time between heartbeats",
    { ...PLAN, sim: { ...DEFAULT_SIM_OPTIONS, timing: { heartbeatMs: 0 } } },
    /sim\.timing\.heartbeatMs: Too small/,
  ],
  ["a life of its own", { ...PLAN, durationMs: 1e20 }, /durationMs: Too big/],
  ["deviations that are no list", { ...PLAN, deviations: {} }, /deviations: .*expected array/],
])("a plan with %s is told of in a sentence", (_, plan, sentence) => {
  expect(() => reread(plan)).toThrow(ConfigError);
  expect(() => reread(plan)).toThrow(sentence);
});

test("what a plan of an older version does not say of its world is as by default", () => {
  const { network, ...older } = DEFAULT_SIM_OPTIONS;
  const { slownessMax, ...paces } = network;
  const plan = reread({ ...PLAN, sim: { ...older, network: { ...paces, lossProbability: 0.5 } } });
  expect(plan?.sim).toEqual({
    ...DEFAULT_SIM_OPTIONS,
    network: { ...network, slownessMax, lossProbability: 0.5 },
  });
  expect(reread({ ...PLAN, sim: {} })?.sim).toEqual(DEFAULT_SIM_OPTIONS);
});

test("faults may be written briefly, as in a schedule file", () => {
  const plan = reread(withFault({ at: "2s", for: 1, fault: "kill" }));
  expect(plan?.schedule.faults).toEqual([
    {
      id: "kill-1",
      lane: "kill",
      atMs: 2000,
      forMs: 1000,
      fault: { type: "kill", nodes: "random" },
    },
  ]);
});
