import type { NemesisValue } from "../../checker/history.ts";
import { laneOf } from "../../nemesis/kinds.ts";
import type { Nemesis } from "../../nemesis/nemesis.ts";
import type { ScheduleEntry } from "../../nemesis/schedule.ts";
import type { OpDraft } from "./load.ts";

export interface OrdersOptions {
  readonly planned: readonly ScheduleEntry[];
  /** Nanoseconds since the start of the run. */
  readonly nowNs: () => number;
  /** Called before each order: goes on to a moment that it has for itself. */
  readonly toOwnMoment: () => void;
  /** Told of the faults of the plan with all that was ordered until now. */
  readonly onFaults: (faults: readonly ScheduleEntry[]) => void;
}

/**
 * What somebody orders while a run goes on, as a part of its plan, at the very moment at which it was done: the plan
 * leads to the same again with nobody there.
 */
export class Orders {
  readonly #options: OrdersOptions;
  #faults: readonly ScheduleEntry[];
  #beganNs = 0;
  /** By the fault's id, in milliseconds since the load began. */
  readonly #injectedAtMs = new Map<string, number>();
  readonly #healedAtMs = new Map<string, number>();

  constructor(options: OrdersOptions) {
    this.#options = options;
    this.#faults = options.planned;
  }

  /** Sees all that is recorded. */
  observe({ process, f, value }: OpDraft): void {
    if (process !== "nemesis" || (f !== "inject" && f !== "heal")) return;
    const { id, phase } = value as NemesisValue;
    const moments = f === "inject" ? this.#injectedAtMs : this.#healedAtMs;
    if (phase === "intent") moments.set(id, (this.#options.nowNs() - this.#beganNs) / 1e6);
  }

  /** The nemesis for whoever gives it orders. */
  takenBy(nemesis: Nemesis, beganNs: number): Nemesis {
    this.#beganNs = beganNs;
    return {
      ...nemesis,
      inject: (fault, forMs) => {
        this.#options.toOwnMoment();
        const id = nemesis.inject(fault, forMs);
        const atMs = this.#injectedAtMs.get(id);
        // Undefined: the end of the run came first.
        if (atMs !== undefined) {
          this.#keep([...this.#faults, { id, lane: laneOf(fault), atMs, fault, forMs }]);
        }
        return id;
      },
      heal: (ids) => {
        for (const id of ids) this.#heal(nemesis, id);
      },
    };
  }

  #heal(nemesis: Nemesis, id: string): void {
    this.#options.toOwnMoment();
    if (this.#healedAtMs.has(id)) return;
    nemesis.heal([id]);
    const [fromMs, toMs] = [this.#injectedAtMs.get(id), this.#healedAtMs.get(id)];
    if (fromMs === undefined || toMs === undefined) return;
    this.#keep(
      this.#faults.map((entry) => (entry.id === id ? { ...entry, forMs: toMs - fromMs } : entry)),
    );
  }

  #keep(faults: readonly ScheduleEntry[]): void {
    this.#faults = faults;
    this.#options.onFaults(faults);
  }
}
