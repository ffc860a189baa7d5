import { applyCommand, restoreStore, serializeStore } from "../kv/store.ts";
import { takeSnapshot, wantsSnapshot } from "../raft/compaction.ts";
import { configurationIn } from "../raft/configuration.ts";
import { added } from "../raft/lists.ts";
import { entryAt, lastIndex, type Entry, type LogIndex } from "../raft/log.ts";
import { trace } from "../raft/state.ts";
import type { ClientReply } from "./client.ts";
import { collect, reply, type PendingWrite, type Replica } from "./state.ts";

/** §7: a leader's snapshot takes the place of the state machine. */
export function takeOverSnapshot(replica: Replica): void {
  const { raft } = replica;
  const { installed } = raft;
  if (installed === undefined) return;
  raft.installed = undefined;
  replica.store = restoreStore(installed.state);
  replica.lastApplied = installed.index;
  replica.charsApplied = 0;
}

/** §7: the state machine goes to the disk when the log has grown enough. */
export function compactWhenDue(replica: Replica): void {
  const { raft, store, lastApplied } = replica;
  if (!wantsSnapshot(raft, { lastApplied, chars: replica.charsApplied })) return;
  const state = serializeStore(store, { withSessions: raft.rules.snapshotHoldsSessions() });
  takeSnapshot(raft, { index: lastApplied, state, stateHash: store.stateHash });
  replica.charsApplied = 0;
}

/** §5.3: apply in log order what is committed, and answer whoever waits for it. */
export function applyCommitted(replica: Replica): void {
  const { raft, store } = replica;
  const limit = Math.min(raft.rules.applyLimit(raft), lastIndex(raft.log));
  if (replica.lastApplied >= limit) return;
  const from = replica.lastApplied + 1;
  const hashes: number[] = [];
  const effects: [number, number, number][] = [];
  let answeredCount = 0;
  while (replica.lastApplied < limit) {
    const index = ++replica.lastApplied;
    const entry = entryAt(raft.log, index);
    if (entry === undefined) continue;
    replica.charsApplied += entry.command.length;
    const answer = applyEntry(replica, entry, effects);
    hashes.push(store.stateHash);
    const pending = writeAt(replica, index, answeredCount);
    if (answer === undefined || pending === undefined) continue;
    if (!raft.rules.answersPendingWrite(pending, entry)) continue;
    pending.answer = answer;
    answeredCount++;
  }
  trace(
    raft,
    effects.length > 0 ? { type: "apply", from, hashes, effects } : { type: "apply", from, hashes },
  );
  // The trace first: whoever sees an answer finds what it rests on.
  collect(replica);
  if (answeredCount > 0) answerWrites(replica);
}

/** That which waits for entry `index`. In the order of the log it is the one behind those that have their answers. */
function writeAt(
  { writes }: Replica,
  index: LogIndex,
  answeredCount: number,
): PendingWrite | undefined {
  const next = writes[answeredCount];
  return next?.index === index ? next : writes.find((write) => write.index === index);
}

function answerWrites(replica: Replica): void {
  let waiting: PendingWrite[] = [];
  for (const write of replica.writes) {
    if (write.answer === undefined) waiting = added(waiting, write);
    else reply(replica, write.requestId, write.answer);
  }
  replica.writes = waiting;
}

/** What whoever asked for it hears; undefined for a no-op, for which nobody asked. */
function applyEntry(
  { raft, store }: Replica,
  entry: Entry,
  effects: [index: number, session: number, sequence: number][],
): ClientReply | undefined {
  const { index } = entry;
  if (entry.command === "") return undefined;
  if (configurationIn(entry) !== undefined) return { type: "members-changed", index };
  const { command, result, tookEffect } = applyCommand(store, index, entry.command, raft.rules);
  if (tookEffect && command.op !== "register" && command.session !== undefined) {
    effects.push([index, command.session, command.sequence ?? 0]);
  }
  return { type: "done", result };
}
