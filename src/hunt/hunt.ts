import { EnvironmentError } from "../base/errors.ts";
import type { TestPlan } from "../store/plan.ts";
import { Coverage } from "./behaviour.ts";
import { addCounts, type Counts } from "./counts.ts";
import type { Explorer } from "./explorer.ts";
import { causeOf, normalised, type Finding } from "./finding.ts";
import type { Outcome, Prober } from "./pool.ts";

/** What a hunt has come to so far. */
export class HuntLog {
  seedCount = 0;
  simulatedMs = 0;
  events = 0;
  counts: Counts = {};
  readonly coverage = new Coverage();
  readonly #causes = new Map<string, Cause>();
  /** By why they are, and whose seeds. */
  readonly #undecided = new Map<string, Undecided>();
  readonly #wanted: string | null;

  /** `wanted`: violations of other properties don't count. */
  constructor({ wanted }: { readonly wanted: string | null } = { wanted: null }) {
    this.#wanted = wanted;
  }

  get causes(): readonly Cause[] {
    return [...this.#causes.values()];
  }

  get undecided(): readonly Undecided[] {
    return [...this.#undecided.values()];
  }

  /** Returns how many behaviours were new. */
  add(seed: string, plan: TestPlan, outcome: Outcome): number {
    if (outcome.type === "dropped") return 0;
    this.seedCount++;
    if (outcome.type === "lost") {
      this.#find(seed, plan, [outcome.finding]);
      return 0;
    }
    const { simulatedMs, events, findings, behaviours, counts, undecided } = outcome.probed;
    this.counts = addCounts([this.counts, counts]);
    this.simulatedMs += simulatedMs;
    this.events += events;
    this.#find(seed, plan, findings);
    if (undecided !== undefined) this.#leaveOpen(seed, undecided);
    return this.coverage.add(seed, behaviours);
  }

  #leaveOpen(seed: string, sentence: string): void {
    const key = normalised(sentence);
    const known = this.#undecided.get(key) ?? { sentence, seeds: [] };
    this.#undecided.set(key, known);
    known.seeds.push(seed);
  }

  #find(seed: string, plan: TestPlan, findings: readonly Finding[]): void {
    const first = findings.find(
      ({ kind, property }) =>
        this.#wanted === null || property === this.#wanted || kind !== "violation",
    );
    if (first === undefined) return;
    const key = causeOf(first);
    const known = this.#causes.get(key);
    const cause = known ?? { finding: first, plan, also: new Set<string>(), seeds: [] };
    if (known === undefined) this.#causes.set(key, cause);
    cause.seeds.push(seed);
    for (const { property } of findings) if (property !== first.property) cause.also.add(property);
  }
}

/** Runs of which nothing was proved either way, for reasons that differ in nothing but names and numbers. */
export interface Undecided {
  /** Why that of the first seed is. */
  readonly sentence: string;
  readonly seeds: string[];
}

/** Runs whose earliest finding differs in nothing but names and numbers. */
export interface Cause {
  /** That of the first seed, whose plan this is. */
  readonly finding: Finding;
  readonly plan: TestPlan;
  /** What else was violated in these runs. */
  readonly also: Set<string>;
  readonly seeds: string[];
}

export interface HuntOptions {
  readonly explorer: Explorer;
  readonly seeds: Iterator<number>;
  readonly prober: Prober;
  /** Goes on after something was found. */
  readonly keepGoing: boolean;
  /** True: no more seeds. */
  readonly isOver: () => boolean;
  /** Told of each cause when a seed shows it for the first time. */
  readonly onCause?: (cause: Cause) => void;
}

/**
 * Works off seeds until something is found, there are no more, or it is over. What is learned from a seed counts for those a
 * fixed number of seeds later, and results count in the order of seeds: so a hunt is the same with few threads and many,
 * whichever of them is the faster one. Throws an EnvironmentError where the user's own workload fails, as a run would end.
 */
export async function hunt(options: HuntOptions, log: HuntLog): Promise<void> {
  const { explorer, seeds, prober, keepGoing, isOver, onCause } = options;
  const underWay: { seed: string; plan: TestPlan; outcome: Promise<Outcome> }[] = [];
  for (;;) {
    while (underWay.length < WINDOW_SIZE && !isOver()) {
      const next = seeds.next();
      if (next.done === true) break;
      const seed = String(next.value);
      const plan = explorer.plan(seed);
      underWay.push({ seed, plan, outcome: prober.probe(plan) });
    }
    const first = underWay.shift();
    if (first === undefined) return;
    const outcome = await first.outcome;
    const known = log.causes.length;
    explorer.learn(first.plan, log.add(first.seed, first.plan, outcome));
    for (const cause of log.causes.slice(known)) onCause?.(cause);
    if (log.causes.length > 0 && !keepGoing) return prober.drop({ atOnce: true });
    if (outcome.type === "done" && outcome.probed.workloadTrouble !== undefined) {
      prober.drop({ atOnce: true });
      throw new EnvironmentError(outcome.probed.workloadTrouble);
    }
  }
}

/** Whatever the number of threads, or it would decide what is tried: enough for sixty-four of them to have a plan each. */
const WINDOW_SIZE = 64;
