import type { Checker } from "../checker.ts";
import type { Op } from "../history.ts";
import type { Operation } from "../operations.ts";
import {
  answerOf,
  argumentOf,
  createObjectChecker,
  type Judge,
  momentOf,
  type Reports,
} from "./object-checker.ts";

/**
 * Counters to which numbers from 0 up are added. What a read may show lies between two bounds: what was there for sure
 * when it was called, and what can be there at most when it was answered.
 */
export function createCounterChecker(): Checker {
  return createObjectChecker({
    id: "counter",
    promise: "counters: every read between what was surely added and what can have been",
    words,
    createJudge: (key, reports) => new CounterJudge(key, reports),
  });
}

function words({ f, type, value }: Op): string {
  const [key, argument] = value as [string, unknown];
  if (f === "add") return `add ${String(argument)} to ${key}`;
  return type === "ok" ? `read ${key} → ${countIn(argument)}` : `read ${key}`;
}

/** At least `count` is there for whatever is called from now on, because of `by`. */
interface Floor {
  readonly count: number;
  readonly by: Operation | undefined;
}

/** What a read showed, and the most that can have been there by then. */
interface Shown {
  readonly read: Operation;
  readonly count: number;
  most: number;
}

class CounterJudge implements Judge {
  readonly #key: string;
  readonly #reports: Reports;
  /** All adds that were acknowledged. */
  #acknowledged: Floor = { count: 0, by: undefined };
  /** The highest that was read, and what was added since. */
  #read: Floor = { count: 0, by: undefined };
  /** All adds that were asked for and have not failed. */
  #asked = 0;
  readonly #floors = new Map<Operation, Floor>();
  /** In the order of their answers. */
  readonly #shown: Shown[] = [];

  constructor(key: string, reports: Reports) {
    this.#key = key;
    this.#reports = reports;
  }

  called(operation: Operation): void {
    const { f } = operation.invocation;
    if (f === "add") this.#asked += amountOf(operation);
    else this.#floors.set(operation, this.#floor());
  }

  answered(operation: Operation): void {
    const { type } = operation.completion!;
    if (operation.invocation.f === "add") {
      if (type === "ok") this.#added(operation);
      else if (type === "fail") this.#failed(operation);
      return;
    }
    const floor = this.#floors.get(operation)!;
    this.#floors.delete(operation);
    if (type === "ok") this.#judge(operation, countIn(answerOf(operation)), floor);
  }

  #floor(): Floor {
    return this.#read.count > this.#acknowledged.count ? this.#read : this.#acknowledged;
  }

  #added(add: Operation): void {
    const amount = amountOf(add);
    this.#acknowledged = { count: this.#acknowledged.count + amount, by: add };
    const { count, by } = this.#read;
    // Called after that read was answered, it comes on top of what the read saw.
    if (by !== undefined && add.call > by.return) this.#read = { count: count + amount, by };
  }

  /** It was never there, not for those who read while it was under way either. */
  #failed(add: Operation): void {
    const amount = amountOf(add);
    this.#asked -= amount;
    for (let i = this.#shown.length - 1; i >= 0; i--) {
      const shown = this.#shown[i]!;
      const { read, count } = shown;
      if (read.return < add.call) return;
      const wasPossible = count <= shown.most;
      shown.most -= amount;
      if (!wasPossible || count <= shown.most) continue;
      const text =
        `read ${this.#key} → ${count} at ${momentOf(read)}, but adding ${amount} failed for sure at ` +
        `${momentOf(add)}, and all else that anyone had asked to add by then comes to ${shown.most}`;
      this.#reports.report({ kind: "added too much", text, culprit: read, others: [add] });
    }
  }

  #judge(read: Operation, count: number, { count: least, by }: Floor): void {
    const shown = `read ${this.#key} → ${count} at ${momentOf(read)}`;
    const others = by === undefined ? [] : [by];
    if (Number.isNaN(count)) {
      this.#reports.report({ kind: "no number", text: shown, culprit: read });
    } else if (count < least && by?.invocation.f === "read") {
      const text = `${shown}, but at least ${least} was there since the read at ${momentOf(by)}`;
      this.#reports.report({ kind: "counter went back", text, culprit: read, others });
    } else if (count < least) {
      const text = `${shown}, but ${least} had been added and acknowledged when it was called`;
      this.#reports.report({ kind: "lost add", text, culprit: read, others });
    } else if (count > this.#asked) {
      const text = `${shown}, but all that anyone had asked to add by then comes to ${this.#asked}`;
      this.#reports.report({ kind: "added too much", text, culprit: read });
    } else {
      this.#shown.push({ read, count, most: this.#asked });
      if (count > this.#read.count) this.#read = { count, by: read };
    }
  }
}

function amountOf({ invocation }: Operation): number {
  return Number(argumentOf(invocation));
}

/** Absent is 0. */
function countIn(answer: unknown): number {
  return answer === null ? 0 : typeof answer === "number" ? answer : Number.NaN;
}
