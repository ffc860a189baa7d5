import { unreachable } from "../../src/base/assert.ts";
import type { NodeId } from "../../src/base/node-id.ts";
import { countVote, handleRequestVote, handleVoteReply, startPreVote } from "./election.ts";
import { entryAt, hashAt, lastIndex, type Entry, type LogIndex } from "./log.ts";
import type { Reply, Request } from "./messages.ts";
import {
  checkQuorum,
  handleAppendEntries,
  handleAppendReply,
  handleUnanswered,
  sendHeartbeats,
} from "./replication.ts";
import { advanceCommit } from "./commit.ts";
import { adoptTerm } from "./step-down.ts";
import { trace, type RaftEffect, type RaftState } from "./state.ts";

/**
 * What can happen to a server. Each `call` effect is followed by exactly one `answer` or `unanswered`,
 * each `persist` by one `persisted` in the same order, each `save-snapshot` by one `snapshot-saved`; each `rpc`
 * gets one `respond`.
 */
export type RaftInput =
  | { readonly type: "tick" }
  | { readonly type: "rpc"; readonly rpcId: number; readonly request: Request }
  | {
      readonly type: "answer";
      readonly from: NodeId;
      readonly request: Request;
      readonly reply: Reply;
    }
  | { readonly type: "unanswered"; readonly from: NodeId; readonly request: Request }
  | { readonly type: "persisted"; readonly writeId: number }
  /** A `save-snapshot` effect is done: the snapshot up to `index` is durable and in its place. */
  | { readonly type: "snapshot-saved"; readonly index: LogIndex };

/** Takes one input; what comes of it lies in `raft.effects` after `settle`. */
export function stepRaft(raft: RaftState, input: RaftInput): void {
  switch (input.type) {
    case "tick":
      return handleTick(raft);
    case "rpc":
      adoptHigherTerm(raft, input.request);
      return input.request.type === "request-vote"
        ? handleRequestVote(raft, input.rpcId, input.request)
        : handleAppendEntries(raft, input.rpcId, input.request);
    case "answer":
      adoptHigherTerm(raft, input.reply);
      return handleAnswer(raft, input.from, input.request, input.reply);
    case "unanswered":
      if (input.request.type === "append-entries")
        handleUnanswered(raft, input.from, input.request);
      return;
    case "persisted":
      return handlePersisted(raft, input.writeId);
    case "snapshot-saved":
      return;
    default:
      return unreachable(input);
  }
}

/** Fig. 2, "All Servers": before anything else, a higher term is adopted. A pre-vote only asks about one. */
function adoptHigherTerm(raft: RaftState, message: Request | Reply): void {
  if (message.type === "request-vote" && message.preVote) return;
  if (message.term > raft.currentTerm) adoptTerm(raft, message.term);
}

function handleTick(raft: RaftState): void {
  if (raft.role === "leader") {
    checkQuorum(raft);
    sendHeartbeats(raft);
  } else if (raft.nowMs >= raft.electionDeadlineMs) {
    startPreVote(raft);
  }
}

function handleAnswer(raft: RaftState, from: NodeId, request: Request, reply: Reply): void {
  if (request.type === "request-vote" && reply.type === "request-vote-reply") {
    handleVoteReply(raft, from, request, reply);
  } else if (request.type === "append-entries" && reply.type === "append-entries-reply") {
    handleAppendReply(raft, from, request, reply);
  }
}

/** The disk holds all writes up to `writeId`: what waited for them may happen now. */
function handlePersisted(raft: RaftState, writeId: number): void {
  raft.persistedWriteId = writeId;
  let durable = raft.durableIndex;
  while ((raft.writesUnderWay[0]?.writeId ?? Infinity) <= writeId) {
    durable = Math.max(durable, raft.writesUnderWay.shift()?.lastIndex ?? 0);
  }
  if (durable > raft.durableIndex) {
    raft.durableIndex = durable;
    trace(raft, { type: "durable", index: durable, hash: hashAt(raft.log, durable) });
  }
  while ((raft.held[0]?.writeId ?? Infinity) <= writeId) {
    const effect = raft.held.shift()?.effect;
    if (effect !== undefined) release(raft, effect);
  }
  advanceCommit(raft);
}

/** An effect leaves. When it is our own vote, it counts from now on. */
function release(raft: RaftState, effect: RaftEffect): void {
  raft.effects.push(effect);
  if (effect.type !== "trace" || effect.transition.type !== "vote") return;
  const { term, candidate } = effect.transition;
  const isCampaigning = raft.role === "candidate" && !raft.preVoting;
  const isOwn = candidate === raft.id && term === raft.currentTerm;
  if (isCampaigning && isOwn) countVote(raft, raft.id);
}

/** Ends a round of inputs: one write for all that changed, and everything that need not wait for it. */
export function settle(raft: RaftState): RaftEffect[] {
  let released = 0;
  do {
    if (isDirty(raft)) persist(raft);
    const gated = raft.gated;
    raft.gated = [];
    released = gated.length;
    for (const effect of gated) {
      if (raft.persistedWriteId >= raft.lastWriteId) release(raft, effect);
      else raft.held.push({ writeId: raft.lastWriteId, effect });
    }
  } while (released > 0);
  const effects = raft.effects;
  raft.effects = [];
  return effects;
}

function isDirty(raft: RaftState): boolean {
  return (
    raft.dirtyHardState ||
    raft.dirtyTruncateFrom !== undefined ||
    raft.dirtyEntriesFrom !== undefined
  );
}

function persist(raft: RaftState): void {
  const writeId = ++raft.lastWriteId;
  const entries: Entry[] = [];
  for (let index = raft.dirtyEntriesFrom ?? Infinity; index <= lastIndex(raft.log); index++) {
    const entry = entryAt(raft.log, index);
    if (entry !== undefined) entries.push(entry);
  }
  const hardState = raft.dirtyHardState ? raft.rules.voteToPersist(raft) : undefined;
  raft.effects.push({
    type: "persist",
    write: { writeId, hardState, truncateFrom: raft.dirtyTruncateFrom, entries },
  });
  raft.writesUnderWay.push({ writeId, lastIndex: lastIndex(raft.log) });
  raft.dirtyHardState = false;
  raft.dirtyTruncateFrom = undefined;
  raft.dirtyEntriesFrom = undefined;
}

/** When this server next wants a `tick`, in milliseconds of its clock. */
export function wakeAtMs(raft: RaftState): number {
  const leader = raft.leader;
  if (leader === undefined) return raft.electionDeadlineMs;
  let wake = leader.quorumCheckDueMs;
  for (const progress of leader.progress.values()) {
    if (progress.heartbeatDueMs < wake) wake = progress.heartbeatDueMs;
  }
  return wake;
}
