import type { RegisterOperation, Value } from "./register-operation.ts";

export const READ = 0;
export const WRITE = 1;
export const CAS = 2;
export const DELETE = 3;
export const REFUSED = 4;
export type KindCode = typeof READ | typeof WRITE | typeof CAS | typeof DELETE | typeof REFUSED;

const CODES: Readonly<Record<RegisterOperation["kind"], KindCode>> = {
  read: READ,
  write: WRITE,
  cas: CAS,
  delete: DELETE,
  refused: REFUSED,
};

/** Of values and of operations: none. */
export const NONE = -1;
export const ABSENT = 0;

/**
 * The operations on one key in columns: a million of them are judged without an object for any. Operations are
 * named by their position, values by small numbers. Times are positions among the calls and returns of this
 * key, so all sorting is by counting. A call stands before a return of the same time: intervals are closed.
 */
export interface RegisterColumns {
  readonly size: number;
  readonly kinds: Uint8Array;
  /** 1: certain. 0: of unknown outcome. */
  readonly certain: Uint8Array;
  /** What was read, written, or `ABSENT` for a delete. */
  readonly values: Int32Array;
  /** Of a cas: what it replaced. */
  readonly expected: Int32Array;
  readonly calls: Int32Array;
  /** `eventCount` where the outcome is unknown. */
  readonly returns: Int32Array;
  /** Calls and returns together, or more: all times are below. */
  readonly eventCount: number;
  /** Values are below; `ABSENT` is counted. */
  readonly valueCount: number;
}

/** Room for so many operations. */
export function emptyColumns(
  size: number,
  { eventCount, valueCount }: Pick<RegisterColumns, "eventCount" | "valueCount">,
): RegisterColumns {
  return {
    size,
    kinds: new Uint8Array(size),
    certain: new Uint8Array(size),
    values: new Int32Array(size),
    expected: new Int32Array(size),
    calls: new Int32Array(size),
    returns: new Int32Array(size),
    eventCount,
    valueCount,
  };
}

/** The columns of operations whose times are of any kind. */
export function columnsOf(operations: readonly RegisterOperation[]): RegisterColumns {
  const size = operations.length;
  const numbers = new Map<Value, number>([[null, ABSENT]]);
  const numberOf = (value: Value): number => {
    const known = numbers.get(value);
    if (known !== undefined) return known;
    numbers.set(value, numbers.size);
    return numbers.size - 1;
  };
  const values = Int32Array.from(operations, ({ value }) => numberOf(value));
  const expected = Int32Array.from(operations, (operation) => numberOf(operation.expected));
  return {
    ...ranksOf(operations),
    size,
    kinds: Uint8Array.from(operations, ({ kind }) => CODES[kind]),
    certain: Uint8Array.from(operations, ({ isCertain }) => (isCertain ? 1 : 0)),
    values,
    expected,
    valueCount: numbers.size,
  };
}

function ranksOf(
  operations: readonly RegisterOperation[],
): Pick<RegisterColumns, "calls" | "returns" | "eventCount"> {
  const size = operations.length;
  const eventCount = 2 * size;
  const timeOf = (event: number): number =>
    event < size ? operations[event]!.call : operations[event - size]!.return;
  const events = Array.from({ length: eventCount }, (_, event) => event);
  events.sort((a, b) => timeOf(a) - timeOf(b) || Number(a >= size) - Number(b >= size) || a - b);
  const calls = new Int32Array(size);
  const returns = new Int32Array(size);
  for (const [rank, event] of events.entries()) {
    if (event < size) calls[event] = rank;
    else returns[event - size] = timeOf(event) === Infinity ? eventCount : rank;
  }
  return { calls, returns, eventCount };
}

/** The positions 0 … `count - 1` in the order of their keys, which are from 0 to `max`; stable. */
export function orderBy(keys: ArrayLike<number>, count: number, max: number): Int32Array {
  const starts = new Int32Array(max + 2);
  for (let at = 0; at < count; at++) starts[keys[at]! + 1]!++;
  for (let key = 1; key < starts.length; key++) starts[key]! += starts[key - 1]!;
  const order = new Int32Array(count);
  for (let at = 0; at < count; at++) order[starts[keys[at]!]!++] = at;
  return order;
}
