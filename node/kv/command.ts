/** What a key holds: what was written, a count, or a list that was appended to. */
export type Value = string | number | readonly string[];

/**
 * One step of a transaction; `r` reads, `w` writes, `append` to a list, `take` its first element out of it, `cas`
 * compares and sets, `add` to a count.
 */
export type MicroOp =
  | readonly [op: "r", key: string]
  | readonly [op: "w", key: string, value: string]
  | readonly [op: "append", key: string, element: string]
  | readonly [op: "take", key: string]
  | readonly [op: "cas", key: string, expected: string | null, value: string]
  | readonly [op: "add", key: string, amount: number];

/** Bytes of UTF-8: larger ones are refused. */
export const KEY_BYTES_MAX = 512;
export const VALUE_BYTES_MAX = 64 * 1024;

/** Steps of a transaction. */
export const TXN_OPS_MAX = 128;

/** Characters, as `charsOf` counts them. An element of a list costs more than it holds. */
export function charsOf(value: Value | null): number {
  if (value === null) return 0;
  if (typeof value === "number") return NUMBER_CHARS;
  if (typeof value === "string") return value.length;
  let chars = 0;
  for (const element of value) chars += element.length + ELEMENT_CHARS;
  return chars;
}

const NUMBER_CHARS = 16;
const ELEMENT_CHARS = 3;

export function isMicroOp(op: unknown): op is MicroOp {
  if (!Array.isArray(op)) return false;
  const [name, key, ...rest] = op as unknown[];
  if (typeof key !== "string" || key === "") return false;
  const isText = (value: unknown): boolean => typeof value === "string";
  switch (name) {
    case "r":
    case "take":
      return rest.length === 0;
    case "w":
    case "append":
      return rest.length === 1 && isText(rest[0]);
    case "cas":
      return rest.length === 2 && (rest[0] === null || isText(rest[0])) && isText(rest[1]);
    case "add":
      return rest.length === 1 && Number.isSafeInteger(rest[0]);
    default:
      return false;
  }
}

/** What a write asks of the state machine. A session makes it exactly-once: a retry has the same sequence. */
export type Command =
  | { readonly op: "register" }
  | ({ readonly op: "put"; readonly key: string; readonly value: string } & InSession)
  | ({
      readonly op: "cas";
      readonly key: string;
      /** null: only if the key is absent. */
      readonly expected: string | null;
      readonly value: string;
    } & InSession)
  | ({ readonly op: "delete"; readonly key: string } & InSession)
  /** All of its steps at one place in the log, or none of them. */
  | ({ readonly op: "txn"; readonly ops: readonly MicroOp[] } & InSession);

export interface InSession {
  readonly session?: number;
  readonly sequence?: number;
}

/** What applying a command answers. `index` is that of the log entry that took effect. */
export type CommandResult =
  | { readonly type: "registered"; readonly session: number }
  | { readonly type: "written"; readonly index: number }
  | { readonly type: "deleted"; readonly index: number; readonly previous: Value | null }
  | { readonly type: "cas-mismatch"; readonly current: Value | null }
  /** Per step: what an `r` read, what a `take` took (null: there was nothing), what an `add` came to; null for all others. */
  | {
      readonly type: "txn-done";
      readonly index: number;
      readonly results: readonly (Value | null)[];
    }
  /** Step `step` (from 0) did not fit what its key held; nothing happened. */
  | { readonly type: "txn-aborted"; readonly step: number; readonly current: Value | null }
  /** Too much is held already; nothing happened. */
  | { readonly type: "store-full" }
  /** What the transaction read is too much for one answer; nothing happened. */
  | { readonly type: "result-too-large" }
  | { readonly type: "session-expired" }
  | { readonly type: "stale-sequence" };

/** As it stands in the log: JSON. */
export function encodeCommand(command: Command): string {
  const text = JSON.stringify(command);
  remember(text, command);
  return text;
}

/** The log holds only what `encodeCommand` made. */
export function decodeCommand(text: string): Command {
  const known = recall(text);
  if (known !== undefined) return known;
  const command = JSON.parse(text) as Command;
  remember(text, command);
  return command;
}

/** The command that somebody else says is one; undefined for a text that `encodeCommand` does not make. */
export function readCommand(text: string): Command | undefined {
  const known = recall(text);
  if (known !== undefined) return known;
  const command = parseJson(text);
  if (!isCommand(command)) return undefined;
  remember(text, command);
  return command;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isCommand(command: unknown): command is Command {
  if (typeof command !== "object" || command === null) return false;
  const { op, key, value, expected, ops, session, sequence } = command as Fields;
  if (![session, sequence].every((n) => n === undefined || Number.isSafeInteger(n))) return false;
  const isText = (field: unknown): boolean => typeof field === "string";
  switch (op) {
    case "register":
      return true;
    case "put":
      return isText(key) && isText(value);
    case "cas":
      return isText(key) && isText(value) && (expected === null || isText(expected));
    case "delete":
      return isText(key);
    case "txn":
      return Array.isArray(ops) && ops.every(isMicroOp);
    default:
      return false;
  }
}

type Fields = Readonly<Record<string, unknown>>;

function recall(text: string): Command | undefined {
  const known = decoded[placeOf(text)];
  return known?.text === text ? known.command : undefined;
}

function remember(text: string, command: Command): void {
  if (text.length <= DECODED_CHARS_MAX) decoded[placeOf(text)] = { text, command };
}

/** By the end of the text, where commands of one client differ. */
function placeOf(text: string): number {
  let hash = text.length;
  for (let i = Math.max(0, text.length - 16); i < text.length; i++) {
    hash = Math.imul(hash, 31) + text.charCodeAt(i);
  }
  return (hash >>> 0) % DECODED_COUNT_MAX;
}

interface Decoded {
  readonly text: string;
  readonly command: Command;
}

const DECODED_COUNT_MAX = 512;
/** Longer ones would fill the memory rather than save time. */
const DECODED_CHARS_MAX = 8192;

/**
 * Equal text is an equal command: it is soon applied here, and where nodes share a process, by all of them. Each text has
 * one place, which it takes from what was there; a Map would be made larger again and again after it was emptied.
 */
const decoded: (Decoded | undefined)[] = Array.from({ length: DECODED_COUNT_MAX }, () => undefined);
