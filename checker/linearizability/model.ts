/**
 * A sequential specification: what a single-threaded object would answer. Pure, and the way to have objects of
 * your own judged (`check.ts`). A state is never changed in place.
 *
 * An input holds an operation's arguments together with the answer that was given; `step` says whether a state
 * can give that answer. Of an operation of unknown outcome the answer is missing, and any is possible.
 */
export interface Model<State, Input> {
  init(): State;
  /** The state after the operation, or undefined where it could not have happened in this state. */
  step(state: State, input: Input): State | undefined;
  equal(a: State, b: State): boolean;
  /** How many elements a state holds, where that grows with the history: a search keeps many states. */
  sizeOf?(state: State): number;
  /** The operation in words: `read "a"`. */
  describe(input: Input): string;
  /** True for operations that never change a state in which they can happen: they need no branching. */
  isObserver?(input: Input): boolean;
  /**
   * The part of the object that the operation is about, if it touches no other: parts are judged one by one
   * (linearizability is local). Undefined: it is about the whole, and then nothing is taken apart.
   */
  keyOf?(input: Input): string | undefined;
  /** An answer without search, where one is exact: see `Shortcut`. */
  readonly shortcut?: Shortcut<Input>;
  /** What prunes the search over these operations. */
  guide?(operations: readonly Interval<Input>[]): Guide<State>;
}

/**
 * Decides operations on one key by other means than the search over the model, or says "undecided" and why. It
 * never guesses. A violation comes with the positions of a few operations that by themselves prove it.
 */
export type Shortcut<Input> = (
  operations: readonly Interval<Input>[],
  budget: SearchBudget,
) => ShortcutVerdict;

export type ShortcutVerdict =
  | { readonly type: "linearizable" }
  | { readonly type: "violation"; readonly proof: readonly number[]; readonly why: string }
  /** The search over the model may try. */
  | { readonly type: "undecided"; readonly reason: string }
  /** A search was tried already, and the budget ran out. */
  | { readonly type: "unknown"; readonly cause: string };

/** Knowledge about a model that prunes the search. It must never exclude a linearization. */
export interface Guide<State> {
  placed(operation: number): void;
  lifted(operation: number): void;
  /** True where after this step the operations still to come cannot all be satisfied. */
  isHopeless(before: State, after: State): boolean;
}

/** What a search may spend. `nowMs` and `deadlineMs` are of one clock. */
export interface SearchBudget {
  readonly nowMs: () => number;
  readonly deadlineMs: number;
  readonly memoryBytes: number;
}

/**
 * An operation as the search sees it: an interval, closed at both ends, and what it claims. Times are numbers
 * of any unit. One operation comes before another only if it returned strictly before the other was called.
 */
export interface Interval<Input> {
  readonly input: Input;
  readonly call: number;
  /** Infinity where the outcome is unknown: it may take effect at any later time. */
  readonly return: number;
  /** False: it may also not have happened at all, and returns at infinity. */
  readonly isCertain: boolean;
}

/** Is this order a linearization? All certain operations, each after those that returned before its call. */
export function isLinearization<State, Input>(
  model: Model<State, Input>,
  operations: readonly Interval<Input>[],
  order: readonly number[],
): boolean {
  if (new Set(order).size !== order.length) return false;
  const included = new Set(order);
  if (operations.some((operation, at) => operation.isCertain && !included.has(at))) return false;
  let state: State | undefined = model.init();
  let latestCall = -Infinity;
  for (const position of order) {
    const operation = operations[position];
    if (!operation || operation.return < latestCall) return false;
    latestCall = Math.max(latestCall, operation.call);
    state = model.step(state, operation.input);
    if (state === undefined) return false;
  }
  return true;
}
