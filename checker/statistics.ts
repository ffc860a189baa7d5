import type { Checker } from "./checker.ts";
import { Timeline, type Completed } from "./timeline.ts";
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

/** Percentiles of unsorted latencies (nearest rank); null of none. */
export function latencyMeasures(latenciesNs: readonly number[]): LatencyMeasures | null {
  const { length } = latenciesNs;
  if (length === 0) return null;
  const values = new Float64Array(latenciesNs);
  let from = 0;
  // In ascending order: what lies before a rank that was selected need not be looked at again.
  const percentileMs = (share: number): number => {
    const rank = rankOf(share, length);
    from = select(values, rank, from);
    return values[rank]! / 1e6;
  };
  return {
    p50Ms: percentileMs(0.5),
    p95Ms: percentileMs(0.95),
    p99Ms: percentileMs(0.99),
    maxMs: percentileMs(1),
  };
}

/** Of the value below which `share` of `length` sorted ones lie. */
function rankOf(share: number, length: number): number {
  return Math.min(length - 1, Math.max(0, Math.ceil(share * length) - 1));
}

/**
 * Hoare's selection: moves values from `from` on, until the one that belongs at `rank` in their order is there and none
 * greater before it, none smaller after it. Takes less than half the time of sorting them all. Returns the rank.
 */
function select(values: Float64Array, rank: number, from: number): number {
  let first = from;
  let last = values.length - 1;
  while (first < last) {
    const pivot = values[(first + last) >>> 1]!;
    let low = first;
    let high = last;
    while (low <= high) {
      while (values[low]! < pivot) low++;
      while (values[high]! > pivot) high--;
      if (low > high) break;
      const value = values[low]!;
      values[low++] = values[high]!;
      values[high--] = value;
    }
    if (rank <= high) last = high;
    else if (rank >= low) first = low;
    else break;
  }
  return rank;
}
