import { unreachable } from "../../src/base/assert.ts";
import { mixHash } from "../../src/base/hash.ts";
import {
  charsOf,
  decodeCommand,
  type Command,
  type CommandResult,
  type MicroOp,
  type Value,
} from "./command.ts";

/** So many sessions are remembered; the one used longest ago makes room, and its client must register anew. */
export const SESSION_COUNT_MAX = 4096;

/**
 * Characters (`charsOf`) of all keys and values, of one transaction's results, and of what all sessions remember. A
 * snapshot, in which a character takes up to six, must fit into the longest string there can be (512 Mi), or the entry
 * that made it too long would end every node, at every start again.
 */
export const VALUES_CHARS_MAX = 32 * 1024 * 1024;
export const RESULTS_CHARS_MAX = 1024 * 1024;
export const SESSIONS_CHARS_MAX = 16 * 1024 * 1024;

/** What is remembered of a client (§8; thesis §6.3): its newest command and the answer. */
interface Session {
  readonly sequence: number;
  readonly result: CommandResult;
}

export interface StoreRules {
  /** Whether a command with this sequence was executed before. */
  readonly isRetry: (session: { readonly sequence: number }, sequence: number) => boolean;
  /** Whether nothing is kept of a transaction of which a step did not fit. */
  readonly undoesRefusedTxn: () => boolean;
}

/** The replicated state machine: equal commands in equal order give equal state on every node. */
export interface Store {
  readonly values: Map<string, Value>;
  /** In order of last use, so that the first is the next to go. */
  readonly sessions: Map<number, Session>;
  /** Of keys and values. */
  valuesChars: number;
  /** Of what sessions remember. */
  sessionsChars: number;
  /** Rolling hash over all commands and results. */
  stateHash: number;
}

export function createStore(): Store {
  return { values: new Map(), sessions: new Map(), valuesChars: 0, sessionsChars: 0, stateHash: 0 };
}

/** The whole state as text, for a snapshot (§7). */
export function serializeStore(store: Store, { withSessions = true } = {}): string {
  const sessions = [...store.sessions].map(([id, { sequence, result }]) => [id, sequence, result]);
  return JSON.stringify({
    values: [...store.values],
    sessions: withSessions ? sessions : [],
    stateHash: store.stateHash,
  });
}

/** What `serializeStore` made. */
export function restoreStore(text: string): Store {
  const { values, sessions, stateHash } = JSON.parse(text) as {
    values: [string, Value][];
    sessions: [number, number, CommandResult][];
    stateHash: number;
  };
  const sum = (counts: readonly number[]): number => counts.reduce((total, n) => total + n, 0);
  return {
    values: new Map(values),
    sessions: new Map(sessions.map(([id, sequence, result]) => [id, { sequence, result }])),
    valuesChars: sum(values.map(([key, value]) => key.length + charsOf(value))),
    sessionsChars: sum(sessions.map(([, , result]) => resultChars(result))),
    stateHash,
  };
}

export interface Applied {
  readonly command: Command;
  readonly result: CommandResult;
  /** False where the answer came from the session's memory, or the command was refused. */
  readonly tookEffect: boolean;
}

/** Applies the command that log entry `index` holds as text. Deterministic: no clock, no chance. */
export function applyCommand(
  store: Store,
  index: number,
  text: string,
  rules: StoreRules,
): Applied {
  const command = decodeCommand(text);
  const applied = applyDecoded(store, index, command, rules);
  store.stateHash = mixHash(mixHash(store.stateHash, index, text), index, textOf(applied.result));
  return applied;
}

/** By far the most results are `written`, which holds nothing but the index of the entry. */
function textOf(result: CommandResult): string {
  return result.type === "written" ? result.type : JSON.stringify(result);
}

function applyDecoded(store: Store, index: number, command: Command, rules: StoreRules): Applied {
  if (command.op === "register") {
    return { command, result: register(store, index), tookEffect: true };
  }
  return command.session === undefined
    ? { command, result: execute(store, index, command, rules), tookEffect: true }
    : applyInSession(store, index, command, rules);
}

function register(store: Store, index: number): CommandResult {
  const result: CommandResult = { type: "registered", session: index };
  remember(store, index, { sequence: 0, result });
  return result;
}

/** It is the one that was used last; those used longest ago make room. */
function remember(store: Store, id: number, session: Session): void {
  const { sessions } = store;
  forget(store, id);
  sessions.set(id, session);
  store.sessionsChars += resultChars(session.result);
  while (sessions.size > SESSION_COUNT_MAX || store.sessionsChars > SESSIONS_CHARS_MAX) {
    const [oldest = id] = sessions.keys();
    if (oldest === id) return;
    forget(store, oldest);
  }
}

function forget(store: Store, id: number): void {
  const session = store.sessions.get(id);
  if (session === undefined) return;
  store.sessions.delete(id);
  store.sessionsChars -= resultChars(session.result);
}

function resultChars(result: CommandResult): number {
  switch (result.type) {
    case "deleted":
      return charsOf(result.previous);
    case "cas-mismatch":
    case "txn-aborted":
      return charsOf(result.current);
    case "txn-done":
      return result.results.reduce<number>((sum, value) => sum + charsOf(value), 0);
    case "registered":
    case "written":
    case "store-full":
    case "result-too-large":
    case "session-expired":
    case "stale-sequence":
      return 0;
    default:
      return unreachable(result);
  }
}

