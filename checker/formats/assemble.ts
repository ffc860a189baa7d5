import type { Op, OpType } from "../history.ts";
import { MalformedHistory } from "./malformed.ts";
import { nameOf } from "./plain.ts";

/** What a line of somebody's history says, before it is known to be an op. Keywords may have their colon. */
export interface OpFields {
  readonly type: unknown;
  readonly f: unknown;
  readonly value: unknown;
  readonly process: unknown;
  /** Nanoseconds since the start of the test. */
  readonly time?: unknown;
  readonly error?: unknown;
  readonly node?: unknown;
  /** With our error "cas-mismatch": what was there instead. */
  readonly current?: unknown;
  /** Porcupine's key-value logs name the key beside the value. */
  readonly key?: unknown;
}

const OP_TYPES: readonly string[] = ["invoke", "ok", "fail", "info"] satisfies OpType[];

/** Makes ops of what is read, numbered as they come. Ops of no client (the nemesis) count, but are left out. */
export class OpAssembler {
  #next = 0;
  readonly #numberOfName = new Map<string, number>();

  /** The op, or nothing where no client did it. */
  op(fields: OpFields, line: number): Op | undefined {
    const type = nameOf(fields.type);
    if (typeof type !== "string" || !OP_TYPES.includes(type)) {
      throw new MalformedHistory(
        line,
        `the type must be one of ${OP_TYPES.join(", ")}, not ${shown(type)}`,
      );
    }
    const index = this.#next++;
    const process = this.#processOf(fields.process, type as OpType, line);
    if (process === undefined) return undefined;
    const value = fields.value ?? null;
    const error = nameOf(fields.error);
    const node = nameOf(fields.node);
    const { current } = fields;
    const tells = error === "cas-mismatch" && (typeof current === "string" || current === null);
    return {
      index,
      timeNs: timeOf(fields.time, index, line),
      process,
      type: type as OpType,
      f: nameOfFunction(fields, line),
      value: fields.key === undefined ? value : [fields.key, value],
      ...(error !== undefined && error !== null && { error: shown(error) }),
      ...(tells && { current }),
      ...(typeof node === "string" && { node }),
    };
  }

  /** A client's number. All ops of a history without processes are of one, which does one thing at a time. */
  #processOf(value: unknown, type: OpType, line: number): number | undefined {
    const process = nameOf(value);
    if (process === undefined || process === null) return 0;
    if (typeof process === "string") return this.#numberOf(process, type);
    if (typeof process === "number" && Number.isSafeInteger(process) && process >= 0)
      return process;
    throw new MalformedHistory(
      line,
      `the process must be a whole number or a name, not ${shown(process)}`,
    );
  }

  /** Of a client with a name: below 0, where no number of the file is. */
  #numberOf(name: string, type: OpType): number | undefined {
    if (name === "nemesis") return undefined;
    const known = this.#numberOfName.get(name);
    // Who only informs and never asked for anything is no client, but another nemesis.
    if (known !== undefined || type === "info") return known;
    const number = -1 - this.#numberOfName.size;
    this.#numberOfName.set(name, number);
    return number;
  }
}

/** Elle leaves `:f` out of transactions. */
function nameOfFunction({ f, value }: OpFields, line: number): string {
  const name = nameOf(f);
  if (typeof name === "string" && name !== "") return name;
  if ((name === undefined || name === null) && Array.isArray(value) && value.every(Array.isArray)) {
    return "txn";
  }
  throw new MalformedHistory(
    line,
    `the function (f) must be a name such as read, not ${shown(name)}`,
  );
}

/** Where nobody wrote down times, an op's place in the history stands for its second. */
export function timeOfPlace(index: number): number {
  return index * 1e9;
}

function timeOf(time: unknown, index: number, line: number): number {
  if (time === undefined || time === null) return timeOfPlace(index);
  if (typeof time === "number") return time;
  throw new MalformedHistory(line, `the time must be a number of nanoseconds, not ${shown(time)}`);
}

function shown(value: unknown): string {
  if (typeof value === "string") return value;
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
