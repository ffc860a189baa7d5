import { fork, spawnSync, type ChildProcess, type ForkOptions } from "node:child_process";
import { once } from "node:events";
import { MUTANTS } from "../node/mutants/mutants.ts";
import { tryCatalogue } from "../src/hunt/catalogue.ts";
import { median } from "../src/hunt/matrix.ts";
import { WorkerPool } from "../src/hunt/pool.ts";
import type { Figure } from "./figure.ts";

const DURATION_MS = 20_000;
const DEADLINE_MS = 300_000;
/** A thread has compiled what it needs after about so many; until then the compiler needs a core of its own. */
const WARM_UP_SEEDS = 300;
/** So many that it hardly counts that at the end of a turn one thread waits for the other's last seed. */
const SEEDS = 400;
const ROUNDS = 7;

/** The catalogue on two threads, and what a second core brings. Of the host's time: nothing else should be running. */
export async function measureHunt(): Promise<Figure[]> {
  return [...(await measureCatalogue()), await measureScaling()];
}

async function measureCatalogue(): Promise<Figure[]> {
  await using prober = new WorkerPool({ size: 2, deadlineMs: DEADLINE_MS });
  const startMs = performance.now();
  const { rows } = await tryCatalogue({
    mutants: MUTANTS,
    budget: { explore: "swarm", seeds: 1200, clientSeeds: 0, durationMs: DURATION_MS },
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

/**
 * A core with one thread against two cores with two: as much as two threads against one where there is a second core
 * for what the engine does beside them (it collects, it compiles), but what a further core brings. In turn, so that a
 * host that gets faster and slower does so for both.
 */
async function measureScaling(): Promise<Figure> {
  const what = "seeds of 20 simulated s, random configurations, two cores against one";
  const goal = "at least 1.8 times";
  if (spawnSync("taskset", ["-c", "0", "true"]).status !== 0) {
    return { what, value: "no taskset here that keeps a process on one core", goal, isMet: false };
  }
  using one = new Hunter(1, { execPath: "taskset", execArgv: ["-c", "0", process.execPath] });
  using two = new Hunter(2);
  for (const hunter of [one, two]) await hunter.seedsPerSecond(0, WARM_UP_SEEDS * hunter.size);
  const rates: { readonly one: number; readonly two: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const from = round * SEEDS;
    rates.push({
      one: await one.seedsPerSecond(from, SEEDS),
      two: await two.seedsPerSecond(from, SEEDS),
    });
  }
  const ratios = rates.map((rate) => rate.two / rate.one);
  const ratio = median(ratios.toSorted((a, b) => a - b)) ?? NaN;
  const best = Math.max(...rates.map((rate) => rate.two)).toFixed(1);
  const value = `${ratio.toFixed(2)} times as many (median of ${ROUNDS} turns), ${best} a second at best`;
  return { what, value, goal, isMet: ratio >= 1.8 };
}

/** A process of its own with so many threads. */
class Hunter {
  readonly size: number;
  readonly #process: ChildProcess;

  constructor(size: number, options: ForkOptions = {}) {
    this.size = size;
    this.#process = fork(new URL("./hunter.js", import.meta.url), [String(size)], options);
  }

  async seedsPerSecond(from: number, count: number): Promise<number> {
    const answer = once(this.#process, "message");
    const end = once(this.#process, "exit");
    this.#process.send({ from, count, durationMs: DURATION_MS });
    const isAnswered = await Promise.race([answer.then(() => true), end.then(() => false)]);
    if (!isAnswered) throw new Error(`a process of the benchmark ended with ${String(await end)}`);
    const [rate] = await answer;
    return rate as number;
  }

  [Symbol.dispose](): void {
    this.#process.disconnect();
  }
}
