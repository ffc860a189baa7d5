import {
  type Guide,
  isLinearization,
  type Interval,
  type Model,
  type SearchBudget,
} from "./model.ts";
import { search } from "./search.ts";

export type SearchVerdict =
  | { readonly type: "linearizable" }
  /** `stuck` is the position of the operation that could not be placed where the search got furthest. */
  | { readonly type: "violation"; readonly stuck: number }
  | { readonly type: "unknown"; readonly cause: string };

/**
 * Decides by search alone. Neither answer is taken on trust: an order that was found is replayed, and a "no" that
 * leaned on the memo (whose hashes could collide) must come out again with other hashes.
 */
export function judgeBySearch<State, Input>(
  model: Model<State, Input>,
  operations: readonly Interval<Input>[],
  budget: SearchBudget,
  createGuide?: () => Guide<State>,
): SearchVerdict {
  let stuck = 0;
  for (const seed of ["first", "second"]) {
    const guide = createGuide ? createGuide() : model.guide?.(operations);
    const outcome = search(model, operations, { budget, seed, ...(guide && { guide }) });
    if (outcome.type === "unknown") return outcome;
    if (outcome.type === "linearizable") {
      return isLinearization(model, operations, outcome.order)
        ? { type: "linearizable" }
        : { type: "unknown", cause: "the order that was found does not replay (a defect here)" };
    }
    stuck = outcome.stuck;
    if (!outcome.usedMemo) break;
  }
  return { type: "violation", stuck };
}
