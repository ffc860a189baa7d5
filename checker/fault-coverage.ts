import type { Checker } from "./checker.ts";
import type { FaultRecord } from "./fault-log.ts";
import { type LatencyMeasures, latencyMeasures } from "./statistics.ts";
import { firstWithin, Timeline } from "./timeline.ts";
import type { CheckResult } from "./verdict.ts";

/** What became of the faults of one kind, and what clients saw meanwhile. */
export interface KindMeasures {
  readonly planned: number;
  readonly confirmed: number;
  readonly failed: number;
  readonly healed: number;
  readonly ok: number;
  readonly refused: number;
  readonly unknown: number;
  /** Whether anything at all was different while a fault of this kind was confirmed. */
  readonly hadEffect: boolean;
}

/** Measures of the checker `fault-coverage`. */
export interface FaultCoverageMeasures {
  readonly byKind: Readonly<Record<string, KindMeasures>>;
  readonly leaderChanges: number;
  readonly restarts: number;
  readonly exits: number;
  /** Each failure to inject or to heal, as a sentence. */
  readonly failures: readonly string[];
}

/** A disturbance is often seen only when a client's deadline or an election timeout is over. */
const AFTERMATH_NS = 2e9;

/**
 * Did the chaos bite? A run whose scheduled faults were never confirmed, or disturbed nothing at all, has
 * tested nothing, so it is `unknown`.
 */
export function createFaultCoverage(timeline = new Timeline()): Checker {
  const { faults } = timeline.faults;

  function finish(): CheckResult {
    const measures = measure(faults, timeline);
    const kinds = Object.entries(measures.byKind);
    const confirmed = kinds.reduce((sum, [, kind]) => sum + kind.confirmed, 0);
    const biting = kinds.filter(([, kind]) => kind.hadEffect).map(([name]) => name);
    const base = { checker: "fault-coverage", anomalies: [], measures: { ...measures } };
    if (kinds.length === 0) {
      return { ...base, verdict: "valid", summary: "no fault was scheduled: a run without chaos" };
    }
    if (confirmed === 0) {
      return { ...base, verdict: "unknown", summary: noneConfirmed(measures) };
    }
    if (biting.length === 0) {
      const summary =
        `${confirmed} faults were confirmed, but none had an effect: no operation failed or became ` +
        `slower, no leader changed, no process ended`;
      return { ...base, verdict: "unknown", summary };
    }
    const summary = `${confirmed} of ${faults.length} faults confirmed (${kinds
      .map(([name, kind]) => `${kind.confirmed} ${name}`)
      .join(", ")}); ${measures.leaderChanges} leader changes, ${measures.restarts} restarts`;
    return { ...base, verdict: "valid", summary };
  }

  return {
    id: "fault-coverage",
    found: [],
    model: timeline,
    observe: (record) => timeline.observe(record),
    finish,
  };
}

function noneConfirmed({ failures, byKind }: FaultCoverageMeasures): string {
  const planned = Object.values(byKind).reduce((sum, kind) => sum + kind.planned, 0);
  const why = failures.length > 0 ? `; first failure: ${failures[0]!}` : "";
  return `${planned} faults were scheduled, and none was confirmed${why}`;
}

function measure(faults: readonly FaultRecord[], timeline: Timeline): FaultCoverageMeasures {
  const calm = latencyMeasures(calmLatencies(faults, timeline));
  const kinds = new Map<string, FaultRecord[]>();
  for (const fault of faults) kinds.set(fault.kind, [...(kinds.get(fault.kind) ?? []), fault]);
  return {
    byKind: Object.fromEntries(
      [...kinds].map(([kind, ofKind]) => [kind, measureKind(ofKind, timeline, calm)]),
    ),
    leaderChanges: Math.max(0, timeline.leaderTimesNs.length - 1),
    restarts: timeline.restartTimesNs.length,
    exits: timeline.exitTimesNs.length,
    failures: faults.flatMap((fault) =>
      fault.failure === undefined ? [] : [`${fault.sentence}: ${fault.failure}`],
    ),
  };
}

function measureKind(
  faults: readonly FaultRecord[],
  timeline: Timeline,
  calm: LatencyMeasures | null,
): KindMeasures {
  const seen = { ok: 0, refused: 0, unknown: 0 };
  const latencies: number[] = [];
  let isDisturbed = false;
  for (const { plannedNs, confirmedNs, healedNs } of faults) {
    if (confirmedNs === undefined) continue;
    const untilNs = (healedNs ?? timeline.lastTimeNs) + AFTERMATH_NS;
    for (const operation of timeline.during(confirmedNs, untilNs)) {
      const isDuring = operation.completedNs <= untilNs - AFTERMATH_NS;
      if (isDuring) seen[operation.outcome]++;
      if (operation.outcome !== "ok") isDisturbed = true;
      else if (isDuring) latencies.push(operation.completedNs - operation.calledNs);
    }
    const events = [timeline.leaderTimesNs, timeline.exitTimesNs, timeline.restartTimesNs];
    // Who loses its disk has ended and is there again before that is confirmed.
    isDisturbed ||= events.some((times) => firstWithin(times, plannedNs, untilNs) !== undefined);
  }
  return {
    planned: faults.length,
    confirmed: faults.filter((fault) => fault.confirmedNs !== undefined).length,
    failed: faults.filter((fault) => fault.failure !== undefined).length,
    healed: faults.filter((fault) => fault.healedNs !== undefined).length,
    ...seen,
    hadEffect: isDisturbed || isSlower(latencies, calm),
  };
}

/** Latencies of `ok` operations that met no fault. */
function calmLatencies(faults: readonly FaultRecord[], timeline: Timeline): number[] {
  const latencies: number[] = [];
  for (const { outcome, calledNs, completedNs } of timeline.completed) {
    if (outcome !== "ok") continue;
    const isCalm = faults.every(
      ({ plannedNs, healedNs }) =>
        completedNs < plannedNs || calledNs > (healedNs ?? Infinity) + AFTERMATH_NS,
    );
    if (isCalm) latencies.push(completedNs - calledNs);
  }
  return latencies;
}

/** Half as slow again at the 95th percentile, and by more than a millisecond, is no accident. */
function isSlower(disturbed: readonly number[], before: LatencyMeasures | null): boolean {
  const during = latencyMeasures(disturbed);
  if (!during || !before) return false;
  return during.p95Ms > before.p95Ms * 1.5 && during.p95Ms > before.p95Ms + 1;
}
