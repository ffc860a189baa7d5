import type { Anomaly } from "../../checker/verdict.ts";
import type { Schedule } from "../../nemesis/schedule.ts";
import type { Deviation } from "../sim/deviation.ts";
import type { TestPlan } from "../store/plan.ts";
import { sizeOf } from "./size.ts";
import { withFaults } from "./with-faults.ts";

/** What a run of a plan came to, as far as it was the violation that is sought. */
export interface Sighting {
  readonly anomaly: Anomaly;
  /** Of the simulator, until there. */
  readonly eventCount: number;
  /** Nanoseconds since the start of the run, as in the anomaly. */
  readonly beganNs: number;
  /** As it ran until there: every target named. */
  readonly schedule: Schedule;
}

export interface SearchOptions {
  /** Runs the plan until the violation is seen; undefined: it is not. */
  readonly attempt: (plan: TestPlan, options: AttemptOptions) => Sighting | undefined;
  readonly isTimeUp: () => boolean;
  /** After every try, the first included, in which the plan is listed. */
  readonly onTry?: (search: Pick<Search, "plan" | "tries">) => void;
}

export interface AttemptOptions {
  /** Nanoseconds since the start of the run: what is not seen by then is not looked for. */
  readonly untilNs?: number;
  /** The same in events: a run with many more than the last goes round in circles. */
  readonly eventCountMax?: number;
  /** Told of everything in the run that is not the benign world's, operations included. */
  readonly onDeviation?: ((deviation: Deviation) => void) | undefined;
}

/** So much later than before the violation may come. */
const DELAY_NS = 0.5e9;
/** A short run may have so many more events. */
const EVENT_COUNT_MIN = 5000;

/** Walks from the same beginning, at most. */
export const STARTS = 3;

/** A walk from a plan to ever smaller ones, all of which lead to the violation. */
export class Search {
  readonly #options: SearchOptions;
  readonly #begin: { readonly plan: TestPlan; readonly sighting: Sighting };
  #plan: TestPlan;
  #sighting: Sighting;
  /** Small plans that were seen not to lead to it. */
  readonly #failed = new Set<string>();
  tries = 1;
  /** How many walks from the same beginning there were before: another one goes another way. */
  readonly start: number;

  private constructor(
    begin: { readonly plan: TestPlan; readonly sighting: Sighting },
    options: SearchOptions,
    start: number,
  ) {
    this.#begin = begin;
    this.#plan = begin.plan;
    this.#sighting = begin.sighting;
    this.#options = options;
    this.start = start;
  }

  /**
   * From a plan of a simulated run, on with all that chance decides in it until the violation listed. Undefined: the
   * plan does not lead to it.
   */
  static begin(plan: TestPlan, options: SearchOptions): Search | undefined {
    const deviations: Deviation[] = [];
    const isListed = plan.deviations !== undefined;
    const sighting = options.attempt(
      plan,
      isListed ? {} : { onDeviation: (one) => deviations.push(one) },
    );
    const listed = isListed ? plan : { ...plan, deviations };
    return sighting && new Search({ plan: listed, sighting }, options, 0);
  }

  /** Once more from the beginning. */
  again(start: number, onTry: NonNullable<SearchOptions["onTry"]>): Search {
    return new Search(this.#begin, { ...this.#options, onTry }, start);
  }

  get plan(): TestPlan {
    return this.#plan;
  }

  get anomaly(): Anomaly {
    return this.#sighting.anomaly;
  }

  /** Milliseconds from the beginning of the load to where the violation shows. */
  get endMs(): number {
    const { anomaly, beganNs } = this.#sighting;
    return Math.max(1, Math.ceil((anomaly.timeNs - beganNs) / 1e6) + 1);
  }

  /** Takes the plan if it still leads to the violation. */
  readonly try = (candidate: TestPlan): boolean => {
    if (this.#options.isTimeUp()) throw new TimeIsUp();
    const plan = withFaults(candidate, candidate.schedule.faults);
    const name = sizeOf(plan).events < NAMED_MAX ? JSON.stringify(plan) : undefined;
    if (name !== undefined && this.#failed.has(name)) return false;
    this.tries++;
    const { timeNs, endNs = timeNs } = this.anomaly;
    const sighting = this.#options.attempt(plan, {
      untilNs: endNs + DELAY_NS,
      eventCountMax: 3 * this.#sighting.eventCount + EVENT_COUNT_MIN,
    });
    if (sighting !== undefined) {
      this.#plan = plan;
      this.#sighting = sighting;
    } else if (name !== undefined) this.#failed.add(name);
    this.#options.onTry?.(this);
    return sighting !== undefined;
  };

  /** Takes the first of these that leads to it, in each of which chance decides anew, and lists what it decided there. */
  tryDrawn(plans: Iterable<TestPlan>): boolean {
    if (!this.tryFirst(plans)) return false;
    const deviations: Deviation[] = [];
    this.#options.attempt(this.#plan, { onDeviation: (one) => deviations.push(one) });
    this.#plan = { ...this.#plan, deviations };
    return true;
  }

  /** Takes the first of these that still leads to it. */
  tryFirst(plans: Iterable<TestPlan>): boolean {
    for (const plan of plans) if (this.try(plan)) return true;
    return false;
  }

  readonly tryDeviations = (deviations: readonly Deviation[]): boolean =>
    this.try({ ...this.#plan, deviations });

  readonly tryFaults = (faults: Schedule["faults"]): boolean =>
    this.try(withFaults(this.#plan, faults));

  /**
   * Away with what never came to be in the run as far as it goes, and with all of it that comes after the violation;
   * what was decided by roles is named.
   */
  tighten(): void {
    const { endMs } = this;
    const durationMs = Math.min(this.#plan.durationMs, endMs);
    const faults = this.#sighting.schedule.faults.flatMap(({ ran, ...entry }) =>
      ran?.outcome === "confirmed" ? [entry] : [],
    );
    const { deviations = [] } = this.#plan;
    const cut = withoutTheRest(this.#plan, this.anomaly);
    const plan = {
      ...cut,
      durationMs,
      deviations: deviations.filter((one) => !("atMs" in one) || one.atMs <= endMs),
    };
    const named = { ...plan, schedule: { ...plan.schedule, faults } };
    this.tryFirst([named, plan, { ...named, durationMs: this.#plan.durationMs }]);
  }

  /** Away with what is listed for messages and draws that do not come any more. */
  prune(): void {
    const decided: Deviation[] = [];
    this.#options.attempt(this.#plan, {
      onDeviation: (deviation) => {
        if (deviation.type !== "operation") decided.push(deviation);
      },
    });
    const { deviations = [] } = this.#plan;
    const left = [...decided, ...deviations.filter((one) => "atMs" in one)];
    // One that is so every time is told of each time: more at first, but each can go by itself.
    if (left.length < deviations.length || this.start === 1) this.tryDeviations(left);
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

/** Without what comes after the violation in a run, and what would end this one earlier. */
function withoutTheRest(plan: TestPlan, { property }: Anomaly): TestPlan {
  const { liveness, ...rest } = plan;
  const kept = property === "liveness" && liveness !== undefined ? { liveness } : {};
  return { ...rest, ...kept, failFast: false, nemesis: [] };
}

/** Plans with more events than this are not tried twice anyway. */
const NAMED_MAX = 300;

/** Ends a search wherever it is; what was found until then counts. */
class TimeIsUp extends Error {}
