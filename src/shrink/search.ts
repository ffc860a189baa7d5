import type { Anomaly } from "../../checker/verdict.ts";
import type { Schedule } from "../../nemesis/schedule.ts";
import { isTimed, type Deviation } from "../sim/deviation.ts";
import type { TestPlan } from "../store/plan.ts";
import { sizeOf } from "./size.ts";

/** What a run of a plan came to, as far as it was the violation that is sought. */
export interface Sighting {
  readonly anomaly: Anomaly;
  /** Nanoseconds since the start of the run, as in the anomaly. */
  readonly beganNs: number;
  /** As it ran until there: every target named. */
  readonly schedule: Schedule;
}

export interface SearchOptions {
  /**
   * Runs the plan until the violation is seen; undefined: it is not. With a listener, told of every decision in the
   * run that was not the benign world's.
   */
  readonly attempt: (
    plan: TestPlan,
    onDeviation?: (deviation: Deviation) => void,
  ) => Sighting | undefined;
  readonly isTimeUp: () => boolean;
  /** After every try. */
  readonly onTry?: (search: Pick<Search, "plan" | "tries">) => void;
}

/** A walk from a plan to ever smaller ones, all of which lead to the violation. */
export class Search {
  readonly #options: SearchOptions;
  #plan: TestPlan;
  #sighting: Sighting;
  /** Small plans that were seen not to lead to it. */
  readonly #failed = new Set<string>();
  tries = 1;

  private constructor(plan: TestPlan, sighting: Sighting, options: SearchOptions) {
    this.#plan = plan;
    this.#sighting = sighting;
    this.#options = options;
  }

  /** Undefined: the plan does not lead to it. */
  static begin(plan: TestPlan, options: SearchOptions): Search | undefined {
    const sighting = options.attempt(plan);
    return sighting && new Search(plan, sighting, options);
  }

  get plan(): TestPlan {
    return this.#plan;
  }

  get anomaly(): Anomaly {
    return this.#sighting.anomaly;
  }

  /** Takes the plan if it still leads to the violation. */
  readonly try = (plan: TestPlan): boolean => {
    if (this.#options.isTimeUp()) throw new TimeIsUp();
    const name = sizeOf(plan).events < NAMED_MAX ? JSON.stringify(plan) : undefined;
    if (name !== undefined && this.#failed.has(name)) return false;
    this.tries++;
    const sighting = this.#options.attempt(plan);
    if (sighting !== undefined) {
      this.#plan = plan;
      this.#sighting = sighting;
    } else if (name !== undefined) this.#failed.add(name);
    this.#options.onTry?.(this);
    return sighting !== undefined;
  };

  /** Takes the first of these that still leads to it. */
  tryFirst(plans: Iterable<TestPlan>): boolean {
    for (const plan of plans) if (this.try(plan)) return true;
    return false;
  }

  readonly tryDeviations = (deviations: readonly Deviation[]): boolean =>
    this.try({ ...this.#plan, deviations });

  readonly tryFaults = (faults: Schedule["faults"]): boolean =>
    this.try({ ...this.#plan, schedule: { ...this.#plan.schedule, faults: closed(faults) } });

  /**
   * Away with what never came to be in the run as far as it goes, and with all of it that comes after the violation;
   * what was decided by roles is named.
   */
  tighten(): void {
    const { anomaly, beganNs, schedule } = this.#sighting;
    const endMs = Math.ceil((anomaly.timeNs - beganNs) / 1e6) + 1;
    const durationMs = Math.max(1, Math.min(this.#plan.durationMs, endMs));
    const faults = schedule.faults.flatMap(({ ran, ...entry }) =>
      ran?.outcome === "confirmed" ? [entry] : [],
    );
    const decided: Deviation[] = [];
    this.#options.attempt(this.#plan, (deviation) => {
      if (deviation.type !== "operation") decided.push(deviation);
    });
    const { deviations = [] } = this.#plan;
    const moments = deviations.filter(
      (one) => (one.type === "operation" || isTimed(one)) && one.atMs <= endMs,
    );
    const plan = { ...this.#plan, deviations: [...decided, ...moments] };
    const named = { ...plan, schedule: { ...plan.schedule, faults } };
    this.tryFirst([{ ...named, durationMs }, { ...plan, durationMs }, named, plan]);
  }

  /** False: the time was up before `act` was done. */
  whileTimeLasts(act: () => void): boolean {
    try {
      act();
    } catch (error) {
      if (!(error instanceof TimeIsUp)) throw error;
      return false;
    }
    return true;
  }
}

/** Plans with more events than this are not tried twice anyway. */
const NAMED_MAX = 300;

/** Ends a search wherever it is; what was found until then counts. */
class TimeIsUp extends Error {}

/** Without those that wait for the end of one that is not there. */
function closed(faults: Schedule["faults"]): Schedule["faults"] {
  const ids = new Set(faults.map(({ id }) => id));
  const left = faults.filter(
    (entry) => !("when" in entry) || entry.when.type !== "healed" || ids.has(entry.when.entry),
  );
  return left.length === faults.length ? left : closed(left);
}
