import { createPrng } from "../../src/base/prng.ts";
import type { Guide, Interval, Model, SearchBudget } from "./model.ts";

export type SearchOutcome =
  | { readonly type: "linearizable"; readonly order: readonly number[] }
  /** `stuck` is the operation that could not be placed where the search got furthest. */
  | { readonly type: "not-linearizable"; readonly stuck: number; readonly usedMemo: boolean }
  | { readonly type: "unknown"; readonly cause: string };

export interface SearchOptions<State> {
  readonly guide?: Guide<State>;
  readonly budget: SearchBudget;
  /** Another seed hashes the same sets differently: a second opinion on a memo that may have collided. */
  readonly seed?: string;
  readonly useMemo?: boolean;
}

/** A remembered (set, state) with its share of the table, and each element of such a state. */
const MEMO_ENTRY_BYTES = 180;
const ELEMENT_BYTES = 32;
const STEPS_BETWEEN_LOOKS = 1024;

interface Frame<State> {
  readonly state: State;
  readonly candidates: readonly number[];
  /** The one candidate need not be tried against others. */
  readonly isForced: boolean;
  /** Elements that only this state holds. */
  readonly size: number;
  next: number;
}

/**
 * Looks for a linearization by depth-first search over single operations (Wing and Gong 1993), with the list
 * of open events of Horn and Kroening and Lowe's memory of configurations already seen.
 *
 * - Candidates are the operations called before the first return still open.
 * - A candidate that observes and can happen now happens now: it can be moved here from wherever else.
 * - Otherwise the one that returns first is tried first, operations of unknown outcome last.
 * - A configuration is (set of placed operations, state). The set is kept as an incremental Zobrist hash of
 *   53 bits, so a look costs O(1), not O(n).
 */
export function search<State, Input>(
  model: Model<State, Input>,
  operations: readonly Interval<Input>[],
  { guide, budget, seed = "search", useMemo = true }: SearchOptions<State>,
): SearchOutcome {
  const open = new OpenEvents(operations);
  const memo = new Memo<State>((a, b) => model.equal(a, b), operations.length, seed);
  const isObserver = operations.map(
    ({ input, isCertain }) => isCertain && (model.isObserver?.(input) ?? false),
  );
  const placed: number[] = [];
  let deepest = -1;
  let stuck = 0;
  let usedMemo = false;
  let steps = 0;
  /** Of all states that are kept, be it in frames or in the memo. */
  let elementCount = 0;

  function frameOf(state: State, before?: State): Frame<State> {
    const size = state === before ? 0 : (model.sizeOf?.(state) ?? 0);
    const candidates = open.candidates();
    for (const operation of candidates) {
      if (isObserver[operation] && model.step(state, operations[operation]!.input) !== undefined) {
        return { state, candidates: [operation], isForced: true, size, next: 0 };
      }
    }
    candidates.sort((a, b) => operations[a]!.return - operations[b]!.return || a - b);
    return { state, candidates, isForced: false, size, next: 0 };
  }

  function lift(): void {
    const operation = placed.pop();
    if (operation === undefined) return;
    open.restore(operation);
    memo.toggle(operation);
    guide?.lifted(operation);
  }

  const frames = [frameOf(model.init())];
  while (open.certainCount > 0) {
    const frame = frames.at(-1);
    if (!frame) return { type: "not-linearizable", stuck, usedMemo };
    if (frame.next === frame.candidates.length) {
      frames.pop();
      if (!useMemo) elementCount -= frame.size;
      lift();
      continue;
    }
    const operation = frame.candidates[frame.next++]!;
    const after = model.step(frame.state, operations[operation]!.input);
    if (after === undefined) continue;
    open.remove(operation);
    memo.toggle(operation);
    guide?.placed(operation);
    placed.push(operation);
    if (guide?.isHopeless(frame.state, after)) {
      lift();
      continue;
    }
    if (useMemo && !frame.isForced && !memo.isNew(after)) {
      usedMemo = true;
      lift();
      continue;
    }
    const reached = frameOf(after, frame.state);
    frames.push(reached);
    elementCount += reached.size;
    if (placed.length > deepest) {
      deepest = placed.length;
      stuck = open.firstToReturn();
    }
    if (memo.size * MEMO_ENTRY_BYTES + elementCount * ELEMENT_BYTES > budget.memoryBytes) {
      return { type: "unknown", cause: "the memory for checking ran out" };
    }
    if (++steps % STEPS_BETWEEN_LOOKS !== 0) continue;
    if (budget.nowMs() > budget.deadlineMs) {
      return { type: "unknown", cause: "the time for checking ran out" };
    }
  }
  return { type: "linearizable", order: placed };
}

