/** What an operation was answered. */
export const OPEN = 0;
export const OK = 1;
export const FAIL = 2;
export const INFO = 3;

const INITIAL_CAPACITY = 1024;

/**
 * Recorded operations in columns that grow, some 60 bytes each, with all that it takes to tell them again. What
 * stands in them is for `RegisterLog` to know.
 */
export class OperationColumns {
  count = 0;
  kinds = new Uint8Array(INITIAL_CAPACITY);
  outcomes = new Uint8Array(INITIAL_CAPACITY);
  /** Of the arguments, by number in the key's table: what was written, and what a cas expected. */
  values = new Int32Array(INITIAL_CAPACITY);
  expected = new Int32Array(INITIAL_CAPACITY);
  /** What was read, or found instead of what a cas expected; `NONE` where nothing was told. */
  answers = new Int32Array(INITIAL_CAPACITY);
  /** Positions among the events of the key. */
  calls = new Int32Array(INITIAL_CAPACITY);
  returns = new Int32Array(INITIAL_CAPACITY);
  /** Positions in the history. */
  callIndexes = new Int32Array(INITIAL_CAPACITY);
  returnIndexes = new Int32Array(INITIAL_CAPACITY);
  callTimesNs = new Float64Array(INITIAL_CAPACITY);
  returnTimesNs = new Float64Array(INITIAL_CAPACITY);
  processes = new Int32Array(INITIAL_CAPACITY);
  /** Of the answer, by number in a table of words; `NONE`: not told. */
  nodes = new Int32Array(INITIAL_CAPACITY);
  errors = new Int32Array(INITIAL_CAPACITY);

  /** Makes room for one more and returns its position. */
  add(): number {
    if (this.count === this.kinds.length) this.#grow();
    return this.count++;
  }

  #grow(): void {
    this.kinds = doubled(this.kinds, Uint8Array);
    this.outcomes = doubled(this.outcomes, Uint8Array);
    this.values = doubled(this.values, Int32Array);
    this.expected = doubled(this.expected, Int32Array);
    this.answers = doubled(this.answers, Int32Array);
    this.calls = doubled(this.calls, Int32Array);
    this.returns = doubled(this.returns, Int32Array);
    this.callIndexes = doubled(this.callIndexes, Int32Array);
    this.returnIndexes = doubled(this.returnIndexes, Int32Array);
    this.callTimesNs = doubled(this.callTimesNs, Float64Array);
    this.returnTimesNs = doubled(this.returnTimesNs, Float64Array);
    this.processes = doubled(this.processes, Int32Array);
    this.nodes = doubled(this.nodes, Int32Array);
    this.errors = doubled(this.errors, Int32Array);
  }
}

function doubled<T extends Uint8Array | Int32Array | Float64Array>(
  column: T,
  Column: new (size: number) => T,
): T {
  const grown = new Column(2 * column.length);
  grown.set(column);
  return grown;
}
