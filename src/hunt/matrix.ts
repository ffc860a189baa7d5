import type { Mutant } from "../../node/mutants/mutants.ts";
import type { Catch, Trial } from "./trial.ts";

/** One line of the matrix: all trials of one seeded bug but those that were cut short. */
export interface MatrixRow {
  readonly mutant: string;
  readonly mechanism: string;
  /** The checker that it names. */
  readonly property: string;
  /** 0: all were cut short, so nothing is known of it. */
  readonly trialCount: number;
  readonly named: Spread;
  readonly nodes: Spread;
  readonly clients: Spread;
  /** Other properties that were violated, most often first. */
  readonly also: readonly string[];
  readonly seedCount: number;
  readonly differences: number;
  /** Share of seeds in which it decided otherwise than the rule that it replaces, 0 to 1. */
  readonly differingShare: number;
  /** What is to be explained about it; empty for one that is as it says. */
  readonly remarks: readonly string[];
}

/** In how many trials, and how soon. Median and worst are of those that caught it; null where none did. */
export interface Spread {
  readonly caught: number;
  readonly seedsMedian: number | null;
  readonly seedsWorst: number | null;
  readonly secondsMedian: number | null;
  readonly secondsWorst: number | null;
}

export function rowOf({ id, mechanism, property }: Mutant, trials: readonly Trial[]): MatrixRow {
  const whole = trials.filter(({ isWhole }) => isWhole);
  const sum = (of: (trial: Trial) => number): number =>
    whole.reduce((total, trial) => total + of(trial), 0);
  const seedCount = sum((trial) => trial.seedCount);
  const row = {
    mutant: id,
    mechanism,
    property,
    trialCount: whole.length,
    named: spreadOf(whole.map(({ named }) => named)),
    nodes: spreadOf(whole.map(({ nodes }) => nodes)),
    clients: spreadOf(whole.map(({ clients }) => clients)),
    also: violatedBy(whole).filter((other) => other !== property),
    seedCount,
    differences: sum(({ differences }) => differences),
    differingShare: sum(({ differingSeeds }) => differingSeeds) / Math.max(1, seedCount),
  };
  return { ...row, remarks: remarksOn(row, trials) };
}

function remarksOn(row: Omit<MatrixRow, "remarks">, trials: readonly Trial[]): string[] {
  const { property, also, seedCount, differences, named } = row;
  const unclean = trials.flatMap((trial) => trial.unclean);
  const onUnclean = unclean.map(
    (seed) =>
      `seed ${seed} shows something without the bug as well: raftwreck hunt --seeds ${seed}`,
  );
  if (named.caught > 0 || trials.some(({ isWhole }) => !isWhole)) return onUnclean;
  if (also.length > 0) {
    return [...onUnclean, `never caught by ${property}, which it names, but by ${also.join(", ")}`];
  }
  const why =
    differences === 0
      ? "it never decided otherwise than the rule that it replaces: no run gets there"
      : `it decided otherwise ${differences} times, and nobody noticed`;
  return [...onUnclean, `not caught in ${seedCount} seeds: ${why}`];
}

/** Most often first. */
function violatedBy(trials: readonly Trial[]): string[] {
  const counts = new Map<string, number>();
  for (const { violated } of trials) {
    for (const [property, count] of Object.entries(violated)) {
      counts.set(property, (counts.get(property) ?? 0) + count);
    }
  }
  return [...counts].toSorted(([, a], [, b]) => b - a).map(([property]) => property);
}

function spreadOf(catches: readonly (Catch | null)[]): Spread {
  const caught = catches.filter((one) => one !== null);
  const seeds = caught.map((one) => one.seeds).toSorted((a, b) => a - b);
  const seconds = caught.map(({ hostMs }) => hostMs / 1000).toSorted((a, b) => a - b);
  return {
    caught: caught.length,
    seedsMedian: median(seeds),
    seedsWorst: seeds.at(-1) ?? null,
    secondsMedian: median(seconds),
    secondsWorst: seconds.at(-1) ?? null,
  };
}

/** The lower one of an even number. */
export function median(sorted: readonly number[]): number | null {
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? null;
}
