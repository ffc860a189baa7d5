import { MUTANTS } from "../node/mutants/mutants.ts";
import { tryCatalogue } from "../src/hunt/catalogue.ts";
import { median } from "../src/hunt/matrix.ts";
import { WorkerPool } from "../src/hunt/pool.ts";
import { swarmPlan } from "../src/run/swarm.ts";
import type { Figure } from "./figure.ts";

const DURATION_MS = 20_000;
const DEADLINE_MS = 300_000;
const WARM_UP_SEEDS = 100;
const SEEDS = 400;

/** The catalogue on two threads, and what the second one brings. Of the host's time: nothing else should be running. */
export async function measureHunt(): Promise<Figure[]> {
  const [one, two] = [await seedsPerSecond(1), await seedsPerSecond(2)];
  return [
    ...(await measureCatalogue()),
    {
      what: "seeds of 20 simulated s, random configurations, one thread and two",
      value: `${one.toFixed(1)} and ${two.toFixed(1)} a second: ${(two / one).toFixed(2)} times as many`,
      goal: "at least 1.8 times",
      isMet: two / one >= 1.8,
    },
  ];
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

async function seedsPerSecond(size: number): Promise<number> {
  await using prober = new WorkerPool({ size, deadlineMs: DEADLINE_MS });
  const run = async (from: number, count: number): Promise<void> => {
    const plans = Array.from({ length: count }, (_, i) =>
      swarmPlan(`bench ${from + i}`, {
        durationMs: DURATION_MS,
        mutant: null,
        workloads: ["register"],
      }),
    );
    await Promise.all(plans.map((plan) => prober.probe(plan)));
  };
  await run(SEEDS, WARM_UP_SEEDS * size);
  const startMs = performance.now();
  await run(0, SEEDS);
  return (SEEDS * 1000) / (performance.now() - startMs);
}
