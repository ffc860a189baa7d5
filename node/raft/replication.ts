import type { NodeId } from "../../src/base/node-id.ts";
import { advanceCommit, setCommitIndex } from "./commit.ts";
import {
  append,
  hashAt,
  lastIndex,
  lastIndexNotAbove,
  slice,
  termAt,
  truncate,
  type Entry,
  type LogIndex,
} from "./log.ts";
import type { AppendEntries, AppendEntriesReply } from "./messages.ts";
import { heldByMajority } from "./quorum.ts";
import { stepDown } from "./step-down.ts";
import {
  afterDurable,
  call,
  resetElectionTimer,
  trace,
  type LeaderState,
  type Progress,
  type RaftState,
} from "./state.ts";

/** One AppendEntries carries at most this much, so that it neither blocks a link nor a follower for long. */
const BATCH = { maxEntries: 256, maxChars: 512 * 1024 };
/** Batches under way to one follower. */
const PIPELINE_DEPTH = 4;
/** Heartbeats go on while calls are stuck, up to this many. */
const IN_FLIGHT_MAX = 8;

/** §5.2, §8: won; say so to everyone with a no-op of the new term. */
export function startLeading(raft: RaftState): void {
  raft.role = "leader";
  raft.leaderId = raft.id;
  const nextIndex = lastIndex(raft.log) + 1;
  const fresh = (): Progress => ({
    nextIndex,
    matchIndex: 0,
    inFlight: 0,
    batchesInFlight: 0,
    probing: true,
    waiting: false,
    heartbeatDueMs: raft.nowMs,
    sentRound: 0,
    ackedRound: 0,
    lastAckMs: raft.nowMs,
  });
  raft.leader = {
    progress: new Map(raft.peers.map((peer) => [peer, fresh()])),
    firstIndex: nextIndex,
    round: 0,
    quorumCheckDueMs: raft.nowMs + raft.timing.electionTimeoutMsMax,
  };
  const votes = [...new Set(raft.votes)];
  trace(raft, { type: "role", role: "leader", term: raft.currentTerm, votes });
  propose(raft, "");
}

/** §5.3: the leader appends a command to its log; it is replicated from there. Returns its index. */
export function propose(raft: RaftState, command: string): LogIndex {
  const index = lastIndex(raft.log) + 1;
  appendEntries(raft, [{ index, term: raft.currentTerm, command }]);
  replicateToAll(raft);
  return index;
}

function appendEntries(raft: RaftState, entries: readonly Entry[]): void {
  const first = entries[0];
  if (first === undefined) return;
  for (const entry of entries) append(raft.log, entry);
  raft.dirtyEntriesFrom = Math.min(raft.dirtyEntriesFrom ?? first.index, first.index);
  trace(raft, {
    type: "append",
    term: raft.currentTerm,
    role: raft.role,
    from: first.index,
    entries: entries.map((entry) => [entry.term, hashAt(raft.log, entry.index)] as const),
  });
}

function truncateLog(raft: RaftState, from: LogIndex): void {
  truncate(raft.log, from);
  raft.dirtyTruncateFrom = Math.min(raft.dirtyTruncateFrom ?? from, from);
  if (raft.dirtyEntriesFrom !== undefined && raft.dirtyEntriesFrom >= from) {
    raft.dirtyEntriesFrom = undefined;
  }
  raft.durableIndex = Math.min(raft.durableIndex, from - 1);
  for (const write of raft.writesUnderWay) {
    write.lastIndex = Math.min(write.lastIndex, from - 1);
  }
  trace(raft, { type: "truncate", term: raft.currentTerm, role: raft.role, from });
}

/** Fig. 2, AppendEntries RPC, receiver. */
export function handleAppendEntries(raft: RaftState, rpcId: number, message: AppendEntries): void {
  const { rules } = raft;
  if (rules.isStaleTerm(raft, message.term) || raft.role === "leader") {
    respond(raft, rpcId, { success: false, matchIndex: 0 });
    return;
  }
  followLeader(raft, message.leaderId);
  if (rules.needsConsistencyCheck(message) && !rules.matchesPrevious(raft, message)) {
    respond(raft, rpcId, { success: false, matchIndex: 0, conflict: conflictAt(raft, message) });
    return;
  }
  const cut = rules.truncationPoint(raft, message);
  if (cut !== undefined && cut <= lastIndex(raft.log)) truncateLog(raft, cut);
  const end = lastIndex(raft.log);
  appendEntries(
    raft,
    message.entries.filter((entry) => entry.index > end),
  );
  setCommitIndex(raft, rules.followerCommitIndex(raft, message));
  respond(raft, rpcId, { success: true, matchIndex: rules.ackedIndex(raft, message) });
}

