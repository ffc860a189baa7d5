import { at, unreachable } from "../../src/base/assert.ts";
import type { NodeId } from "../../src/base/node-id.ts";
import { handleSnapshotSaved } from "./compaction.ts";
import {
  countVote,
  handleElectionTimeout,
  handleRequestVote,
  handleTimeoutNow,
  handleVoteReply,
  refuseVote,
} from "./election.ts";
import { handleInstallSnapshot } from "./install.ts";
import { added } from "./lists.ts";
import { entriesFrom, hashAt, lastIndex, type LogIndex } from "./log.ts";
import type { Reply, Request } from "./messages.ts";
import { checkQuorum } from "./leadership.ts";
import {
  handleAppendEntries,
  handleAppendReply,
  handleInstallReply,
  handleUnanswered,
} from "./replication.ts";
import { sendHeartbeats } from "./sending.ts";
import { advanceCommit } from "./commit.ts";
import { adoptTerm } from "./step-down.ts";
import {
  emit,
  trace,
  type HardState,
  type RaftEffect,
  type RaftState,
  type Write,
} from "./state.ts";
import { checkTransfer } from "./transfer.ts";

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
      return handleRpc(raft, input.rpcId, input.request);
    case "answer":
      adoptHigherTerm(raft, input.reply);
      return handleAnswer(raft, input.from, input.request, input.reply);
    case "unanswered":
      if (input.request.type === "append-entries" || input.request.type === "install-snapshot") {
        handleUnanswered(raft, input.from, input.request);
      }
      return;
    case "persisted":
      return handlePersisted(raft, input.writeId);
    case "snapshot-saved":
      return handleSnapshotSaved(raft, input.index);
    default:
      return unreachable(input);
  }
}

function handleRpc(raft: RaftState, rpcId: number, request: Request): void {
  if (request.type === "request-vote" && raft.rules.ignoresCandidate(raft, request)) {
    return refuseVote(raft, rpcId);
  }
  adoptHigherTerm(raft, request);
  switch (request.type) {
    case "request-vote":
      return handleRequestVote(raft, rpcId, request);
    case "append-entries":
      return handleAppendEntries(raft, rpcId, request);
    case "install-snapshot":
      return handleInstallSnapshot(raft, rpcId, request);
    case "timeout-now":
      return handleTimeoutNow(raft, rpcId, request);
    default:
      return unreachable(request);
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
    checkTransfer(raft);
    sendHeartbeats(raft);
  } else if (raft.nowMs >= raft.electionDeadlineMs) {
    handleElectionTimeout(raft);
  }
}

function handleAnswer(raft: RaftState, from: NodeId, request: Request, reply: Reply): void {
  if (request.type === "request-vote" && reply.type === "request-vote-reply") {
    handleVoteReply(raft, from, request, reply);
  } else if (request.type === "append-entries" && reply.type === "append-entries-reply") {
    handleAppendReply(raft, from, request, reply);
  } else if (request.type === "install-snapshot" && reply.type === "install-snapshot-reply") {
    handleInstallReply(raft, from, request, reply);
  }
}

/** The disk holds all writes up to `writeId`: what waited for them may happen now. */
function handlePersisted(raft: RaftState, writeId: number): void {
  raft.persistedWriteId = writeId;
  const { writesUnderWay, held } = raft;
  let durable = raft.durableIndex;
  const doneCount = countUpTo(writesUnderWay, writeId);
  for (let i = 0; i < doneCount; i++) durable = Math.max(durable, at(writesUnderWay, i).lastIndex);
  raft.writesUnderWay = writesUnderWay.slice(doneCount);
  if (durable > raft.durableIndex) {
    raft.durableIndex = durable;
    trace(raft, { type: "durable", index: durable, hash: hashAt(raft.log, durable) });
  }
  const releasedCount = countUpTo(held, writeId);
  for (let i = 0; i < releasedCount; i++) release(raft, at(held, i).effect);
  raft.held = held.slice(releasedCount);
  advanceCommit(raft);
}

/** How many of them, which are in the order of their writes, wait for writes up to `writeId`. */
function countUpTo(waiting: readonly { readonly writeId: number }[], writeId: number): number {
  let count = 0;
  while (count < waiting.length && at(waiting, count).writeId <= writeId) count++;
  return count;
}

/** An effect leaves. When it is our own vote, it counts from now on. */
function release(raft: RaftState, effect: RaftEffect): void {
  emit(raft, effect);
  if (effect.type !== "trace" || effect.transition.type !== "vote") return;
  const { term, candidate } = effect.transition;
  const isCampaigning = raft.role === "candidate" && !raft.preVoting;
  const isOwn = candidate === raft.id && term === raft.currentTerm;
  if (isCampaigning && isOwn) countVote(raft, raft.id);
}

/** Ends a round of inputs: one write for all that changed, and everything that need not wait for it. */
export function settle(raft: RaftState): RaftEffect[] {
  for (;;) {
    if (isDirty(raft)) persist(raft);
    if (raft.gated.length === 0) break;
    const { gated } = raft;
    raft.gated = [];
    for (const effect of gated) {
      if (raft.persistedWriteId >= raft.lastWriteId) release(raft, effect);
      else raft.held = added(raft.held, { writeId: raft.lastWriteId, effect });
    }
  }
  const { effects } = raft;
  if (effects.length > 0) raft.effects = [];
  return effects;
}

function isDirty(raft: RaftState): boolean {
  return (
    raft.dirtyHardState ||
    raft.dirtyBase ||
    raft.dirtyTruncateFrom !== undefined ||
    raft.dirtyEntriesFrom !== undefined
  );
}

function persist(raft: RaftState): void {
  const write = raft.dirtyBase ? wholeLog(raft) : changes(raft);
  emit(raft, { type: "persist", write });
  const underWay = { writeId: write.writeId, lastIndex: lastIndex(raft.log) };
  raft.writesUnderWay = added(raft.writesUnderWay, underWay);
  raft.dirtyBase = false;
  raft.dirtyHardState = false;
  raft.dirtyTruncateFrom = undefined;
  raft.dirtyEntriesFrom = undefined;
}

function changes(raft: RaftState): Write {
  const { dirtyEntriesFrom: from } = raft;
  return {
    writeId: ++raft.lastWriteId,
    hardState: raft.dirtyHardState ? hardStateOf(raft) : undefined,
    truncateFrom: raft.dirtyTruncateFrom,
    entries: from === undefined ? [] : entriesFrom(raft.log, from),
  };
}

function hardStateOf(raft: RaftState): HardState {
  const vote = raft.rules.voteToPersist(raft);
  return raft.mayVoteFrom === 0 ? vote : { ...vote, mayVoteFrom: raft.mayVoteFrom };
}

/** §7: what is left of the log takes the place of what was there. */
function wholeLog(raft: RaftState): Write {
  return {
    writeId: ++raft.lastWriteId,
    base: raft.log.base,
    hardState: hardStateOf(raft),
    truncateFrom: undefined,
    entries: [...raft.log.entries],
  };
}

/** When this server next wants a `tick`, in milliseconds of its clock. */
export function wakeAtMs(raft: RaftState): number {
  const leader = raft.leader;
  if (leader === undefined) return raft.electionDeadlineMs;
  let wake = Math.min(leader.quorumCheckDueMs, leader.transfer?.deadlineMs ?? Infinity);
  for (const { heartbeatDueMs } of leader.followers) wake = Math.min(wake, heartbeatDueMs);
  return wake;
}
