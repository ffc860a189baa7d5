import type { Op } from "../history.ts";
import { type ConcurrentObject, isPair } from "./concurrent-object.ts";
import { keyValue } from "./key-value.ts";
import { mutex } from "./mutex.ts";
import { fifoQueue } from "./queue.ts";
import { casRegister, register } from "./register.ts";
import { set } from "./set.ts";
import { listAppend, rwRegister, transactionsOf } from "./transactions.ts";
import { versionedRegister } from "./versioned-register.ts";

/** Everything that a history can be judged as. */
export const OBJECTS: readonly ConcurrentObject[] = [
  register,
  casRegister,
  versionedRegister,
  keyValue,
  mutex,
  set,
  fifoQueue,
  listAppend,
  rwRegister,
];

export function objectNamed(name: string): ConcurrentObject | undefined {
  return OBJECTS.find((object) => object.name === name);
}

/**
 * What a history is about, told by one of its invocations; undefined where only others can tell. Reads are
 * common to many.
 */
export function objectOf(op: Op): ConcurrentObject | undefined {
  const { f, value } = op;
  if (f === "txn") return transactionsOf(op);
  if (f === "write" || f === "cas") return casRegister;
  // Read "version nil, value nil": only a register with versions is asked so.
  const isNothing = (part: unknown): boolean => isPair(part) && part.every((item) => item === null);
  if (f === "read" && (isNothing(value) || (isPair(value) && isNothing(value[1])))) {
    return versionedRegister;
  }
  return OBJECTS.find(({ functions }) => functions.includes(f));
}
