import type { CheckBudget, Checker } from "../checker.ts";
import { timeOfPlace } from "../formats/assemble.ts";
import { canonical } from "../formats/plain.ts";
import type { Op } from "../history.ts";
import { finishSafely } from "../run-checkers.ts";
import type { CheckResult } from "../verdict.ts";
import {
  type ConcurrentObject,
  type Consistency,
  UnknownConsistency,
} from "./concurrent-object.ts";
import { objectOf } from "./objects.ts";
import { register } from "./register.ts";
import { listAppend } from "./transactions.ts";

export interface JudgeOptions {
  /** What the history is about; undefined: to be told by its functions. */
  readonly object?: ConcurrentObject | undefined;
  /** Whether each value is `[key, value]`; undefined: to be told by its values. */
  readonly isKeyed?: boolean | undefined;
  /** What is promised; undefined: the most, that is linearizability, or strict serializability of transactions. */
  readonly consistency?: Consistency | undefined;
}

export interface JudgedHistory {
  readonly object: ConcurrentObject;
  readonly isKeyed: boolean;
  /** Invocations, and how many of them succeeded. */
  readonly operations: number;
  readonly succeeded: number;
  /** False: nobody wrote down times, and an op's place stands for its second. */
  readonly isTimed: boolean;
  readonly result: CheckResult;
}

/** Nobody said what the history is about, and its functions do not tell. */
export class UnknownObject extends Error {
  override readonly name = "UnknownObject";
  readonly functions: readonly string[];

  constructor(functions: readonly string[]) {
    super(`functions ${functions.join(", ")}`);
    this.functions = functions;
  }
}

/** Judges somebody's history as it is read. Ops are kept only until it is clear what they are about. */
export class HistoryJudge {
  readonly #consistency: Consistency | undefined;
  #object: ConcurrentObject | undefined;
  #isKeyed: boolean | undefined;
  #checker: Checker | undefined;
  #waiting: Op[] = [];
  #operations = 0;
  #succeeded = 0;
  #isTimed = false;

  constructor({ object, isKeyed, consistency }: JudgeOptions) {
    this.#consistency = consistency;
    this.#object = object;
    this.#isKeyed = isKeyed;
  }

  observe(told: Op): void {
    const value = canonical(told.value);
    const op = value === told.value ? told : { ...told, value };
    if (op.type === "invoke") this.#operations++;
    if (op.type === "ok") this.#succeeded++;
    if (op.timeNs !== timeOfPlace(op.index)) this.#isTimed = true;
    if (this.#checker) {
      this.#checker.observe({ type: "op", op });
      return;
    }
    this.#waiting.push(op);
    if (op.type === "invoke") this.#learnFrom(op);
    if (this.#object && this.#isKeyed !== undefined) this.#begin(this.#object, this.#isKeyed);
  }

  finish(budget: CheckBudget): JudgedHistory {
    const object = this.#object ?? this.#byReadsAlone();
    const isKeyed = this.#isKeyed ?? false;
    const checker = this.#checker ?? this.#begin(object, isKeyed);
    const result = finishSafely(checker, budget);
    const [operations, succeeded, isTimed] = [this.#operations, this.#succeeded, this.#isTimed];
    const counts = { operations, succeeded, isTimed };
    return { object, isKeyed, ...counts, result: meaningful(result, succeeded) };
  }

  #learnFrom(op: Op): void {
    if (!this.#object) {
      this.#object = objectOf(op);
      // The ops before were the like of reads; now they can be asked too.
      if (this.#object) for (const earlier of this.#waiting) this.#learnKey(this.#object, earlier);
    } else this.#learnKey(this.#object, op);
  }

  #learnKey(object: ConcurrentObject, op: Op): void {
    if (op.type === "invoke") this.#isKeyed ??= object.namesKey(op);
  }

  #begin(object: ConcurrentObject, isKeyed: boolean): Checker {
    const consistency = this.#consistency;
    if (consistency !== undefined && !object.consistencies?.includes(consistency)) {
      const known = object.consistencies?.join(", ") ?? "nothing but linearizability";
      throw new UnknownConsistency(`of ${object.name} can be judged: ${known}`);
    }
    const checker = object.createChecker({ isKeyed, consistency });
    for (const op of this.#waiting) checker.observe({ type: "op", op });
    this.#waiting = [];
    this.#checker = checker;
    return checker;
  }

  #byReadsAlone(): ConcurrentObject {
    const functions = [...new Set(this.#waiting.map(({ f }) => f))];
    if (functions.join() === "txn") return listAppend;
    if (functions.some((f) => f !== "read")) throw new UnknownObject(functions);
    for (const op of this.#waiting) this.#learnKey(register, op);
    return register;
  }
}

/** A history in which nothing succeeded proves nothing. */
function meaningful(result: CheckResult, succeeded: number): CheckResult {
  if (result.verdict !== "valid" || succeeded > 0) return result;
  return { ...result, verdict: "unknown", summary: "no operation of this history succeeded" };
}
