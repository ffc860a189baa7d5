import { formatDurationMs, formatMomentNs } from "../src/base/duration.ts";
import type { Checker } from "./checker.ts";
import type { FaultRecord } from "./fault-log.ts";
import { latencyMeasures } from "./statistics.ts";
import { firstWithin, Timeline } from "./timeline.ts";
import type { CheckResult } from "./verdict.ts";

/** One row of the report's table of faults and their effects. */
export interface FaultEffect {
  readonly id: string;
  readonly kind: string;
  readonly sentence: string;
  readonly startNs: number;
  /** Null: the fault was there until the end. */
  readonly endNs: number | null;
  readonly confirmed: boolean;
  /** A new leader came up while the fault was there. */
  readonly leaderLost: boolean;
  /** From the start of the fault to the first new leader; null: there was none. */
  readonly newLeaderMs: number | null;
  readonly ok: number;
  readonly failed: number;
  readonly info: number;
  /** From the heal to the first `ok`; null: none came, or the fault was not healed. */
  readonly firstOkMs: number | null;
  /** From the heal to the first leader elected after it; null: none was. */
  readonly leaderAfterHealMs: number | null;
  /** 99th percentile of the `ok` operations meanwhile; null: there were none. */
  readonly p99Ms: number | null;
}

/** Measures of the checker `availability`. */
export interface AvailabilityMeasures {
  readonly invoked: number;
  readonly ok: number;
  /** Share of `ok` among all invoked operations; null: none was invoked. */
  readonly share: number | null;
  /** The longest time without any `ok`. */
  readonly longestOutage: { readonly startNs: number; readonly endNs: number } | null;
  readonly longestOutageMs: number | null;
  readonly faults: readonly FaultEffect[];
}

/**
 * How well clients were served. It only measures: whether the figures are good enough is for thresholds to
 * say. But a cluster that never serves again after the last heal has not been seen to survive.
 */
export function createAvailability(timeline = new Timeline()): Checker {
  const { faults } = timeline.faults;

  function finish(): CheckResult {
    const measures = measure(faults, timeline);
    const base = { checker: "availability", anomalies: [], measures: { ...measures } };
    const dead = neverRecovered(faults, timeline);
    if (dead) return { ...base, verdict: "unknown", summary: dead };
    return { ...base, verdict: "valid", summary: summaryOf(measures) };
  }

  return {
    id: "availability",
    found: [],
    model: timeline,
    observe: (record) => timeline.observe(record),
    finish,
  };
}

function measure(faults: readonly FaultRecord[], timeline: Timeline): AvailabilityMeasures {
  const ok = timeline.completed.filter(({ outcome }) => outcome === "ok").length;
  const invoked = timeline.invokedCount;
  const outage = longestOutage(timeline);
  return {
    invoked,
    ok,
    share: invoked === 0 ? null : ok / invoked,
    longestOutage: outage,
    longestOutageMs: outage && (outage.endNs - outage.startNs) / 1e6,
    faults: faults.map((fault) => effectOf(fault, timeline)),
  };
}

function summaryOf({ share, ok, invoked, longestOutage: outage }: AvailabilityMeasures): string {
  if (share === null) return "no operation was invoked";
  const served = `${(share * 100).toFixed(2)} % of operations were served (${ok} of ${invoked})`;
  if (!outage) return served;
  const length = formatDurationMs((outage.endNs - outage.startNs) / 1e6);
  return `${served}; longest outage ${length}, from ${formatMomentNs(outage.startNs)}`;
}

/** Only where operations were asked for: a pause of the load is no outage. */
function longestOutage({ completed }: Timeline): AvailabilityMeasures["longestOutage"] {
  let longest: AvailabilityMeasures["longestOutage"] = null;
  let sinceNs = completed[0]?.calledNs ?? 0;
  const last = completed.at(-1);
  for (const operation of completed) {
    const { outcome, completedNs } = operation;
    if (outcome !== "ok" && operation !== last) continue;
    if (!longest || completedNs - sinceNs > longest.endNs - longest.startNs) {
      longest = { startNs: sinceNs, endNs: completedNs };
    }
    sinceNs = completedNs;
  }
  return longest;
}

function effectOf(fault: FaultRecord, timeline: Timeline): FaultEffect {
  const startNs = fault.confirmedNs ?? fault.plannedNs;
  const untilNs = fault.healedNs ?? timeline.lastTimeNs;
  const counts = { ok: 0, refused: 0, unknown: 0 };
  const latencies: number[] = [];
  for (const { outcome, calledNs, completedNs } of timeline.during(startNs, untilNs)) {
    counts[outcome]++;
    if (outcome === "ok") latencies.push(completedNs - calledNs);
  }
  const newLeaderNs = firstWithin(timeline.leaderTimesNs, startNs, untilNs);
  const { healedNs } = fault;
  return {
    id: fault.id,
    kind: fault.kind,
    sentence: fault.sentence,
    startNs,
    endNs: healedNs ?? null,
    confirmed: fault.confirmedNs !== undefined,
    leaderLost: newLeaderNs !== undefined,
    newLeaderMs: sinceMs(startNs, newLeaderNs),
    ok: counts.ok,
    failed: counts.refused,
    info: counts.unknown,
    firstOkMs: healedNs === undefined ? null : sinceMs(healedNs, firstOk(timeline, healedNs)),
    leaderAfterHealMs:
      healedNs === undefined
        ? null
        : sinceMs(healedNs, firstWithin(timeline.leaderTimesNs, healedNs, Infinity)),
    p99Ms: latencyMeasures(latencies)?.p99Ms ?? null,
  };
}

function sinceMs(startNs: number, timeNs: number | undefined): number | null {
  return timeNs === undefined ? null : (timeNs - startNs) / 1e6;
}

function firstOk(timeline: Timeline, fromNs: number): number | undefined {
  const { completed } = timeline;
  for (let at = timeline.positionOf(fromNs); at < completed.length; at++) {
    if (completed[at]!.outcome === "ok") return completed[at]!.completedNs;
  }
  return undefined;
}

/** Nothing is said of a run that ended with the heal: only tried and failed operations count. */
function neverRecovered(faults: readonly FaultRecord[], timeline: Timeline): string | undefined {
  const healedNs = Math.max(-1, ...faults.map((fault) => fault.healedNs ?? -1));
  if (healedNs < 0) return undefined;
  const later = timeline.completed.filter(({ calledNs }) => calledNs >= healedNs);
  if (later.length === 0 || later.some(({ outcome }) => outcome === "ok")) return undefined;
  return (
    `none of the ${later.length} operations invoked after the last heal at ` +
    `${formatMomentNs(healedNs)} succeeded: the cluster was not seen to recover`
  );
}
