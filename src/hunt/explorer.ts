import { expandKinds } from "../../nemesis/kinds.ts";
import { createPrng } from "../base/prng.ts";
import { createPlan, DEFAULT_CHOICES } from "../run/plan.ts";
import { swarmPlan, type SwarmOptions } from "../run/swarm.ts";
import type { TestPlan } from "../store/plan.ts";
import { cross } from "./cross.ts";
import { prioritiesPlan } from "./priorities.ts";
import { scenarioPlan } from "./scenarios.ts";

/** Where to look next. Seeds and what was learned from them decide it, and nothing else. */
export interface Explorer {
  /** What this seed stands for. */
  plan(seed: string): TestPlan;
  /** A plan that was run showed so many behaviours that none before it had shown. */
  learn(plan: TestPlan, newCount: number): void;
}

export const STRATEGIES = ["random", "swarm", "priorities", "scenarios", "novelty"] as const;
export type Strategy = (typeof STRATEGIES)[number];

export function createExplorer(strategy: Strategy, options: SwarmOptions): Explorer {
  switch (strategy) {
    case "random":
      return { plan: (seed) => usualPlan(seed, options), learn: () => undefined };
    case "swarm":
      return { plan: (seed) => swarmPlan(seed, options), learn: () => undefined };
    case "priorities":
      return { plan: (seed) => prioritiesPlan(seed, options), learn: () => undefined };
    case "scenarios":
      return { plan: (seed) => scenarioPlan(seed, options), learn: () => undefined };
    case "novelty":
      return new Novelty(options);
  }
}

/** The usual cluster with every kind of fault: `raftwreck run --environment sim --nemesis all --seed …`. */
function usualPlan(seed: string, { durationMs, mutant }: SwarmOptions): TestPlan {
  const kinds = expandKinds(["all"], "sim");
  return createPlan({
    ...DEFAULT_CHOICES,
    seed,
    environment: "sim",
    kinds,
    durationMs,
    mutant,
    allowUnknown: true,
  });
}

/** Plans that led somewhere new are tried again, each time with something of another. */
class Novelty implements Explorer {
  readonly #options: SwarmOptions;
  readonly #corpus: TestPlan[] = [];

  constructor(options: SwarmOptions) {
    this.#options = options;
  }

  plan(seed: string): TestPlan {
    const drawn = swarmPlan(seed, this.#options);
    const prng = createPrng(seed).fork("novelty");
    // Half of them new, or all would descend from the first few.
    if (this.#corpus.length === 0 || prng.chance(0.5)) return drawn;
    return cross(prng.pick(this.#corpus), drawn, prng);
  }

  learn(plan: TestPlan, newCount: number): void {
    if (newCount === 0) return;
    this.#corpus.push(plan);
    if (this.#corpus.length > CORPUS_MAX) this.#corpus.shift();
  }
}

/** The oldest go: what the first plans showed is what all show. */
const CORPUS_MAX = 100;
