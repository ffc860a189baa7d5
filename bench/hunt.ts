import { MUTANTS } from "../node/mutants/mutants.ts";
import { tryCatalogue } from "../src/hunt/catalogue.ts";
import { median } from "../src/hunt/matrix.ts";
import { WorkerPool } from "../src/hunt/pool.ts";
import { swarmPlan } from "../src/run/swarm.ts";
import type { Figure } from "./figure.ts";

const DURATION_MS = 20_000;
const DEADLINE_MS = 300_000;
/** A thread has compiled what it needs after about so many; until then the compiler needs a core of its own. */
const WARM_UP_SEEDS = 300;
const SEEDS = 60;
const ROUNDS = 9;

/** The catalogue on two threads, and what the second one brings. Of the host's time: nothing else should be running. */
export async function measureHunt(): Promise<Figure[]> {
  return [...(await measureCatalogue()), await measureScaling()];
}

async function measureCatalogue(): Promise<Figure[]> {
  await using prober = new WorkerPool({ size: 2, deadlineMs: DEADLINE_MS });
  const startMs = performance.now();
  const { rows } = await tryCatalogue({
    mutants: MUTANTS,
    budget: { explore: "swarm", seeds: 600, clientSeeds: 0, durationMs: DURATION_MS },
    repeat: 1,
    prober,
    onTrial: () => undefined,
  });
  const minutes = (performance.now() - startMs) / 60_000;
  const caught = rows.filter(({ named }) => named.caught > 0).length;
  const seconds = rows.flatMap(({ named }) => named.secondsMedian ?? []).toSorted((a, b) => a - b);
  const middle = median(seconds) ?? NaN;
  return [
    {
      what: "the catalogue of seeded bugs on two threads",
      value: `${caught} of ${rows.length} caught by the checker that they name, in ${minutes.toFixed(1)} min`,
      goal: "all within 10 min",
      isMet: caught === rows.length && minutes <= 10,
    },
    {
      what: "until a seeded bug is caught, one thread",
      value: `median ${middle.toFixed(1)} s, slowest ${(seconds.at(-1) ?? NaN).toFixed(1)} s`,
      goal: "median at most 5 s",
      isMet: middle <= 5,
    },
  ];
}

/** In turn, so that a host that gets faster and slower does so for both. */
async function measureScaling(): Promise<Figure> {
  await using one = new WorkerPool({ size: 1, deadlineMs: DEADLINE_MS });
  await using two = new WorkerPool({ size: 2, deadlineMs: DEADLINE_MS });
  for (const pool of [one, two]) await seedsPerSecond(pool, 0, WARM_UP_SEEDS * pool.size);
  const rates: { readonly one: number; readonly two: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const from = round * SEEDS;
    rates.push({
      one: await seedsPerSecond(one, from, SEEDS),
      two: await seedsPerSecond(two, from, SEEDS),
    });
  }
  const ratios = rates.map((rate) => rate.two / rate.one);
  const ratio = median(ratios.toSorted((a, b) => a - b)) ?? NaN;
  const seeds = rates.map(({ two: rate }) => rate);
  return {
    what: "seeds of 20 simulated s, random configurations, two threads against one",
    value:
      `${ratio.toFixed(2)} times as many (median of ${ROUNDS} turns), ` +
      `${Math.max(...seeds).toFixed(1)} a second at best`,
    goal: "at least 1.8 times",
    isMet: ratio >= 1.8,
  };
}

async function seedsPerSecond(pool: WorkerPool, from: number, count: number): Promise<number> {
  const plans = Array.from({ length: count }, (_, i) =>
    swarmPlan(`bench ${from + i}`, {
      durationMs: DURATION_MS,
      mutant: null,
      workloads: ["register"],
    }),
  );
  const startMs = performance.now();
  await Promise.all(plans.map((plan) => pool.probe(plan)));
  return (count * 1000) / (performance.now() - startMs);
}
