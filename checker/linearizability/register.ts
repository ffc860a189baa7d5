import type { Guide, Interval, Model } from "./model.ts";
import { type RegisterOperation, show, type Value } from "./register-operation.ts";

/** What the search needs to know of an operation on a register. */
export type RegisterInput = Pick<RegisterOperation, "kind" | "value" | "expected">;

/** One register, absent at first. */
export const registerModel: Model<Value, RegisterInput> = {
  init: () => null,
  step(state, { kind, value, expected }) {
    switch (kind) {
      case "read":
        return state === value ? state : undefined;
      case "cas":
        return state === expected ? value : undefined;
      case "refused":
        return state === expected ? undefined : state;
      case "write":
      case "delete":
        return value;
    }
  },
  equal: (a, b) => a === b,
  describe({ kind, value, expected }) {
    switch (kind) {
      case "read":
        return `read ${show(value)}`;
      case "write":
        return `write ${show(value)}`;
      case "cas":
        return `cas ${show(expected)} → ${show(value)}`;
      case "refused":
        return `cas from ${show(expected)}, refused`;
      case "delete":
        return "delete";
    }
  },
  isObserver: ({ kind }) => kind === "read" || kind === "refused",
};

export function intervalOf(operation: RegisterOperation): Interval<RegisterInput> {
  const { call, return: returned, isCertain } = operation;
  return { input: operation, call, return: returned, isCertain };
}

/**
 * A value must not be left while somebody certainly still sees it and nobody is left to write it again.
 * Counts, for every value, the observations to come and the writers to come.
 */
export function registerGuide(operations: readonly RegisterOperation[]): Guide<Value> {
  const observersLeft = new Map<Value, number>();
  const writersLeft = new Map<Value, number>();
  const add = (counts: Map<Value, number>, value: Value, by: number): void => {
    counts.set(value, (counts.get(value) ?? 0) + by);
  };
  const count = ({ kind, value, expected, isCertain }: RegisterOperation, by: number): void => {
    if (kind === "refused") return;
    if (kind === "read") add(observersLeft, value, by);
    else add(writersLeft, value, by);
    if (kind === "cas" && isCertain) add(observersLeft, expected, by);
  };
  for (const operation of operations) count(operation, 1);
  return {
    placed: (operation) => count(operations[operation]!, -1),
    lifted: (operation) => count(operations[operation]!, 1),
    isHopeless: (before, after) =>
      before !== after &&
      (observersLeft.get(before) ?? 0) > 0 &&
      (writersLeft.get(before) ?? 0) === 0,
  };
}
