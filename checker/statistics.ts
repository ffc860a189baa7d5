import type { Checker } from "./checker.ts";
import { percentile, Timeline, type Completed } from "./timeline.ts";
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

/**
 * The guard against green runs that say nothing: a run in which no operation, or no operation of some
 * function, ever succeeded proves nothing about it, and neither does a history that contradicts itself.
 */
export function createStatistics(timeline = new Timeline()): Checker {
  function finish(): CheckResult {
    const { invoked, completed, complaints } = timeline;
    const total = new Tally(timeline.invokedCount);
    const tallies = new Map([...invoked].map(([f, count]) => [f, new Tally(count)]));
    for (const operation of completed) {
      total.add(operation);
      tallies.get(operation.f)?.add(operation);
    }
    const measures: StatisticsMeasures = {
      total: total.measures(),
      byFunction: Object.fromEntries([...tallies].map(([f, tally]) => [f, tally.measures()])),
      complaints,
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
    model: timeline,
    found: [],
    observe: (record) => timeline.observe(record),
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

class Tally {
  readonly #counts = { ok: 0, fail: 0, info: 0 };
  readonly #latenciesNs: number[] = [];
  #open: number;

  constructor(invoked: number) {
    this.#open = invoked;
  }

  add({ type, calledNs, completedNs }: Completed): void {
    this.#open--;
    this.#counts[type]++;
    if (type === "ok") this.#latenciesNs.push(completedNs - calledNs);
  }

  measures(): FunctionMeasures {
    const latency = latencyMeasures(this.#latenciesNs);
    return { ...this.#counts, open: this.#open, latency };
  }
}

/** Percentiles of unsorted latencies; null of none. */
export function latencyMeasures(latenciesNs: readonly number[]): LatencyMeasures | null {
  const sorted = new Float64Array(latenciesNs).sort();
  if (sorted.length === 0) return null;
  return {
    p50Ms: percentile(sorted, 0.5)! / 1e6,
    p95Ms: percentile(sorted, 0.95)! / 1e6,
    p99Ms: percentile(sorted, 0.99)! / 1e6,
    maxMs: sorted[sorted.length - 1]! / 1e6,
  };
}
