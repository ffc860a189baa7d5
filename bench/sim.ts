import { createPlan, DEFAULT_CHOICES } from "../src/run/plan.ts";
import { simulate } from "../src/run/simulate.ts";
import { swarmPlan } from "../src/run/swarm.ts";
import type { TestPlan } from "../src/store/plan.ts";
import type { Figure } from "./figure.ts";

const SEED_MS = 20_000;

/**
 * How fast the simulator is, all checkers on, in time of one core. `npm run bench` gives the engine a larger nursery
 * (64 MB), as sweeps over many seeds should: what a run records lives to its end, and is copied around till then.
 */
export function measureSim(): Promise<Figure[]> {
  // A sweep goes on for thousands of seeds: for the first thousand or so the engine still compiles, and is a tenth slower.
  const swarm = measure(
    (seed) => swarmPlan(seed, { durationMs: SEED_MS, mutant: null, workloads: ["register"] }),
    { warmUp: 1000, count: 300 },
  );
  const slow = measure((seed) => steadyPlan(seed, 30), { warmUp: 30, count: 16 });
  const fast = measure((seed) => steadyPlan(seed, 200), { warmUp: 20, count: 8 });
  const startMs = measureStart();
  const seedsPerHour = Math.round(3600 / swarm.secondsPerSeed);
  return Promise.resolve([
    {
      what: "simulated events, random configurations",
      value: `${Math.round(swarm.eventsPerSecond / 1000)} k a second and core`,
      goal: "at least 1,000 k",
      isMet: swarm.eventsPerSecond >= 1e6,
    },
    {
      what: "five nodes, 30 operations a second, default faults",
      value: `${Math.round(slow.speed)} simulated s a second`,
      goal: "at least 1,000",
      isMet: slow.speed >= 1000,
    },
    {
      what: "five nodes, 200 operations a second, default faults",
      value: `${Math.round(fast.speed)} simulated s a second`,
      goal: "at least 200",
      isMet: fast.speed >= 200,
    },
    {
      what: "seeds of 20 simulated s, random configurations",
      value: `${Math.round(seedsPerHour / 1000)} k a core-hour`,
      goal: "at least 100 k",
      isMet: seedsPerHour >= 100_000,
    },
    {
      what: "start-up of one seed",
      value: `${startMs.toFixed(2)} ms`,
      goal: "less than 2 ms",
      isMet: startMs < 2,
    },
  ]);
}

function steadyPlan(seed: string, rate: number): TestPlan {
  const durationMs = 60_000;
  return createPlan({ ...DEFAULT_CHOICES, seed, environment: "sim", rate, durationMs });
}

interface Speed {
  readonly eventsPerSecond: number;
  /** Simulated seconds a second. */
  readonly speed: number;
  readonly secondsPerSeed: number;
}

function measure(
  plan: (seed: string) => TestPlan,
  { warmUp, count }: { readonly warmUp: number; readonly count: number },
): Speed {
  for (let i = 0; i < warmUp; i++) simulate(plan(`warm-up ${i}`));
  const before = process.cpuUsage();
  let events = 0;
  let simulatedMs = 0;
  for (let i = 0; i < count; i++) {
    const run = simulate(plan(`bench ${i}`));
    events += run.events;
    simulatedMs += run.simulatedMs;
  }
  const { user, system } = process.cpuUsage(before);
  const seconds = (user + system) / 1e6;
  return {
    eventsPerSecond: events / seconds,
    speed: simulatedMs / 1000 / seconds,
    secondsPerSeed: seconds / count,
  };
}

/** What a seed costs before anything happens: plan, cluster, checkers. */
function measureStart(): number {
  const count = 200;
  const before = process.cpuUsage();
  for (let i = 0; i < count; i++) {
    simulate(
      swarmPlan(`start ${i}`, { durationMs: SEED_MS, mutant: null, workloads: ["register"] }),
      { eventCountMax: 1 },
    );
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / count;
}
