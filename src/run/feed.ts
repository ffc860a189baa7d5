import type { CheckerRecord } from "../../checker/checker.ts";

/** Traces are read from files every 100 ms: what is older than this has come in, unless its node is paused. */
const HOLD_BACK_NS = 400e6;

/**
 * Brings operations and trace events, which come in by different ways, into the order of time before they are
 * observed. Records of one source keep their order.
 */
export class Feed {
  readonly #observe: (record: CheckerRecord) => void;
  #waiting: CheckerRecord[] = [];

  constructor(observe: (record: CheckerRecord) => void) {
    this.#observe = observe;
  }

  push(record: CheckerRecord): void {
    this.#waiting.push(record);
  }

  /** Hands on all that is old enough at `nowNs` of the run's clock. */
  pump(nowNs: number): void {
    const until = nowNs - HOLD_BACK_NS;
    // The sort is stable, so records of one source with equal times stay in order.
    this.#waiting.sort((a, b) => timeOf(a) - timeOf(b));
    let count = 0;
    while (count < this.#waiting.length && timeOf(this.#waiting[count]!) <= until) count++;
    for (const record of this.#waiting.slice(0, count)) this.#observe(record);
    this.#waiting = this.#waiting.slice(count);
  }

  /** Hands on everything. */
  drain(): void {
    this.pump(Infinity);
  }
}

function timeOf(record: CheckerRecord): number {
  return record.type === "op" ? record.op.timeNs : record.event.timeNs;
}
