import { majority } from "../../src/base/node-id.ts";

/** The highest value that a majority has reached. */
export function heldByMajority(values: readonly number[]): number {
  const descending = [...values].sort((a, b) => b - a);
  return descending[majority(descending.length) - 1] ?? 0;
}
