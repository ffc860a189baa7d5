/** A sequential specification: what a single-threaded object would answer. Pure. */
export interface Model<State, Input> {
  init(): State;
  /** The state after the operation, or undefined where it could not have happened in this state. */
  step(state: State, input: Input): State | undefined;
  equal(a: State, b: State): boolean;
  describe(input: Input): string;
  /** True for operations that never change a state in which they can happen: they need no branching. */
  isObserver?(input: Input): boolean;
}

/** An operation as the search sees it: an interval, closed at both ends, and what it claims. */
export interface Interval<Input> {
  readonly input: Input;
  readonly call: number;
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
