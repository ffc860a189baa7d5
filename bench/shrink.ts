import { readFileSync } from "node:fs";
import { findMutant, MUTANTS } from "../node/mutants/mutants.ts";
import { sameAs, seek } from "../src/run/seek.ts";
import { simulate } from "../src/run/simulate.ts";
import { swarmPlan } from "../src/run/swarm.ts";
import { shrinkPlan } from "../src/shrink/shrink-plan.ts";
import { sizeOf, sizeText } from "../src/shrink/size.ts";
import type { TestPlan } from "../src/store/plan.ts";
import { quantile, type Figure } from "./figure.ts";

const SEED_MS = 20_000;
const OTHER_SEEDS = 120;
const SECONDS_MAX = 60;
const EVENTS_MAX = 30;

/**
 * Steps of the shortest course that shows the bug, from exhaustive search of the program that had it (Tang et al., SandTable,
 * EuroSys 2024): what is left must be at most twice as long.
 */
const SHORTEST: Readonly<Record<string, number>> = {
  "stale-vote-counted": 8,
  "truncate-always": 9,
  "commit-old-term": 14,
  "append-no-prev-check": 22,
};

/** Every seeded bug of the catalogue found and shrunk, in time of one core. `npm run bench -- shrink ID…`: only these. */
export function measureShrink(): Promise<Figure[]> {
  const asked = process.argv.slice(2);
  const some = MUTANTS.filter(({ id }) => asked.includes(id));
  const rows = (some.length > 0 ? some : MUTANTS).map(({ id }) => shrinkMutant(id));
  const seconds = rows.map((row) => row.seconds).sort((a, b) => a - b);
  const events = rows.map((row) => row.events).sort((a, b) => a - b);
  return Promise.resolve([
    ...rows,
    {
      what: "events left, median",
      value: String(quantile(events, 0.5)),
      goal: `at most ${EVENTS_MAX}`,
      isMet: quantile(events, 0.5) <= EVENTS_MAX,
    },
    {
      what: "time, median and worst",
      value: `${quantile(seconds, 0.5).toFixed(1)} s and ${quantile(seconds, 1).toFixed(1)} s`,
      goal: "at most 10 s and 60 s",
      isMet: quantile(seconds, 0.5) <= 10 && quantile(seconds, 1) <= SECONDS_MAX,
    },
  ]);
}

function shrinkMutant(mutant: string): Figure & { seconds: number; events: number } {
  const eventsMax = Math.min(EVENTS_MAX, 2 * (SHORTEST[mutant] ?? Infinity));
  const goal = `${eventsMax} events, 3 faults, 10 operations, ${SECONDS_MAX} s`;
  const found = find(mutant);
  if (found === undefined) {
    const what = mutant;
    return { what, value: "no seed shows it", goal, isMet: false, seconds: 0, events: 0 };
  }
  const { plan, sought, property } = found;
  const startedAt = coreSeconds();
  const shrunk = shrinkPlan(plan, {
    attempt: (candidate, options) => seek(candidate, sought, options),
    isTimeUp: () => coreSeconds() - startedAt > SECONDS_MAX,
  });
  const seconds = coreSeconds() - startedAt;
  const size = sizeOf(shrunk?.plan ?? plan);
  const { events, faults, operations } = size;
  const figure = {
    what: mutant,
    value:
      `${property}, ${plan.seed}: ${shrunk?.before.events} -> ${sizeText(size)}, ` +
      `${shrunk?.plan.nodeCount} nodes, ${shrunk?.tries} tries, ${seconds.toFixed(1)} s`,
    goal,
    isMet: events <= eventsMax && faults <= 3 && operations <= 10 && shrunk?.isDone === true,
    seconds,
    events,
  };
  // They come one by one, and it takes a while.
  process.stderr.write(`${figure.isMet ? "ok  " : "MISS"}  ${mutant}: ${figure.value}\n`);
  return figure;
}

/** A seed that shows the bug as the catalogue says: the known one, or another if the code has changed. */
function find(
  mutant: string,
): { plan: TestPlan; sought: ReturnType<typeof sameAs>; property: string } | undefined {
  const known = knownSeeds().find((one) => one.mutant === mutant);
  if (known === undefined) return undefined;
  const { property } = known;
  const workloads = [findMutant(mutant)?.workload ?? "register"] as const;
  const others = Array.from({ length: OTHER_SEEDS }, (_, i) => `m${i}`);
  for (const seed of [known.seed, ...others]) {
    const plan = swarmPlan(seed, { durationMs: SEED_MS, mutant, workloads });
    for (const { checker, anomalies } of simulate(plan).checks) {
      const anomaly = anomalies.find((one) => one.property === property);
      if (anomaly !== undefined) return { plan, sought: sameAs({ checker, anomaly }), property };
    }
  }
  return undefined;
}

interface KnownSeed {
  readonly seed: string;
  readonly mutant: string;
  readonly property: string;
}

function knownSeeds(): readonly KnownSeed[] {
  const file = new URL("../../test/sim/seeds.json", import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as { caught: KnownSeed[] }).caught;
}

function coreSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
