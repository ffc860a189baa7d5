import { mixHash } from "../../src/base/hash.ts";
import type { Command, CommandResult } from "./command.ts";

/** So many sessions are remembered; the one used longest ago makes room, and its client must register anew. */
export const SESSION_COUNT_MAX = 4096;

/** What is remembered of a client (§8; thesis §6.3): its newest command and the answer. */
interface Session {
  readonly sequence: number;
  readonly result: CommandResult;
}

/** Decides whether a command with this sequence was executed before. */
export type IsRetry = (session: { readonly sequence: number }, sequence: number) => boolean;

/** The replicated state machine: equal commands in equal order give equal state on every node. */
export interface Store {
  readonly values: Map<string, string>;
  /** In order of last use, so that the first is the next to go. */
  readonly sessions: Map<number, Session>;
  /** Rolling hash over all commands and results. */
  stateHash: number;
}

export function createStore(): Store {
  return { values: new Map(), sessions: new Map(), stateHash: 0 };
}

export interface Applied {
  readonly result: CommandResult;
  /** False where the answer came from the session's memory, or the command was refused. */
  readonly tookEffect: boolean;
}

/** Applies the command of log entry `index`. Deterministic: no clock, no chance. */
export function applyCommand(
  store: Store,
  index: number,
  command: Command,
  isRetry: IsRetry,
): Applied {
  const applied =
    command.op === "register"
      ? { result: register(store, index), tookEffect: true }
      : command.session === undefined
        ? { result: execute(store, index, command), tookEffect: true }
        : applyInSession(store, index, command, isRetry);
  store.stateHash = mixHash(store.stateHash, index, JSON.stringify([command, applied.result]));
  return applied;
}

function register(store: Store, index: number): CommandResult {
  const oldest = store.sessions.keys().next();
  if (store.sessions.size >= SESSION_COUNT_MAX && !oldest.done) store.sessions.delete(oldest.value);
  const result: CommandResult = { type: "registered", session: index };
  store.sessions.set(index, { sequence: 0, result });
  return result;
}

type Execution = Exclude<Command, { op: "register" }>;

function applyInSession(
  store: Store,
  index: number,
  command: Execution,
  isRetry: IsRetry,
): Applied {
  const { session: id = 0, sequence = 0 } = command;
  const session = store.sessions.get(id);
  if (session === undefined) return { result: { type: "session-expired" }, tookEffect: false };
  if (isRetry(session, sequence)) {
    // Older than the newest: its answer is forgotten, and whoever asks has long moved on.
    const isNewest = sequence === session.sequence;
    const result: CommandResult = isNewest ? session.result : { type: "stale-sequence" };
    return { result, tookEffect: false };
  }
  const result = execute(store, index, command);
  store.sessions.delete(id);
  store.sessions.set(id, { sequence, result });
  return { result, tookEffect: true };
}

function execute(store: Store, index: number, command: Execution): CommandResult {
  const current = store.values.get(command.key) ?? null;
  switch (command.op) {
    case "put":
      store.values.set(command.key, command.value);
      return { type: "written", index };
    case "cas":
      if (current !== command.expected) return { type: "cas-mismatch", current };
      store.values.set(command.key, command.value);
      return { type: "written", index };
    case "delete":
      store.values.delete(command.key);
      return { type: "deleted", index, previous: current };
  }
}