/**
 * Calls and returns in the order of time, in a doubly linked list from which an operation can be taken and
 * put back in O(1), in reverse order. Calls stand before returns of the same time: intervals are closed.
 */
class OpenEvents {
  certainCount = 0;
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  readonly #isCertain: Uint8Array;
  readonly #size: number;

  /** Node `o` is the call of operation o, node `size + o` its return, node `2 · size` both ends. */
  constructor(operations: readonly Interval<unknown>[]) {
    const size = operations.length;
    this.#size = size;
    this.#isCertain = Uint8Array.from(operations, ({ isCertain }) => (isCertain ? 1 : 0));
    this.#next = new Int32Array(2 * size + 1);
    this.#previous = new Int32Array(2 * size + 1);
    const nodes: number[] = [];
    for (let operation = 0; operation < size; operation++) {
      nodes.push(operation);
      if (this.#isCertain[operation]) {
        nodes.push(size + operation);
        this.certainCount++;
      }
    }
    const timeOf = (node: number): number =>
      node < size ? operations[node]!.call : operations[node - size]!.return;
    nodes.sort((a, b) => timeOf(a) - timeOf(b) || Number(a >= size) - Number(b >= size) || a - b);
    let last = 2 * size;
    for (const node of nodes) {
      this.#next[last] = node;
      this.#previous[node] = last;
      last = node;
    }
    this.#next[last] = 2 * size;
    this.#previous[2 * size] = last;
  }

  /** Open operations called before the first open return. */
  candidates(): number[] {
    const candidates: number[] = [];
    for (let node = this.#next[2 * this.#size]!; node < this.#size; node = this.#next[node]!) {
      candidates.push(node);
    }
    return candidates;
  }

  firstToReturn(): number {
    let node = this.#next[2 * this.#size]!;
    while (node < this.#size) node = this.#next[node]!;
    return node === 2 * this.#size ? 0 : node - this.#size;
  }

  remove(operation: number): void {
    this.#unlink(operation);
    if (!this.#isCertain[operation]) return;
    this.#unlink(this.#size + operation);
    this.certainCount--;
  }

  restore(operation: number): void {
    if (this.#isCertain[operation]) {
      this.#relink(this.#size + operation);
      this.certainCount++;
    }
    this.#relink(operation);
  }

  #unlink(node: number): void {
    this.#next[this.#previous[node]!] = this.#next[node]!;
    this.#previous[this.#next[node]!] = this.#previous[node]!;
  }

  #relink(node: number): void {
    this.#next[this.#previous[node]!] = node;
    this.#previous[this.#next[node]!] = node;
  }
}

/** Configurations already seen: a hash of the set, then the states met with it. */
class Memo<State> {
  size = 0;
  readonly #equal: (a: State, b: State) => boolean;
  readonly #seen = new Map<number, State[]>();
  readonly #keysHigh: Uint32Array;
  readonly #keysLow: Uint32Array;
  #high = 0;
  #low = 0;

  constructor(equal: (a: State, b: State) => boolean, size: number, seed: string) {
    this.#equal = equal;
    const prng = createPrng(seed);
    this.#keysHigh = Uint32Array.from({ length: size }, () => prng.int(0, 0x1fffff));
    this.#keysLow = Uint32Array.from({ length: size }, () => prng.int(0, 0xffffffff));
  }

  toggle(operation: number): void {
    this.#high ^= this.#keysHigh[operation]!;
    this.#low = (this.#low ^ this.#keysLow[operation]!) >>> 0;
  }

  /** Remembers the current set with this state; false if it was known. */
  isNew(state: State): boolean {
    const key = this.#high * 4294967296 + this.#low;
    const states = this.#seen.get(key);
    if (!states) this.#seen.set(key, [state]);
    else if (states.some((seen) => this.#equal(seen, state))) return false;
    else states.push(state);
    this.size++;
    return true;
  }
}
