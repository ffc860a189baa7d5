import { createPrng } from "../src/base/prng.ts";
import { createConverger } from "./converger.ts";
import { entryAsRun, healTrouble, injectionTrouble, newCourse, recordValue } from "./course.ts";
import type { Course, NemesisRecord } from "./course.ts";
import { desiredState, halfPeriodMs, type ActiveFault } from "./desired.ts";
import { healAll, type HealReport } from "./ending.ts";
import type { Fault } from "./fault.ts";
import { laneOf } from "./kinds.ts";
import { resolveFault, type ResolvedFault } from "./resolve.ts";
import type { Schedule } from "./schedule.ts";
import type { ConvergeOutcome, DesiredState, FaultTarget, NemesisClock } from "./target.ts";
import { isMet } from "./trigger.ts";

export interface NemesisOptions {
  readonly schedule: Schedule;
  readonly target: FaultTarget;
  readonly clock: NemesisClock;
  /** Called at every step, in order; the intent is recorded before its act begins. */
  readonly record: (record: NemesisRecord) => void;
  /** How often triggers are looked at. */
  readonly pollMs?: number;
  /** How long after a failed heal it is tried again. */
  readonly retryMs?: number;
}

export interface Nemesis {
  /** Faults that were injected and not yet seen healed, in the order of the schedule. */
  active(): readonly NemesisRecord["value"][];
  /** The schedule as it ran so far: moments, targets and outcomes as they were. It can be run again. */
  asRun(): Schedule;
  /** A fault that nobody planned, at this moment; from now on it is part of the schedule. Returns its id. */
  inject(fault: Fault, forMs: number | null): string;
  /** Ends the faults with these ids before their time; those that are not in force are left alone. */
  heal(ids: readonly string[]): void;
  /**
   * Ends all faults: no more are injected, and everything is healed and looked at, again and again until
   * it is whole or the deadline has passed. `done` is called exactly once for each call.
   */
  stop(done: (report: HealReport) => void, deadlineMs?: number): void;
}

const HEAL_TRY_COUNT_MAX = 5;
const STOP_DEADLINE_MS = 30_000;

/**
 * Injects the faults of a schedule, each in its time, and heals them. Callbacks throughout, no promises:
 * in the simulator all of it happens in virtual time.
 */
