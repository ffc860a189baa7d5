import { createCheckers } from "../../checker/checkers.ts";
import type { CheckerRecord } from "../../checker/checker.ts";
import { CheckerSet } from "../../checker/run-checkers.ts";
import type { Anomaly, CheckResult } from "../../checker/verdict.ts";
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

/** Where to play to: a moment, in milliseconds since the start of the run, or the event with this number. */
export type Goal = { readonly ms: number } | { readonly event: number };

/** Simulated time between two looks at the checkers. */
const LOOK_MS = 20;
/** What is found by then counts. */
const JUDGE_MS_MAX = 10_000;

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
  #beganNs: number | undefined;
  #reachedMs = 0;
  #isOver = false;

  /** Without an audience for somebody who only wants to know how it ends. */
  constructor(plan: TestPlan, ...audiences: readonly Audience[]) {
    this.#plan = plan;
    const nodes = nodeNames(plan.nodeCount);
    const workload = builtInWorkload(plan.workload);
    this.#checkers = new CheckerSet(createCheckers({ workload: workload.judgedBy, nodes }));
    this.#display = new Display(audiences, plan);
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
            this.#beganNs = beganNs;
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

  /** Since the start of the run: the moment it was played to, though nothing may have happened there. */
  get nowMs(): number {
    return Math.max(this.#reachedMs, this.#simulation.nowNs() / 1e6);
  }

  /** Number of the event that was the last one. */
  get event(): number {
    return this.#simulation.world.queue.eventCount;
  }

  /** What happens next, in one line. */
  get next(): string {
    return nextEvent(this.#simulation.world);
  }

  /** Faults that were injected so far, by hand or as planned, as entries of a schedule. */
  get injected(): readonly ScheduleEntry[] {
    return this.#nemesis?.asRun().faults.filter(({ ran }) => ran?.outcome !== "skipped") ?? [];
  }

  /** Moment in the schedule's time, in milliseconds since the load began; undefined before that. */
  get loadMs(): number | undefined {
    return this.#beganNs === undefined ? undefined : this.nowMs - this.#beganNs / 1e6;
  }

  /** Plays on, for about so long of the host's time; returns whether it is there, or over. */
  playTo(goal: Goal, hostMs = Infinity): boolean {
    const { world } = this.#simulation;
    const isAt = (ns: number): boolean =>
      world.queue.pendingNs === undefined || world.queue.pendingNs > ns;
    const isThere = (): boolean =>
      this.#isOver || ("event" in goal ? this.event >= goal.event : isAt(goal.ms * 1e6));
    const endMs = performance.now() + hostMs;
    while (!isThere() && performance.now() < endMs) {
      const lookNs = (world.queue.pendingNs ?? 0) + LOOK_MS * 1e6;
      world.run(() => isThere() || isAt(lookNs));
      this.#display.update(this.#simulation.nowNs());
    }
    if (!isThere()) return false;
    if ("ms" in goal && !this.#isOver) this.#reachedMs = goal.ms;
    this.#display.update(this.nowMs * 1e6);
    return true;
  }

  /** Violations that are proved so far. */
  get found(): readonly { readonly checker: string; readonly anomaly: Anomaly }[] {
    return this.#checkers.checkers.flatMap(({ id, found }) =>
      found.map((anomaly) => ({ checker: id, anomaly })),
    );
  }

  /** Judges the run as it is now; only once. */
  judge(): Played {
    const deadlineMs = performance.now() + JUDGE_MS_MAX;
    const budget = { nowMs: () => performance.now(), deadlineMs, memoryBytes: 2 ** 30 };
    const checks = this.#checkers.finish(budget);
    return { checks, digest: this.#simulation.facts().digest };
  }

  #hasFoundEnough(): boolean {
    const { expect, failFast } = this.#plan;
    const property = expect.verdict === "violation" ? expect.property : null;
    return failFast && this.#checkers.hasFound(property);
  }
}
