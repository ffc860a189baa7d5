import type { Op, ProcessId } from "../../../checker/history.ts";

/** One operation as the table shows it: its call and, if there is one, its answer. */
export interface OperationRow {
  /** Of the invocation in `history.jsonl`. */
  readonly index: number;
  readonly callNs: number;
  /** Null: no answer. */
  returnNs: number | null;
  type: "ok" | "fail" | "info" | "open";
  readonly f: string;
  /** One key where the value is `[key, value]`, all of them for the steps of a transaction, else none. */
  readonly key: string | readonly string[] | null;
  readonly process: number;
  node: string;
  /** JSON of what was asked for, without the key; cut if it is long. */
  readonly argument: string;
  /** JSON of what was answered; empty where that says nothing new. */
  answer: string;
  error: string;
}

export interface KeptRows {
  readonly rows: readonly OperationRow[];
  /** Operations there were. */
  readonly total: number;
  /** 1: all are kept. Else every so many of those that are not near a violation. */
  readonly every: number;
  /** Values that were too long and end in "…". */
  readonly cutValues: number;
}

/** As many as a report has room for. */
export const ROWS_MAX = 300_000;
export const VALUE_MAX = 120;
const NEAR_NS = 10e9;

/**
 * The operations of a run for the report, however long it was: all of them, or else those within ten seconds of a
 * violation and every second, fourth, eighth … of the rest.
 */
export class OperationRows {
  readonly #violationsNs: readonly number[];
  readonly #max: number;
  readonly #open = new Map<ProcessId, OperationRow>();
  #rows: { readonly row: OperationRow; readonly ordinal: number }[] = [];
  #total = 0;
  #every = 1;
  #cutValues = 0;

  constructor(violationsNs: readonly number[], max = ROWS_MAX) {
    this.#violationsNs = violationsNs;
    this.#max = max;
  }

  observe(op: Op): void {
    if (op.process === "nemesis") return;
    if (op.type === "invoke") this.#begin(op, op.process);
    else this.#end(op);
  }

  finish(): KeptRows {
    const rows = this.#rows.map(({ row }) => row);
    return { rows, total: this.#total, every: this.#every, cutValues: this.#cutValues };
  }

  #begin({ index, timeNs, f, value }: Op, process: number): void {
    const { key, rest } = partsOf(value);
    const row: OperationRow = {
      index,
      callNs: timeNs,
      returnNs: null,
      type: "open",
      f,
      key,
      process,
      node: "",
      argument: this.#cut(jsonOf(rest)),
      answer: "",
      error: "",
    };
    this.#open.set(process, row);
    const ordinal = this.#total++;
    if (ordinal % this.#every !== 0 && !this.#isNear(timeNs)) return;
    this.#rows.push({ row, ordinal });
    if (this.#rows.length > this.#max) this.#thin();
  }

  #end(op: Op): void {
    const row = this.#open.get(op.process);
    if (!row) return;
    this.#open.delete(op.process);
    row.returnNs = op.timeNs;
    row.type = op.type as "ok" | "fail" | "info";
    row.node = op.node ?? "";
    row.error = op.error ?? "";
    if (op.type === "ok") {
      const answer = jsonOf(partsOf(op.value).rest);
      if (answer !== row.argument || row.f === "read") row.answer = this.#cut(answer);
    } else if (op.current !== undefined) row.answer = this.#cut(jsonOf(op.current));
  }

  #isNear(timeNs: number): boolean {
    return this.#violationsNs.some((atNs) => Math.abs(atNs - timeNs) <= NEAR_NS);
  }

  #thin(): void {
    this.#every *= 2;
    const kept = this.#rows.filter(
      ({ row, ordinal }) => ordinal % this.#every === 0 || this.#isNear(row.callNs),
    );
    // So many near violations that only a share of these has room, too.
    const isCrowded = kept.length > this.#max * 0.9;
    this.#rows = isCrowded ? kept.filter(({ ordinal }) => ordinal % this.#every === 0) : kept;
  }

  #cut(json: string): string {
    if (json.length <= VALUE_MAX) return json;
    this.#cutValues++;
    return `${json.slice(0, VALUE_MAX)}…`;
  }
}

/** `[key, value]`, the steps of a transaction, or a value by itself. */
function partsOf(value: unknown): Pick<OperationRow, "key"> & { readonly rest: unknown } {
  if (!Array.isArray(value)) return { key: null, rest: value };
  const list = value as readonly unknown[];
  if (list.length === 2 && typeof list[0] === "string") return { key: list[0], rest: list[1] };
  const keys = list.flatMap((step) =>
    Array.isArray(step) ? [String((step as unknown[])[1])] : [],
  );
  return { key: keys.length > 0 ? [...new Set(keys)] : null, rest: value };
}

function jsonOf(value: unknown): string {
  return JSON.stringify(value) ?? "null";
}
