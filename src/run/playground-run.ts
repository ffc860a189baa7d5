import { createCheckers } from "../../checker/checkers.ts";
import type { CheckerRecord } from "../../checker/checker.ts";
import { CheckerSet } from "../../checker/run-checkers.ts";
import type { CheckResult } from "../../checker/verdict.ts";
import type { Nemesis } from "../../nemesis/nemesis.ts";
import type { ScheduleEntry } from "../../nemesis/schedule.ts";
import { nextEvent } from "../sim/inspect.ts";
import type { TestPlan } from "../store/plan.ts";
import { builtInWorkload } from "../workload/run-workload.ts";
import { type Audience, Display } from "./display.ts";
import { live } from "./life.ts";
import { nodeNames } from "./plan.ts";
import { Simulation } from "./simulation.ts";

/** What came of a run that was played to its end. */
export interface Played {
  readonly checks: readonly CheckResult[];
  readonly digest: string;
}

/**
 * A simulated run that somebody plays with: to a moment, event by event, to the end. There is no way back; whoever
 * wants to go back plays another one to an earlier moment, which comes out the same.
 */
export class PlaygroundRun {
  readonly #plan: TestPlan;
  readonly #simulation: Simulation;
  readonly #checkers: CheckerSet;
  readonly #display: Display;
  #nemesis: Nemesis | undefined;
  #isOver = false;

  constructor(plan: TestPlan, audience: Audience) {
    this.#plan = plan;
    const nodes = nodeNames(plan.nodeCount);
    const workload = builtInWorkload(plan.workload);
    this.#checkers = new CheckerSet(createCheckers({ workload: workload.judgedBy, nodes }));
    this.#display = new Display([audience], plan);
    const observe = (record: CheckerRecord): void => {
      this.#checkers.observe(record);
      this.#display.observe(record);
    };
    this.#simulation = new Simulation(plan, {
      onTrace: (event) => observe({ type: "trace", event }),
    });
    const { nowNs, stage } = this.#simulation;
    let nextIndex = 0;
    live(
      {
        plan,
        workload,
        stage,
        keyPrefix: "",
        nowNs,
        record: (draft) => {
          const op = { index: nextIndex++, timeNs: nowNs(), ...draft };
          this.#simulation.digest({ type: "op", op });
          observe({ type: "op", op });
        },
        isEnough: () => this.#hasFoundEnough(),
        trouble: () => undefined,
        watcher: {
          phase: (phase) => this.#display.phase(phase),
          loadBegins: (beganNs, nemesis) => {
            this.#nemesis = nemesis;
            const observers = { checkers: this.#checkers };
            this.#display.begin({ beganNs, nemesis, observers });
          },
          note: () => undefined,
        },
      },
      () => (this.#isOver = true),
    );
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get nowMs(): number {
    return this.#simulation.nowNs() / 1e6;
  }

  /** What happens next, in one line. */
  get next(): string {
    return nextEvent(this.#simulation.world);
  }

  /** Faults that were injected by hand so far, as entries of a schedule. */
  get byHand(): readonly ScheduleEntry[] {
    const planned = new Set(this.#plan.schedule.faults.map(({ id }) => id));
    return (this.#nemesis?.asRun().faults ?? []).filter(({ id }) => !planned.has(id));
  }

  /** All events up to that moment since the start of the run. */
  playTo(ms: number): void {
    const { world } = this.#simulation;
    const isThere = (): boolean => this.#isOver || (world.queue.pendingNs ?? Infinity) > ms * 1e6;
    while (!isThere()) world.run(isThere, 1000);
    this.#display.update(Math.max(ms * 1e6, this.#simulation.nowNs()));
  }

  /** One event; returns what it was. */
  step(): string {
    const event = this.next;
    this.#simulation.world.run(() => false, 1);
    this.#display.update(this.#simulation.nowNs());
    return event;
  }

  /** Judges the run as it is now. */
  judge(): Played {
    const budget = { nowMs: () => 0, deadlineMs: Infinity, memoryBytes: 2 ** 30 };
    const checks = this.#checkers.finish(budget);
    return { checks, digest: this.#simulation.facts().digest };
  }

  #hasFoundEnough(): boolean {
    const { expect, failFast } = this.#plan;
    const property = expect.verdict === "violation" ? expect.property : null;
    return failFast && this.#checkers.hasFound(property);
  }
}
