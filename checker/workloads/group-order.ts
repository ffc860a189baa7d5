import type { Operation } from "../operations.ts";

/** Two operations whose groups say one order and whose times say the other. */
export interface Reversal {
  /** Had returned before `first` was called. */
  readonly second: Operation;
  readonly first: Operation;
}

/**
 * Where the order of groups of operations is known, and any order will do within a group, they have a linearization
 * just if none returned before one of an earlier group was called. One that breaks this, if there is one.
 */
export function findReversal(groups: Iterable<readonly Operation[]>): Reversal | undefined {
  let latest: Operation | undefined;
  for (const group of groups) {
    for (const second of group) {
      if (latest !== undefined && second.return < latest.call) return { second, first: latest };
    }
    for (const operation of group) {
      if (latest === undefined || operation.call > latest.call) latest = operation;
    }
  }
  return undefined;
}
