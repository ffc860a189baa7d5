import type { KeptRows, OperationRow } from "./operation-rows.ts";

/**
 * The rows as columns, which compress to a third of what rows do. Numbers are deltas or small; a text is its place in
 * a list. Lists of values are told by how far back they were first seen, which is near for what clients do.
 */
export interface OperationColumns {
  readonly total: number;
  readonly every: number;
  readonly cutValues: number;
  readonly lists: {
    readonly f: readonly string[];
    readonly key: readonly OperationRow["key"][];
    readonly node: readonly string[];
    readonly error: readonly string[];
    /** JSON; a number stands for a quoted whole number, and is the difference to the one before. */
    readonly value: readonly (string | number)[];
  };
  /** Difference to the row before. */
  readonly index: readonly number[];
  /** Hundredths of a millisecond; difference to the row before. */
  readonly call: readonly number[];
  /** Hundredths of a millisecond; -1: no answer. */
  readonly took: readonly number[];
  /** A letter a row: "o" ok, "f" fail, "i" info, "?" no answer. */
  readonly type: string;
  readonly f: readonly number[];
  readonly key: readonly number[];
  readonly node: readonly number[];
  readonly process: readonly number[];
  readonly error: readonly number[];
  /** Distance to the newest value so far; 0: a new one. */
  readonly argument: readonly number[];
  readonly answer: readonly number[];
}

const TICK_NS = 10_000;
const LETTERS = { ok: "o", fail: "f", info: "i", open: "?" } as const;

export function encodeOperations({ rows, ...told }: KeptRows): OperationColumns {
  const lists = {
    f: placesOf<string>(),
    key: placesOf<OperationRow["key"]>(),
    node: placesOf<string>(),
    error: placesOf<string>(),
  };
  const values = new Map<string, number>();
  const seen = (value: string): number => {
    const known = values.get(value);
    if (known === undefined) values.set(value, values.size);
    return known === undefined ? 0 : values.size - known;
  };
  const calls = rows.map(({ callNs }) => Math.round(callNs / TICK_NS));
  const columns = {
    index: rows.map(({ index }, at) => index - (rows[at - 1]?.index ?? 0)),
    call: calls.map((ticks, at) => ticks - (calls[at - 1] ?? 0)),
    took: rows.map(({ callNs, returnNs }) =>
      returnNs === null ? -1 : Math.round((returnNs - callNs) / TICK_NS),
    ),
    type: rows.map(({ type }) => LETTERS[type]).join(""),
    f: rows.map(({ f }) => lists.f.placeOf(f)),
    key: rows.map(({ key }) => lists.key.placeOf(key)),
    node: rows.map(({ node }) => lists.node.placeOf(node)),
    process: rows.map(({ process }) => process),
    error: rows.map(({ error }) => lists.error.placeOf(error)),
    argument: [] as number[],
    answer: [] as number[],
  };
  for (const { argument, answer } of rows) {
    columns.argument.push(seen(argument));
    columns.answer.push(seen(answer));
  }
  const { f, key, node, error } = lists;
  return {
    ...told,
    ...columns,
    lists: {
      f: f.all,
      key: key.all,
      node: node.all,
      error: error.all,
      value: shortValues([...values.keys()]),
    },
  };
}

/** What clients write is often counted up: then a value is a small number here. */
function shortValues(values: readonly string[]): (string | number)[] {
  let last = 0;
  return values.map((json) => {
    if (!/^"(0|[1-9]\d{0,14})"$/.test(json)) return json;
    const number = Number(json.slice(1, -1));
    const difference = number - last;
    last = number;
    return difference;
  });
}

interface Places<T> {
  readonly all: T[];
  placeOf(item: T): number;
}

function placesOf<T>(): Places<T> {
  const known = new Map<string, number>();
  const all: T[] = [];
  return {
    all,
    placeOf(item) {
      const name = typeof item === "string" ? item : JSON.stringify(item);
      let place = known.get(name);
      if (place === undefined) {
        place = all.length;
        known.set(name, place);
        all.push(item);
      }
      return place;
    },
  };
}

/** The columns as the table reads them: by row, whatever the order. Runs in the page: it may use nothing from outside. */
export interface OperationTable {
  readonly size: number;
  readonly index: Float64Array;
  readonly callMs: Float64Array;
  /** NaN: no answer. */
  readonly tookMs: Float64Array;
  type(row: number): string;
  f(row: number): string;
  key(row: number): OperationRow["key"];
  node(row: number): string;
  process(row: number): number;
  error(row: number): string;
  /** JSON, or the beginning of it with "…". */
  argument(row: number): string;
  answer(row: number): string;
}

export function decodeOperations(columns: OperationColumns): OperationTable {
  const size = columns.type.length;
  const sums = (deltas: readonly number[], unit: number): Float64Array => {
    const out = new Float64Array(size);
    let sum = 0;
    for (let row = 0; row < size; row++) {
      sum += deltas[row]!;
      out[row] = sum / unit;
    }
    return out;
  };
  const argument = new Int32Array(size);
  const answer = new Int32Array(size);
  let values = 0;
  const placeOf = (distance: number): number => (distance === 0 ? values++ : values - distance);
  for (let row = 0; row < size; row++) {
    argument[row] = placeOf(columns.argument[row]!);
    answer[row] = placeOf(columns.answer[row]!);
  }
  let last = 0;
  const texts = columns.lists.value.map((value) => {
    if (typeof value === "string") return value;
    last += value;
    return `"${last}"`;
  });
  const words: Readonly<Record<string, string>> = { o: "ok", f: "fail", i: "info" };
  const { lists } = columns;
  return {
    size,
    index: sums(columns.index, 1),
    callMs: sums(columns.call, 100),
    tookMs: Float64Array.from(columns.took, (ticks) => (ticks < 0 ? Number.NaN : ticks / 100)),
    type: (row) => words[columns.type[row]!] ?? "open",
    f: (row) => lists.f[columns.f[row]!]!,
    key: (row) => lists.key[columns.key[row]!]!,
    node: (row) => lists.node[columns.node[row]!]!,
    process: (row) => columns.process[row]!,
    error: (row) => lists.error[columns.error[row]!]!,
    argument: (row) => texts[argument[row]!]!,
    answer: (row) => texts[answer[row]!]!,
  };
}

export const COLUMNS_SOURCE = String(decodeOperations);
