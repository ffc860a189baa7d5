import type { WorkloadName } from "../../checker/checkers.ts";
import type { Prng } from "../base/prng.ts";
import type { Completion, Invocation } from "../system/client.ts";

/** What clients do in a run. What has to hold of it is told by the checkers of the same name. */
export interface Workload<Name extends string = WorkloadName> {
  readonly name: Name;
  /** One line for who chooses. */
  readonly text: string;
  /** `prefix` goes before the name of every key. */
  createGenerator(prng: Prng, prefix: string): WorkloadGenerator;
  /** Reads of all that these operations touched. */
  finalReadsOf(invocations: readonly Invocation[]): Invocation[];
  /** An operation to see whether the cluster serves: an even number changes something, the odd one after it reads it. */
  readonly probe: (number: number) => Invocation;
  /** Where the nodes know no such operation: what is asked of them instead, and what their answer means. */
  readonly translation?: Translation;
}

export interface WorkloadGenerator {
  next(): Invocation;
  /** Told of every operation that has ended. */
  observe(invocation: Invocation, completion: Completion): void;
  /** What was acknowledged must still be there at the end. */
  finalReads(): Invocation[];
}

export interface Translation {
  /** What the nodes are asked: "read", "write", "cas", "delete" of a key, or "txn" of steps. */
  ask(invocation: Invocation): Invocation;
  /** What is recorded of an operation that is ok. */
  answer(invocation: Invocation, value: unknown): unknown;
}
