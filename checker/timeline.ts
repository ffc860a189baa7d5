import type { TraceEvent } from "../src/base/trace.ts";
import type { CheckerRecord, Observer } from "./checker.ts";
import { FaultLog } from "./fault-log.ts";
import type { Op } from "./history.ts";
import { Pairing } from "./operations.ts";

/** How a completed operation went, as seen by somebody who waits for the service. */
export type Outcome = "ok" | "refused" | "unknown";

/** A completed operation, reduced to what time is concerned with. */
export interface Completed {
  readonly f: string;
  readonly type: "ok" | "fail" | "info";
  readonly calledNs: number;
  readonly completedNs: number;
  readonly outcome: Outcome;
}

/** A cas that found another value was answered: the service did its work. Every other `fail` is a refusal. */
export function outcomeOf(op: Op): Outcome {
  if (op.type === "ok" || (op.type === "fail" && op.error === "cas-mismatch")) return "ok";
  return op.type === "fail" ? "refused" : "unknown";
}

/**
 * What happened when: completed operations, faults and leader elections, in the order of time. The guards judge by it,
 * and share one.
 */
export class Timeline implements Observer {
  readonly reads = ["op", "start", "role", "exit"] as const;
  readonly completed: Completed[] = [];
  /** How often each function was invoked. */
  readonly invoked = new Map<string, number>();
  readonly faults = new FaultLog();
  /** Times at which some node became leader. */
  readonly leaderTimesNs: number[] = [];
  /** Starts of a process after its node's first one, and its ends. */
  readonly restartTimesNs: number[] = [];
  readonly exitTimesNs: number[] = [];
  lastTimeNs = 0;
  readonly #pairing = new Pairing();
  readonly #started = new Set<string>();

  get invokedCount(): number {
    let sum = 0;
    for (const count of this.invoked.values()) sum += count;
    return sum;
  }

  get complaints(): readonly string[] {
    return this.#pairing.complaints;
  }

  observe(record: CheckerRecord): void {
    if (record.type === "op") {
      this.faults.observe(record.op);
      this.#op(record.op);
    } else this.#event(record.event);
  }

  /** Position of the first completion at or after a moment. */
  positionOf(timeNs: number): number {
    let low = 0;
    let high = this.completed.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.completed[middle]!.completedNs < timeNs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Operations completed within [fromNs, untilNs]. */
  during(fromNs: number, untilNs: number): Completed[] {
    const first = this.positionOf(fromNs);
    let end = first;
    while (end < this.completed.length && this.completed[end]!.completedNs <= untilNs) end++;
    return this.completed.slice(first, end);
  }

  #op(op: Op): void {
    const { f, type, timeNs } = op;
    this.lastTimeNs = Math.max(this.lastTimeNs, timeNs);
    const operation = this.#pairing.observe(op);
    if (!operation) return;
    if (type === "invoke") this.invoked.set(f, (this.invoked.get(f) ?? 0) + 1);
    else {
      const calledNs = operation.invocation.timeNs;
      this.completed.push({ f, type, calledNs, completedNs: timeNs, outcome: outcomeOf(op) });
    }
  }

  #event(event: TraceEvent): void {
    if (event.type === "exit") insert(this.exitTimesNs, event.timeNs);
    if (event.type === "role" && event.role === "leader") insert(this.leaderTimesNs, event.timeNs);
    if (event.type !== "start") return;
    if (this.#started.has(event.node)) insert(this.restartTimesNs, event.timeNs);
    this.#started.add(event.node);
  }
}

/** Into sorted times; lines of different nodes may come interleaved, so it is not always the last. */
function insert(times: number[], timeNs: number): void {
  let at = times.length;
  while (at > 0 && times[at - 1]! > timeNs) at--;
  times.splice(at, 0, timeNs);
}

/** The first of sorted times within [fromNs, untilNs]. */
export function firstWithin(
  times: readonly number[],
  fromNs: number,
  untilNs: number,
): number | undefined {
  return times.find((timeNs) => timeNs >= fromNs && timeNs <= untilNs);
}
