import type { ScheduleEntry } from "../../nemesis/schedule.ts";
import type { TestPlan } from "../store/plan.ts";

/** A fault of the plan, and whether it is still wanted. */
export interface ChangedFault {
  readonly entry: ScheduleEntry;
  readonly isWanted: boolean;
  /** Not of the original plan. */
  readonly isByHand: boolean;
}

/** A run's plan with what somebody changed about its faults: left out, moved, ended early, added. */
export class ChangedPlan {
  readonly #original: TestPlan;
  readonly #unwanted = new Set<string>();
  #faults: readonly ScheduleEntry[];

  constructor(original: TestPlan) {
    this.#original = original;
    this.#faults = original.schedule.faults;
  }

  get plan(): TestPlan {
    const faults = this.#faults.filter(({ id }) => !this.#unwanted.has(id));
    return { ...this.#original, schedule: { ...this.#original.schedule, faults } };
  }

  get faults(): readonly ChangedFault[] {
    return this.#faults.map((entry) => ({
      entry,
      isWanted: !this.#unwanted.has(entry.id),
      isByHand: !this.#isPlanned(entry.id),
    }));
  }

  /** False again where every change was taken back. */
  get isChanged(): boolean {
    const { faults } = this.#original.schedule;
    const same = (entry: ScheduleEntry, i: number): boolean => entry === faults[i];
    return this.#unwanted.size > 0 || !this.#faults.every(same);
  }

  /** What was added by hand is gone with that. */
  want(id: string, isWanted: boolean): void {
    if (!this.#isPlanned(id)) this.#faults = this.#faults.filter((entry) => entry.id !== id);
    else if (isWanted) this.#unwanted.delete(id);
    else this.#unwanted.add(id);
  }

  /** `atMs` since the beginning of the load. */
  move(id: string, atMs: number): void {
    this.#replace(id, (entry) => ({ ...entry, atMs: Math.max(0, atMs) }));
  }

  /** Its end, `forMs` after it was injected. */
  shorten(id: string, forMs: number): void {
    this.#replace(id, (entry) => ({ ...entry, forMs: Math.max(1, Math.round(forMs)) }));
  }

  /** Those injected by hand that are not in it yet. */
  add(injected: readonly ScheduleEntry[]): void {
    const isNew = ({ id }: ScheduleEntry): boolean => this.#faults.every((one) => one.id !== id);
    this.#faults = [...this.#faults, ...injected.filter(isNew)];
  }

  /** An entry that comes out as it was planned is the planned one. */
  #replace(id: string, change: (entry: ScheduleEntry) => ScheduleEntry): void {
    const planned = this.#original.schedule.faults;
    this.#faults = this.#faults.map((entry) => {
      if (entry.id !== id) return entry;
      const changed = change(entry);
      const before = planned.find((one) => one.id === id);
      return JSON.stringify(changed) === JSON.stringify(before) && before ? before : changed;
    });
  }

  #isPlanned(id: string): boolean {
    return this.#original.schedule.faults.some((entry) => entry.id === id);
  }
}
