import { majority } from "../../src/base/node-id.ts";

/** The highest value that a majority has reached. */
export function heldByMajority(values: readonly number[]): number {
  const wanted = majority(values.length);
  let held = -Infinity;
  // A handful of values, and asked for with every answer: counting is faster than sorting a copy, and plain indexing than
  // iterators and `at`, for which the engine meets too many kinds of lists.
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value > held && countReached(values, value) >= wanted) held = value;
  }
  return values.length === 0 ? 0 : held;
}

function countReached(values: readonly number[], wanted: number): number {
  let count = 0;
  for (let i = 0; i < values.length; i++) if (values[i]! >= wanted) count++;
  return count;
}
