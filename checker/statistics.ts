import type { Checker, CheckerRecord } from "./checker.ts";
import type { Op } from "./history.ts";
import { Pairing } from "./operations.ts";
import { percentile } from "./timeline.ts";
import type { CheckResult } from "./verdict.ts";

/** Latencies of `ok` operations. */
export interface LatencyMeasures {
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export interface FunctionMeasures {
  readonly ok: number;
  readonly fail: number;
  readonly info: number;
  /** Invoked and not completed when the history ended. */
  readonly open: number;
  readonly latency: LatencyMeasures | null;
}

/** Measures of the checker `statistics`. */
export interface StatisticsMeasures {
  readonly total: FunctionMeasures;
  readonly byFunction: Readonly<Record<string, FunctionMeasures>>;
  readonly complaints: readonly string[];
}

interface Tally {
  invoked: number;
  ok: number;
  fail: number;
  info: number;
  latencies: number[];
}

/**
 * The guard against green runs that say nothing: a run in which no operation, or no operation of some
 * function, ever succeeded proves nothing about it, and neither does a history that contradicts itself.
 */
export function createStatistics(): Checker {
  const pairing = new Pairing();
  const tallies = new Map<string, Tally>();

  function observe(op: Op): void {
    const operation = pairing.observe(op);
    if (!operation) return;
    let tally = tallies.get(op.f);
    if (!tally) {
      tallies.set(op.f, (tally = { invoked: 0, ok: 0, fail: 0, info: 0, latencies: [] }));
    }
    if (op.type === "invoke") tally.invoked++;
    else tally[op.type]++;
    if (op.type === "ok") tally.latencies.push(op.timeNs - operation.invocation.timeNs);
  }

  function finish(): CheckResult {
    const measures: StatisticsMeasures = {
      total: measure(total([...tallies.values()])),
      byFunction: Object.fromEntries([...tallies].map(([f, tally]) => [f, measure(tally)])),
      complaints: pairing.complaints,
    };
    const trouble = troubleWith(measures);
    return {
      checker: "statistics",
      verdict: trouble ? "unknown" : "valid",
      summary: trouble ?? summaryOf(measures),
      anomalies: [],
      measures: { ...measures },
    };
  }

  return {
    id: "statistics",
    reads: "op",
    found: [],
    observe: (record: CheckerRecord) => {
      if (record.type === "op") observe(record.op);
    },
    finish,
  };
}

function troubleWith({
  total: all,
  byFunction,
  complaints,
}: StatisticsMeasures): string | undefined {
  if (complaints.length > 0) {
    return `the history contradicts itself in ${complaints.length} places; first ${complaints[0]!}`;
  }
  if (all.ok + all.fail + all.info + all.open === 0) return "no operation was invoked";
  if (all.ok === 0) return "no operation succeeded: is the system under test reachable?";
  const never = Object.keys(byFunction).filter((f) => byFunction[f]!.ok === 0);
  return never.length > 0 ? `no ${never.join(" and no ")} succeeded` : undefined;
}

function summaryOf({ total: all, byFunction }: StatisticsMeasures): string {
  const parts = Object.entries(byFunction).map(([f, tally]) => `${tally.ok} ${f}`);
  return `${all.ok} operations ok (${parts.join(", ")}), ${all.fail} failed, ${all.info + all.open} unknown`;
}

function total(tallies: readonly Tally[]): Tally {
  const sum = { invoked: 0, ok: 0, fail: 0, info: 0, latencies: [] as number[] };
  for (const tally of tallies) {
    sum.invoked += tally.invoked;
    sum.ok += tally.ok;
    sum.fail += tally.fail;
    sum.info += tally.info;
    for (const latency of tally.latencies) sum.latencies.push(latency);
  }
  return sum;
}

function measure({ invoked, ok, fail, info, latencies }: Tally): FunctionMeasures {
  const open = invoked - ok - fail - info;
  return { ok, fail, info, open, latency: latencyMeasures(latencies) };
}

/** Percentiles of unsorted latencies; null of none. */
export function latencyMeasures(latenciesNs: readonly number[]): LatencyMeasures | null {
  const sorted = Float64Array.from(latenciesNs).sort();
  if (sorted.length === 0) return null;
  return {
    p50Ms: percentile(sorted, 0.5)! / 1e6,
    p95Ms: percentile(sorted, 0.95)! / 1e6,
    p99Ms: percentile(sorted, 0.99)! / 1e6,
    maxMs: sorted[sorted.length - 1]! / 1e6,
  };
}
