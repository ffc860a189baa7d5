import type { Guide, Interval, Model } from "../model.ts";
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
  sizeOf: ({ length }) => length,
  describe({ f, value }) {
    if (f === "enqueue") return `enqueue ${show(value)}`;
    if (value === undefined) return "dequeue";
    return `dequeue → ${value === null ? "nothing" : show(value)}`;
  },
  isObserver: ({ f, value }) => f === "dequeue" && value === null,
  guide: queueGuide,
};

/**
 * What comes out first went in first: a value must not go in while another is waiting to that certainly came out
 * before it did. Known of values that went in once and certainly came out; of others nothing is said.
 */
function queueGuide(operations: readonly Interval<QueueInput>[]): Guide<readonly string[]> {
  const enqueues = new Map<string, number>();
  const dequeues = new Map<string, Interval<QueueInput>>();
  const repeated = new Set<string>();
  for (const [at, operation] of operations.entries()) {
    const { f, value } = operation.input;
    if (f === "enqueue") {
      if (enqueues.has(value)) repeated.add(value);
      enqueues.set(value, at);
    } else if (operation.isCertain && typeof value === "string") {
      if (dequeues.has(value)) repeated.add(value);
      dequeues.set(value, operation);
    }
  }
  const outOf = operations.map(({ input: { f, value } }) =>
    f === "enqueue" && !repeated.has(value) ? dequeues.get(value) : undefined,
  );
  const byReturn = operations
    .map((_, at) => at)
    .filter((at) => outOf[at])
    .toSorted((a, b) => outOf[a]!.return - outOf[b]!.return);
  const isIn = new Uint8Array(operations.length);
  /** Of `byReturn`, all before are in. */
  let first = 0;
  let isHopeless = false;
  const positions = new Map(byReturn.map((at, position) => [at, position]));
  const isTooEarly = (at: number): boolean => {
    while (first < byReturn.length && isIn[byReturn[first]!] === 1) first++;
    const waiting = byReturn[first];
    return waiting !== undefined && outOf[waiting]!.return < outOf[at]!.call;
  };
  return {
    placed(at) {
      if (!outOf[at]) return;
      isIn[at] = 1;
      isHopeless = isTooEarly(at);
    },
    lifted(at) {
      isHopeless = false;
      isIn[at] = 0;
      first = Math.min(first, positions.get(at) ?? first);
    },
    isHopeless: () => isHopeless,
  };
}
