import { createRaftCheckers } from "../../checker/raft/raft-checkers.ts";
import type { Mutant } from "../../node/mutants/mutants.ts";
import type { TestPlan } from "../store/plan.ts";
import { Coverage } from "./behaviour.ts";
import { createExplorer, type Strategy } from "./explorer.ts";
import type { Finding } from "./finding.ts";
import type { Outcome, Prober } from "./pool.ts";

/** How long a seeded bug is looked for: fixed before anything is seen, and the same for all of them. */
export interface Budget {
  readonly explore: Strategy;
  /** Seeds that the checker it names has. */
  readonly seeds: number;
  /** Seeds that the clients' history by itself has. */
  readonly clientSeeds: number;
  /** Simulated time of load and faults in each. */
  readonly durationMs: number;
}

/** What came of looking for one seeded bug once. */
export interface Trial {
  readonly mutant: string;
  /** By the checker that it names. */
  readonly named: Catch | null;
  /** By anything that the nodes' traces show. */
  readonly nodes: Catch | null;
  /** By the clients' history alone. */
  readonly clients: Catch | null;
  /** In how many seeds each property was violated. */
  readonly violated: Readonly<Record<string, number>>;
  readonly seedCount: number;
  /** How often it decided otherwise than the rule that it replaces, and in how many seeds it did so at all. */
  readonly differences: number;
  readonly differingSeeds: number;
  /** Seeds that showed something with the bug and without it: they count for nothing, and are to be explained. */
  readonly unclean: readonly string[];
  /** False: it was cut short. */
  readonly isWhole: boolean;
}

export interface Catch {
  readonly seed: string;
  /** The how-manieth it was. */
  readonly seeds: number;
  /** Of this host, over all seeds up to this one. */
  readonly hostMs: number;
}

/** Repetitions have seeds of their own, so that they are independent of each other. */
const SEEDS_APART = 1_000_000;

/**
 * One seed after the other, until the named checker and the clients have both noticed, or have had their seeds. What a
 * seed shows counts only if it shows nothing without the bug.
 */
export async function tryMutant(
  mutant: Mutant,
  { explore, seeds, clientSeeds, durationMs }: Budget,
  repetition: number,
  prober: Prober,
): Promise<Trial> {
  const tally = new Tally(mutant);
  const explorer = createExplorer(explore, { durationMs, mutant: mutant.id });
  const coverage = new Coverage();
  for (let i = 1; i <= seeds; i++) {
    if (tally.has("named") && (tally.has("clients") || i > clientSeeds)) break;
    const seed = String(repetition * SEEDS_APART + i);
    const plan = explorer.plan(seed);
    const outcome = await prober.probe(plan);
    if (outcome.type === "dropped") return tally.trial({ isWhole: false });
    if (outcome.type === "done") {
      explorer.learn(plan, coverage.add(seed, outcome.probed.behaviours));
    }
    const news = tally.add(outcome, i <= clientSeeds);
    if (news.length === 0) continue;
    const clean = await prober.probe(withoutMutant(plan));
    if (clean.type === "dropped") return tally.trial({ isWhole: false });
    tally.settle(seed, news, isClean(clean));
  }
  return tally.trial({ isWhole: true });
}

const VIEWS = ["named", "nodes", "clients"] as const;
type View = (typeof VIEWS)[number];

class Tally {
  readonly #mutant: Mutant;
  readonly #caught: Record<View, Catch | null> = { named: null, nodes: null, clients: null };
  readonly #violated = new Map<string, number>();
  readonly #unclean: string[] = [];
  #seedCount = 0;
  #hostMs = 0;
  #differences = 0;
  #differingSeeds = 0;

  constructor(mutant: Mutant) {
    this.#mutant = mutant;
  }

  has(view: View): boolean {
    return this.#caught[view] !== null;
  }

  /** The views that have noticed for the first time. */
  add(outcome: Exclude<Outcome, { type: "dropped" }>, isForClients: boolean): View[] {
    this.#seedCount++;
    if (outcome.type === "lost") {
      this.#hostMs += outcome.hostMs;
      this.#count([outcome.finding.property]);
      return [];
    }
    const { hostMs, differences, findings } = outcome.probed;
    this.#hostMs += hostMs;
    this.#differences += differences;
    if (differences > 0) this.#differingSeeds++;
    const properties = propertiesOf(findings);
    this.#count(properties);
    const sees: Record<View, boolean> = {
      named: properties.includes(this.#mutant.property),
      nodes: properties.some(isOfNodes),
      clients: isForClients && properties.some((property) => !isOfNodes(property)),
    };
    return VIEWS.filter((view) => sees[view] && !this.has(view));
  }

  settle(seed: string, views: readonly View[], isClean: boolean): void {
    if (!isClean) this.#unclean.push(seed);
    else {
      const caught = { seed, seeds: this.#seedCount, hostMs: this.#hostMs };
      for (const view of views) this.#caught[view] = caught;
    }
  }

  trial({ isWhole }: { readonly isWhole: boolean }): Trial {
    return {
      mutant: this.#mutant.id,
      ...this.#caught,
      violated: Object.fromEntries(this.#violated),
      seedCount: this.#seedCount,
      differences: this.#differences,
      differingSeeds: this.#differingSeeds,
      unclean: this.#unclean,
      isWhole,
    };
  }

  #count(properties: readonly string[]): void {
    for (const property of properties) {
      this.#violated.set(property, (this.#violated.get(property) ?? 0) + 1);
    }
  }
}

function withoutMutant(plan: TestPlan): TestPlan {
  return { ...plan, mutant: null };
}

function isClean(outcome: Outcome): boolean {
  return outcome.type === "done" && outcome.probed.findings.length === 0;
}

function propertiesOf(findings: readonly Finding[]): string[] {
  return [...new Set(findings.map(({ property }) => property))];
}

/** Whatever is not told by nodes or by their environment, clients can tell. */
const OF_NODES: ReadonlySet<string> = new Set([
  ...createRaftCheckers([]).map(({ id }) => id),
  "process-exits",
  "liveness",
  "trouble",
  "crash",
  "hang",
]);

export function isOfNodes(property: string): boolean {
  return OF_NODES.has(property);
}
