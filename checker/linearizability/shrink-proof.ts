import { judgeBySearch } from "./judge-by-search.ts";
import type { Interval, Model, SearchBudget } from "./model.ts";

/** Observers taken out one by one at most; each costs a search. */
const TRIES_MAX = 200;

/**
 * A smaller part of a history that is still not linearizable, for a model of which nothing else is known. Only
 * steps are taken that can never make a linearizable history look worse:
 *
 * - the history is cut at a moment: what is called later goes, what is open then may or may not have happened;
 * - observers go: the rest of an order is an order of the rest.
 *
 * `stuck` is the operation that could not be placed.
 */
export function shrinkProof<State, Input, Operation extends Interval<Input>>(
  model: Model<State, Input>,
  operations: readonly Operation[],
  budget: SearchBudget,
): { proof: readonly Operation[]; stuck: Operation } {
  const isStuck = (some: readonly Operation[]): Operation | undefined => {
    const judged = judgeBySearch(model, some, budget);
    return judged.type === "violation" ? some[judged.stuck] : undefined;
  };
  const ends = operations
    .filter(({ isCertain }) => isCertain)
    .map((operation) => operation.return)
    .toSorted((a, b) => a - b);
  // A beginning without order stays without order however it goes on, so the shortest is found by halving.
  let low = 0;
  let high = ends.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isStuck(cutAt(operations, ends[middle]!))) high = middle;
    else low = middle + 1;
  }
  let proof = cutAt(operations, ends[high] ?? Infinity);
  let stuck = isStuck(proof);
  if (!stuck) {
    proof = operations;
    stuck = isStuck(operations) ?? operations[0]!;
  }
  const observers = proof.filter(({ input }) => model.isObserver?.(input) ?? false);
  for (const observer of observers.slice(-TRIES_MAX)) {
    const rest = proof.filter((operation) => operation !== observer);
    const still = isStuck(rest);
    if (still) [proof, stuck] = [rest, still];
  }
  return { proof, stuck };
}

function cutAt<Input, Operation extends Interval<Input>>(
  operations: readonly Operation[],
  end: number,
): readonly Operation[] {
  return operations
    .filter(({ call }) => call <= end)
    .map((operation) =>
      operation.return <= end ? operation : { ...operation, return: Infinity, isCertain: false },
    );
}
