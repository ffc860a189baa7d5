import type { Interval, Model } from "./model.ts";

/** How far an order of a proof's operations gets, and what stops it. Positions are those of the evidence. */
export interface Linearization {
  /** As many operations as can be told one after the other, in such an order. */
  readonly order: readonly number[];
  /** The operation that has to come next, and cannot. */
  readonly stuck: number;
  /** What the object holds after `order`, in words: `"42"`. */
  readonly state: string;
  /** What the stuck operation claims, in words: `read "41"`. */
  readonly claim: string;
}

/** A proof has a handful of operations. Of more nobody reads an order, and it is not looked for. */
const OPERATIONS_MAX = 60;
/** Any order that gets far serves a reader. */
const STEPS_MAX = 20_000;

/**
 * The longest beginning of an order that the model can follow, of operations that have none. Where all are
 * done or nothing is stuck there is nothing to show.
 */
export function longestPrefix<State, Input>(
  model: Model<State, Input>,
  operations: readonly Interval<Input>[],
): { order: readonly number[]; stuck: number; state: State } | undefined {
  let best: { order: readonly number[]; stuck: number; state: State } | undefined;
  let steps = 0;
  const placed: number[] = [];

  function go(state: State): boolean {
    const open = operations.map((_, position) => position).filter((one) => !placed.includes(one));
    const first = firstToReturn(operations, open);
    if (first === undefined) return true;
    if (placed.length > (best?.order.length ?? -1))
      best = { order: [...placed], stuck: first, state };
    const candidates = open
      .filter((one) => operations[one]!.call <= operations[first]!.return)
      .toSorted((a, b) => operations[a]!.return - operations[b]!.return || a - b);
    for (const candidate of candidates) {
      if (++steps > STEPS_MAX) return false;
      const next = model.step(state, operations[candidate]!.input);
      if (next === undefined) continue;
      placed.push(candidate);
      if (go(next)) return true;
      placed.pop();
    }
    return false;
  }

  if (operations.length > OPERATIONS_MAX) return undefined;
  return go(model.init()) ? undefined : best;
}

/** Of the certain operations still open the one that returns first: it cannot wait for any later call. */
function firstToReturn(
  operations: readonly Interval<unknown>[],
  open: readonly number[],
): number | undefined {
  return open
    .filter((one) => operations[one]!.isCertain)
    .toSorted((a, b) => operations[a]!.return - operations[b]!.return)
    .at(0);
}
