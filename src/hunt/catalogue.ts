import { CANARY, type Mutant } from "../../node/mutants/mutants.ts";
import { rowOf, type MatrixRow } from "./matrix.ts";
import type { TestPlan } from "../store/plan.ts";
import type { Outcome, Prober } from "./pool.ts";
import { tryMutant, type Budget, type Trial } from "./trial.ts";

export interface Catalogue {
  readonly format: "raftwreck-mutants";
  readonly version: 1;
  readonly budget: Budget;
  readonly repeat: number;
  readonly rows: readonly MatrixRow[];
  /** False: not even the canary was caught, so the rest says nothing. */
  readonly isAlive: boolean;
  /** Seeds that were run on the correct node, to see that it was the bug that was caught. */
  readonly cleanSeeds: number;
}

export interface CatalogueOptions {
  readonly mutants: readonly Mutant[];
  readonly budget: Budget;
  /** Trials of each, with seeds of their own. */
  readonly repeat: number;
  readonly prober: Prober;
  readonly onTrial: (trial: Trial) => void;
}

/** Tries all of them, the canary first, and a few at a time, so that no thread waits for a trial's next seed. */
export async function tryCatalogue(options: CatalogueOptions): Promise<Catalogue> {
  const { mutants, budget, repeat, onTrial } = options;
  const prober = new CountingProber(options.prober);
  const catalogue = (rows: readonly MatrixRow[], isAlive: boolean): Catalogue => {
    const { cleanSeeds } = prober;
    return { format: "raftwreck-mutants", version: 1, budget, repeat, rows, isAlive, cleanSeeds };
  };
  const canary = await tryMutant(CANARY, { ...budget, seeds: 1, clientSeeds: 0 }, 0, prober);
  if (canary.named === null && canary.isWhole) return catalogue([], false);

  const trials = new Map<Mutant, Trial[]>(mutants.map((mutant) => [mutant, []]));
  const waiting = mutants.flatMap((mutant) =>
    Array.from({ length: repeat }, (_, repetition) => ({ mutant, repetition })),
  );
  const queue = waiting.values();
  const work = async (): Promise<void> => {
    for (const { mutant, repetition } of queue) {
      const trial = await tryMutant(mutant, budget, repetition, prober);
      trials.get(mutant)?.push(trial);
      onTrial(trial);
    }
  };
  await Promise.all(Array.from({ length: 2 * prober.size }, work));
  return catalogue(
    [...trials].map(([mutant, all]) => rowOf(mutant, all)),
    true,
  );
}

/** Counts what is run on the correct node. */
class CountingProber implements Prober {
  cleanSeeds = 0;
  readonly #prober: Prober;

  constructor(prober: Prober) {
    this.#prober = prober;
  }

  get size(): number {
    return this.#prober.size;
  }

  async probe(plan: TestPlan): Promise<Outcome> {
    const outcome = await this.#prober.probe(plan);
    if (plan.mutant === null && outcome.type !== "dropped") this.cleanSeeds++;
    return outcome;
  }

  drop(how?: { readonly atOnce: boolean }): void {
    this.#prober.drop(how);
  }
}