export function startNemesis(options: NemesisOptions): Nemesis {
  const { schedule, target, clock, pollMs = 50, retryMs = 500 } = options;
  const converger = createConverger(target);
  const chance = createPrng(schedule.seed);
  const courses = schedule.faults.map(newCourse);
  const electedTerms = new Set<number>();
  const stopped: ((report: HealReport) => void)[] = [];
  let cancelPoll = clock.after(0, poll);
  let isStopping = false;
  let report: HealReport | undefined;

  for (const course of courses) {
    const { entry } = course;
    if ("atMs" in entry) after(course, Math.max(0, entry.atMs - nowMs()), () => inject(course));
  }

  /** Injects what waits for a trigger that is met. */
  function poll(): void {
    const waiting = courses.filter(({ stage, entry }) => stage === "waiting" && "when" in entry);
    if (waiting.length === 0) return;
    const status = target.status();
    for (const { role, term } of status) if (role === "leader") electedTerms.add(term);
    for (const course of waiting) {
      const sight = { status, electedTerms, healedAtMs: healedAtMs(), nowMs: nowMs() };
      if ("when" in course.entry && isMet(course.entry.when, sight)) inject(course);
    }
    cancelPoll = clock.after(pollMs, poll);
  }

  function inject(course: Course): void {
    const { entry } = course;
    course.startedAtMs = nowMs();
    const resolved = resolveFault(entry.fault, target, chance.fork(entry.id));
    if ("reason" in resolved) return giveUp(course, resolved.reason);
    course.resolved = resolved;
    course.stage = "injected";
    // Before the act: what is half injected when something fails is known, and will be healed.
    record(course, "inject", "intent");
    converger.apply(wanted(), (outcome) => judgeInjection(course, resolved, outcome));
    const halfMs = halfPeriodMs(resolved.fault);
    if (halfMs !== undefined) alternate(course, halfMs);
    if (entry.forMs !== null) after(course, entry.forMs, () => heal(course, resolved));
  }

  function injectByHand(fault: Fault, forMs: number | null): string {
    const id = freeId();
    const course = newCourse({ id, lane: laneOf(fault), fault, forMs, atMs: nowMs() });
    courses.push(course);
    if (!isStopping) inject(course);
    return id;
  }

  /** A schedule that ran before may have had faults by hand, too. */
  function freeId(): string {
    const taken = new Set(courses.map(({ entry }) => entry.id));
    let number = courses.length + 1;
    while (taken.has(`by-hand-${number}`)) number++;
    return `by-hand-${number}`;
  }

  function giveUp(course: Course, reason: string): void {
    course.stage = "over";
    course.healedAtMs = nowMs();
    const { sentence } = recordValue(course, "inject", "failed");
    course.outcome = { outcome: "failed", sentence, reason };
    record(course, "inject", "intent");
    record(course, "inject", "failed", reason);
  }

  function judgeInjection(course: Course, resolved: ResolvedFault, outcome: ConvergeOutcome): void {
    const reason = injectionTrouble(resolved, outcome);
    const phase = reason === undefined ? "confirmed" : "failed";
    const { sentence } = resolved;
    course.outcome = { outcome: phase, sentence, ...(reason === undefined ? {} : { reason }) };
    record(course, "inject", phase, reason);
  }

  /** Off and on again every half period, until the heal cancels it. */
  function alternate(course: Course, halfMs: number): void {
    after(course, halfMs, () => {
      course.isOn = !course.isOn;
      converger.refresh(wanted, () => undefined);
      alternate(course, halfMs);
    });
  }

  function heal(course: Course, resolved: ResolvedFault): void {
    beginHeal(course);
    converger.apply(wanted(), (outcome) => judgeHeal(course, resolved, outcome));
  }

  function beginHeal(course: Course): void {
    cancelTimers(course);
    course.stage = "healing";
    course.healedAtMs = nowMs();
    record(course, "heal", "intent");
  }

  function judgeHeal(course: Course, resolved: ResolvedFault, outcome: ConvergeOutcome): void {
    // The heal at the end judges all that were not done before it.
    if (isStopping) return;
    const reason = healTrouble(resolved, outcome.failed);
    if (reason === undefined) return endCourse(course);
    if (course.healTryCount === 0) record(course, "heal", "failed", reason);
    if (++course.healTryCount >= HEAL_TRY_COUNT_MAX) return;
    after(course, retryMs, () =>
      converger.refresh(wanted, (again) => judgeHeal(course, resolved, again)),
    );
  }

  function endCourse(course: Course): void {
    course.stage = "over";
    record(course, "heal", "confirmed");
  }

  function stop(done: (report: HealReport) => void, deadlineMs = STOP_DEADLINE_MS): void {
    if (report !== undefined) return done(report);
    stopped.push(done);
    if (isStopping) return;
    isStopping = true;
    cancelPoll();
    for (const course of courses) {
      cancelTimers(course);
      if (course.stage === "injected") beginHeal(course);
    }
    healAll(converger, clock, { retryMs, deadlineMs }, judgeEnd);
  }

  function judgeEnd(final: HealReport): void {
    report = final;
    for (const course of courses) {
      if (course.stage !== "healing" || course.resolved === undefined) continue;
      const reason = healTrouble(course.resolved, final.failed);
      if (reason === undefined) endCourse(course);
      else record(course, "heal", "failed", reason);
    }
    for (const done of stopped) done(final);
  }

  function wanted(): DesiredState {
    const active: ActiveFault[] = [];
    for (const { stage, resolved, isOn } of courses) {
      if (stage === "injected" && resolved !== undefined) active.push({ resolved, isOn });
    }
    return desiredState(active);
  }

  function healedAtMs(): Map<string, number> {
    return new Map(
      courses.flatMap(({ entry, healedAtMs: atMs }) =>
        atMs === undefined ? [] : [[entry.id, atMs] as const],
      ),
    );
  }

  function record(
    course: Course,
    f: NemesisRecord["f"],
    phase: NemesisRecord["value"]["phase"],
    reason?: string,
  ): void {
    const value = recordValue(course, f, phase, reason);
    options.record({ timeNs: clock.nowNs(), f, value });
  }

  function after(course: Course, ms: number, act: () => void): void {
    const cancel = clock.after(ms, () => {
      course.cancels.delete(cancel);
      act();
    });
    course.cancels.add(cancel);
  }

  function cancelTimers(course: Course): void {
    for (const cancel of course.cancels) cancel();
    course.cancels.clear();
  }

  function nowMs(): number {
    return clock.nowNs() / 1e6;
  }

  return {
    active: () =>
      courses
        .filter(({ stage }) => stage === "injected" || stage === "healing")
        .map((course) => recordValue(course, "inject", "confirmed")),
    asRun: () => ({ ...schedule, faults: courses.map(entryAsRun) }),
    inject: injectByHand,
    heal: (ids) => {
      for (const course of courses) {
        const { stage, resolved, entry } = course;
        if (stage === "injected" && resolved !== undefined && ids.includes(entry.id))
          heal(course, resolved);
      }
    },
    stop,
  };
}
