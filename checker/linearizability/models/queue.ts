import type { Model } from "../model.ts";
import { show } from "../register-operation.ts";

export type QueueInput =
  | { readonly f: "enqueue"; readonly value: string }
  /** `value` null: the queue was empty. Undefined: the answer is not known. */
  | { readonly f: "dequeue"; readonly value: string | null | undefined };

/** A queue, first in first out, empty at first. */
export const queueModel: Model<readonly string[], QueueInput> = {
  init: () => [],
  step(state, { f, value }) {
    if (f === "enqueue") return [...state, value];
    if (value === undefined) return state.slice(1);
    if (value === null) return state.length === 0 ? state : undefined;
    return state[0] === value ? state.slice(1) : undefined;
  },
  equal: (a, b) => a.length === b.length && a.every((value, position) => value === b[position]),
  describe({ f, value }) {
    if (f === "enqueue") return `enqueue ${show(value)}`;
    if (value === undefined) return "dequeue";
    return `dequeue → ${value === null ? "nothing" : show(value)}`;
  },
  isObserver: ({ f, value }) => f === "dequeue" && value === null,
};