type Execution = Exclude<Command, { op: "register" }>;

function applyInSession(
  store: Store,
  index: number,
  command: Execution,
  rules: StoreRules,
): Applied {
  const { session: id = 0, sequence = 0 } = command;
  const session = store.sessions.get(id);
  if (session === undefined) {
    return { command, result: { type: "session-expired" }, tookEffect: false };
  }
  if (rules.isRetry(session, sequence)) {
    // Older than the newest: its answer is forgotten, and whoever asks has long moved on.
    const isNewest = sequence === session.sequence;
    const result: CommandResult = isNewest ? session.result : { type: "stale-sequence" };
    return { command, result, tookEffect: false };
  }
  const result = execute(store, index, command, rules);
  remember(store, id, { sequence, result });
  return { command, result, tookEffect: true };
}

function execute(
  store: Store,
  index: number,
  command: Execution,
  rules: StoreRules,
): CommandResult {
  if (command.op === "txn") return executeTxn(store, index, command.ops, rules);
  const current = store.values.get(command.key) ?? null;
  switch (command.op) {
    case "put":
      return put(store, index, command);
    case "cas":
      if (current !== command.expected) return { type: "cas-mismatch", current };
      return put(store, index, command);
    case "delete":
      if (current === null) return { type: "deleted", index, previous: null };
      store.values.delete(command.key);
      store.valuesChars -= command.key.length + charsOf(current);
      return { type: "deleted", index, previous: current };
  }
}

function put(
  store: Store,
  index: number,
  { key, value }: { readonly key: string; readonly value: string },
): CommandResult {
  if (!takeRoom(store, charsAdded(store, key, value))) return { type: "store-full" };
  store.values.set(key, value);
  return { type: "written", index };
}

/** Characters more than before, or fewer. */
function charsAdded(store: Store, key: string, value: Value): number {
  const before = store.values.get(key);
  return charsOf(value) - (before === undefined ? -key.length : charsOf(before));
}

/** False where there is none. What takes less room than before always has it. */
function takeRoom(store: Store, chars: number): boolean {
  if (chars > 0 && store.valuesChars + chars > VALUES_CHARS_MAX) return false;
  store.valuesChars += chars;
  return true;
}

/** Nothing is kept unless all steps went through. */
function executeTxn(
  store: Store,
  index: number,
  ops: readonly MicroOp[],
  { undoesRefusedTxn }: StoreRules,
): CommandResult {
  const { changes, results, refused } = runSteps(ops, store.values);
  const result: CommandResult =
    refused === undefined
      ? { type: "txn-done", index, results }
      : { type: "txn-aborted", ...refused };
  if (resultChars(result) > RESULTS_CHARS_MAX) return { type: "result-too-large" };
  if (refused !== undefined && undoesRefusedTxn()) return result;
  let chars = 0;
  for (const [key, value] of changes) chars += charsAdded(store, key, value);
  if (!takeRoom(store, chars)) return { type: "store-full" };
  for (const [key, value] of changes) store.values.set(key, value);
  return result;
}

export interface RunSteps {
  /** What the keys hold afterwards, as far as they were changed. */
  readonly changes: ReadonlyMap<string, Value>;
  /** As of "txn-done". */
  readonly results: readonly (Value | null)[];
  /** The first step that did not fit what its key held: none after it was run. */
  readonly refused?: { readonly step: number; readonly current: Value | null };
}

/** Steps see what earlier ones did. */
export function runSteps(ops: readonly MicroOp[], values: ReadonlyMap<string, Value>): RunSteps {
  const changes = new Map<string, Value>();
  const results: (Value | null)[] = [];
  for (const [step, op] of ops.entries()) {
    const [, key] = op;
    const current = changes.get(key) ?? values.get(key) ?? null;
    const done = executeStep(op, current);
    if (done === undefined) return { changes, results, refused: { step, current } };
    results.push(done.result);
    if (done.value !== undefined) changes.set(key, done.value);
  }
  return { changes, results };
}

/** Undefined where the step does not fit what the key holds. */
function executeStep(
  op: MicroOp,
  current: Value | null,
): { readonly result: Value | null; readonly value?: Value } | undefined {
  switch (op[0]) {
    case "r":
      return { result: current };
    case "w":
      return { result: null, value: op[2] };
    case "append": {
      const list = current ?? [];
      return isList(list) ? { result: null, value: [...list, op[2]] } : undefined;
    }
    case "take": {
      const list = current ?? [];
      if (!isList(list)) return undefined;
      const [first, ...rest] = list;
      return first === undefined ? { result: null } : { result: first, value: rest };
    }
    case "cas":
      return current === op[2] ? { result: null, value: op[3] } : undefined;
    case "add": {
      const count = current ?? 0;
      if (typeof count !== "number" || !Number.isSafeInteger(count + op[2])) return undefined;
      return { result: count + op[2], value: count + op[2] };
    }
  }
}

function isList(value: Value): value is readonly string[] {
  return typeof value === "object";
}
