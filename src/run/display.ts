import type { CheckerRecord } from "../../checker/checker.ts";
import { describeFault } from "../../nemesis/describe.ts";
import type { Nemesis } from "../../nemesis/nemesis.ts";
import { Progress } from "../report/progress.ts";
import type { Terminal } from "../report/terminal.ts";
import type { TestPlan } from "../store/plan.ts";
import type { Observers } from "./observers.ts";

/** Keeps whoever watches up to date while a run goes on. */
export class Display {
  readonly #terminal: Terminal;
  readonly #plan: TestPlan;
  readonly #progress = new Progress();
  readonly #told = new Set<string>();
  #phase = "";
  #load:
    | { readonly beganNs: number; readonly nemesis: Nemesis; readonly observers: Observers }
    | undefined;
  #nowNs = 0;

  constructor(terminal: Terminal, plan: TestPlan) {
    this.#terminal = terminal;
    this.#plan = plan;
  }

  phase(phase: string): void {
    this.#phase = phase;
    this.#draw();
  }

  /** The load begins. */
  begin(load: { beganNs: number; nemesis: Nemesis; observers: Observers }): void {
    this.#load = load;
    this.phase("load");
  }

  observe(record: CheckerRecord): void {
    for (const event of this.#progress.observe(record)) this.#terminal.event(event);
  }

  update(nowNs: number): void {
    this.#nowNs = nowNs;
    this.#tellViolations();
    this.#draw();
  }

  close(): void {
    this.#terminal.close();
  }

  #tellViolations(): void {
    for (const checker of this.#load?.observers.checkers.checkers ?? []) {
      for (const { property, sentence } of checker.found) {
        if (this.#told.has(property)) continue;
        this.#told.add(property);
        this.#terminal.event({ type: "violation", timeNs: this.#nowNs, text: sentence });
      }
    }
  }

  #draw(): void {
    const checkers = this.#load?.observers.checkers.checkers ?? [];
    this.#terminal.update({
      ...this.#progress.state(this.#nowNs),
      phase: this.#phase,
      durationMs: this.#plan.durationMs,
      nextFault: this.#nextFault(),
      checkers: checkers.map(({ id, found }) => ({ id, found: found.length })),
    });
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
