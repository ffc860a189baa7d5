import type { CheckerRecord } from "../../checker/checker.ts";
import { describeFault } from "../../nemesis/describe.ts";
import type { Nemesis } from "../../nemesis/nemesis.ts";
import { Progress, type ProgressEvent } from "../report/progress.ts";
import type { ProgressView } from "../report/progress-view.ts";
import type { TestPlan } from "../store/plan.ts";
import type { Observers } from "./observers.ts";

/** Somebody who watches a run: a terminal, a page in a browser. */
export interface Audience {
  /** Called often (10 times a second). */
  update(view: ProgressView): void;
  /** Something worth telling at once. */
  event(event: ProgressEvent): void;
  /** All that is recorded, in the order of time. */
  observe?(record: CheckerRecord): void;
  /** The load begins; times of the schedule count from there. */
  begin?(beganNs: number, nemesis: Nemesis): void;
  close(): void;
}

interface LoadUnderWay {
  readonly beganNs: number;
  readonly nemesis: Nemesis;
  readonly observers: Pick<Observers, "checkers">;
}

/** Keeps whoever watches up to date while a run goes on. */
export class Display {
  readonly #audiences: readonly Audience[];
  readonly #plan: TestPlan;
  readonly #progress = new Progress();
  readonly #told = new Set<string>();
  #phase = "";
  #load: LoadUnderWay | undefined;
  #nowNs = 0;

  constructor(audiences: readonly Audience[], plan: TestPlan) {
    this.#audiences = audiences;
    this.#plan = plan;
  }

  phase(phase: string): void {
    this.#phase = phase;
    this.#draw();
  }

  /** The load begins. */
  begin(load: LoadUnderWay): void {
    this.#load = load;
    for (const audience of this.#audiences) audience.begin?.(load.beganNs, load.nemesis);
    this.phase("load");
  }

  observe(record: CheckerRecord): void {
    for (const audience of this.#audiences) audience.observe?.(record);
    for (const event of this.#progress.observe(record)) this.#tell(event);
  }

  update(nowNs: number): void {
    this.#nowNs = nowNs;
    if (this.#audiences.length === 0) return;
    this.#tellViolations();
    this.#draw();
  }

  close(): void {
    for (const audience of this.#audiences) audience.close();
  }

  #tell(event: ProgressEvent): void {
    for (const audience of this.#audiences) audience.event(event);
  }

  #tellViolations(): void {
    for (const checker of this.#load?.observers.checkers.checkers ?? []) {
      for (const { property, sentence } of checker.found) {
        if (this.#told.has(property)) continue;
        this.#told.add(property);
        this.#tell({ type: "violation", timeNs: this.#nowNs, text: sentence });
      }
    }
  }

  #draw(): void {
    const checkers = this.#load?.observers.checkers.checkers ?? [];
    const view: ProgressView = {
      ...this.#progress.state(this.#nowNs),
      phase: this.#phase,
      durationMs: this.#plan.durationMs,
      nextFault: this.#nextFault(),
      checkers: checkers.map(({ id, found }) => ({ id, found: found.length })),
    };
    for (const audience of this.#audiences) audience.update(view);
  }

  #nextFault(): { text: string; inMs: number } | null {
    if (this.#load === undefined) return null;
    const elapsedMs = (this.#nowNs - this.#load.beganNs) / 1e6;
    for (const entry of this.#plan.schedule.faults) {
      if (!("atMs" in entry) || entry.atMs <= elapsedMs) continue;
      return { text: describeFault(entry.fault), inMs: entry.atMs - elapsedMs };
    }
    return null;
  }
}