function followLeader(raft: RaftState, leaderId: NodeId): void {
  if (raft.role === "candidate") stepDown(raft, leaderId);
  raft.leaderId = leaderId;
  raft.preVoting = false;
  raft.leaderContactMs = raft.nowMs;
  resetElectionTimer(raft);
}

/** §5.3, fast back-up: the last place where our log could still agree with the leader's. */
function conflictAt(raft: RaftState, message: AppendEntries): { index: LogIndex; term: number } {
  const index = lastIndexNotAbove(raft.log, message.prevLogTerm, message.prevLogIndex);
  return { index, term: termAt(raft.log, index) ?? 0 };
}

function respond(
  raft: RaftState,
  rpcId: number,
  outcome: Pick<AppendEntriesReply, "success" | "matchIndex" | "conflict">,
): void {
  const reply = { type: "append-entries-reply", term: raft.currentTerm, ...outcome } as const;
  const effect = { type: "respond", rpcId, reply } as const;
  if (raft.rules.ackWaitsForDisk(raft)) afterDurable(raft, effect);
  else raft.effects.push(effect);
}

/** The leader hears from a follower. */
export function handleAppendReply(
  raft: RaftState,
  from: NodeId,
  request: AppendEntries,
  reply: AppendEntriesReply,
): void {
  const progress = progressFor(raft, from, request);
  if (progress === undefined) return;
  landed(progress, request);
  if (reply.term !== raft.currentTerm) return;
  progress.waiting = false;
  progress.lastAckMs = raft.nowMs;
  progress.ackedRound = Math.max(progress.ackedRound, request.round);
  if (reply.success) {
    progress.matchIndex = raft.rules.nextMatchIndex(progress.matchIndex, reply.matchIndex);
    progress.nextIndex = Math.max(progress.nextIndex, progress.matchIndex + 1);
    progress.probing = false;
    advanceCommit(raft);
  } else if (reply.conflict) {
    lookFurtherBack(raft, progress, request, reply.conflict);
  } else {
    // The follower leads the same term, which can't be: asking again at once would go round and round.
    progress.waiting = true;
  }
  replicate(raft, from, progress);
}

/** §5.3: the follower's log does not agree at prevLogIndex, and it took nothing of what was sent. */
function lookFurtherBack(
  raft: RaftState,
  progress: Progress,
  request: AppendEntries,
  conflict: { readonly index: LogIndex; readonly term: number },
): void {
  const { prevLogIndex, entries } = request;
  if (prevLogIndex + entries.length <= progress.matchIndex) return;
  const agree = lastIndexNotAbove(
    raft.log,
    conflict.term,
    Math.min(conflict.index, prevLogIndex - 1),
  );
  // Only ever down: this may be an old refusal of a place that was left behind since.
  progress.nextIndex = Math.min(progress.nextIndex, Math.max(agree, progress.matchIndex) + 1);
  progress.probing = true;
  // It was overtaken by what made this place agree; or the follower lost what it had acknowledged, and to
  // ask again at once would go round and round.
  if (prevLogIndex <= progress.matchIndex) progress.waiting = true;
}

/** A call got no answer: refused, cut, or too late. Wait for the next heartbeat before trying again. */
export function handleUnanswered(raft: RaftState, from: NodeId, request: AppendEntries): void {
  const progress = progressFor(raft, from, request);
  if (progress === undefined) return;
  landed(progress, request);
  progress.waiting = true;
  // While probing, silence says nothing about where the logs agree: the place to look at stays.
  if (progress.probing) return;
  progress.nextIndex = progress.matchIndex + 1;
  progress.probing = true;
}

function landed(progress: Progress, request: AppendEntries): void {
  progress.inFlight--;
  if (request.entries.length > 0) progress.batchesInFlight--;
}

