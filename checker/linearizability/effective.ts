import type { RegisterOperation, Value } from "./register-operation.ts";

/** Values that some operation certainly saw, or saw by way of an unknown cas whose value was seen. */
export interface Observed {
  readonly values: ReadonlySet<Value>;
  /** The operations without those of unknown outcome that nobody saw. */
  readonly operations: readonly RegisterOperation[];
}

/**
 * Decides which operations of unknown outcome matter. One whose value somebody saw must have taken effect;
 * one that nobody saw can be left out without changing the verdict: without it the value before it only
 * holds longer. This is exact because every observation here is positive ("it is v", never "it is not v").
 */
export function keepEffective(operations: readonly RegisterOperation[]): Observed {
  const unknownWriters = new Map<Value, RegisterOperation[]>();
  const values = new Set<Value>();
  for (const operation of operations) {
    if (!operation.isCertain) {
      const writers = unknownWriters.get(operation.value);
      if (writers) writers.push(operation);
      else unknownWriters.set(operation.value, [operation]);
    } else if (operation.kind === "read") values.add(operation.value);
    else if (operation.kind === "cas") values.add(operation.expected);
  }
  // A Set is iterated in order of insertion, values added meanwhile included.
  for (const value of values) {
    for (const writer of unknownWriters.get(value) ?? []) {
      if (writer.kind === "cas") values.add(writer.expected);
    }
  }
  return {
    values,
    operations: operations.filter(({ isCertain, value }) => isCertain || values.has(value)),
  };
}