/** Undefined unless `request` was made by the leadership that this node holds now. */
function progressFor(raft: RaftState, peer: NodeId, request: AppendEntries): Progress | undefined {
  if (request.term !== raft.currentTerm) return undefined;
  return raft.leader?.progress.get(peer);
}

export function replicateToAll(raft: RaftState): void {
  if (raft.leader === undefined) return;
  for (const [peer, progress] of raft.leader.progress) replicate(raft, peer, progress);
}

/**
 * Sends what is new. Entries: at once if none are under way, else when a full batch has gathered (as in TCP,
 * RFC 896), and at the latest with the next heartbeat. Rounds of read-index: one after the other. Heartbeats
 * under way hold nothing up: on a link slower than their interval there always is one.
 */
function replicate(raft: RaftState, peer: NodeId, progress: Progress): void {
  const leader = raft.leader;
  if (leader === undefined || progress.waiting) return;
  const send = (withEntries: boolean): void =>
    sendAppend(raft, leader, { peer, progress, withEntries });
  if (progress.batchesInFlight === 0 && unsentCount(raft, progress) > 0) send(true);
  while (mayPipeline(progress) && unsentCount(raft, progress) >= BATCH.maxEntries) send(true);
  const isRoundUnderWay = progress.inFlight > 0 && progress.ackedRound < progress.sentRound;
  if (progress.sentRound < leader.round && !isRoundUnderWay) send(false);
}

function unsentCount(raft: RaftState, progress: Progress): number {
  return lastIndex(raft.log) - progress.nextIndex + 1;
}

function mayPipeline(progress: Progress): boolean {
  return !progress.probing && progress.batchesInFlight < PIPELINE_DEPTH;
}

/** §5.2: the leader repeats itself during idle periods, and towards followers that do not answer. */
export function sendHeartbeats(raft: RaftState): void {
  const leader = raft.leader;
  if (leader === undefined) return;
  for (const [peer, progress] of leader.progress) {
    if (raft.nowMs < progress.heartbeatDueMs) continue;
    progress.heartbeatDueMs = raft.nowMs + raft.timing.heartbeatMs;
    progress.waiting = false;
    if (progress.inFlight >= IN_FLIGHT_MAX) continue;
    const mayCarry = progress.batchesInFlight === 0 || mayPipeline(progress);
    const withEntries = mayCarry && unsentCount(raft, progress) > 0;
    sendAppend(raft, leader, { peer, progress, withEntries });
  }
}

function sendAppend(
  raft: RaftState,
  leader: LeaderState,
  {
    peer,
    progress,
    withEntries,
  }: { readonly peer: NodeId; readonly progress: Progress; readonly withEntries: boolean },
): void {
  // A heartbeat beside entries under way looks at what is known to agree: it can't fail by overtaking them.
  const isBeside = !withEntries && !progress.probing && progress.batchesInFlight > 0;
  const prevLogIndex = isBeside ? progress.matchIndex : progress.nextIndex - 1;
  const entries = withEntries ? slice(raft.log, progress.nextIndex, BATCH) : [];
  call(raft, peer, {
    type: "append-entries",
    term: raft.currentTerm,
    leaderId: raft.id,
    prevLogIndex,
    prevLogTerm: termAt(raft.log, prevLogIndex) ?? 0,
    entries,
    leaderCommit: raft.commitIndex,
    round: leader.round,
  });
  if (!progress.probing) progress.nextIndex += entries.length;
  progress.inFlight++;
  if (entries.length > 0) progress.batchesInFlight++;
  progress.sentRound = leader.round;
}

/** Thesis §6.2: whoever hears from no majority can't know whether it still leads. */
export function checkQuorum(raft: RaftState): void {
  const leader = raft.leader;
  if (leader === undefined || raft.nowMs < leader.quorumCheckDueMs) return;
  const window = raft.timing.electionTimeoutMsMax;
  leader.quorumCheckDueMs = raft.nowMs + window / 4;
  const heard = [...leader.progress.values()].filter(
    (progress) => raft.nowMs - progress.lastAckMs < window,
  );
  if (raft.rules.hasLostQuorum(raft, heard.length + 1)) stepDown(raft, null);
}

/** §8: the newest round that a majority, this node included, has confirmed. */
export function confirmedRound(leader: LeaderState): number {
  const acked = [...leader.progress.values()].map((progress) => progress.ackedRound);
  return heldByMajority([leader.round, ...acked]);
}
