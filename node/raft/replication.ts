import { assert, last } from "../../src/base/assert.ts";
import type { NodeId } from "../../src/base/node-id.ts";
import { advanceCommit, setCommitIndex } from "./commit.ts";
import { lastIndex, lastIndexNotAbove, slice, termAt, type Entry, type LogIndex } from "./log.ts";
import type {
  AppendEntries,
  AppendEntriesReply,
  InstallSnapshot,
  InstallSnapshotReply,
} from "./messages.ts";
import { appendEntries, followPeers, truncateLog } from "./own-log.ts";
import type { Progress, SnapshotTransfer } from "./progress.ts";
import { heldByMajority } from "./quorum.ts";
import { followLeader, stepDown } from "./step-down.ts";
import { afterDurable, call, trace, type LeaderState, type RaftState } from "./state.ts";
import { tellTarget } from "./transfer.ts";

/** One AppendEntries carries at most this much, so that it neither blocks a link nor a follower for long. */
const BATCH = { maxEntries: 256, maxChars: 512 * 1024 };
/** Batches under way to one follower. */
const PIPELINE_DEPTH = 4;
/** Heartbeats go on while calls are stuck, up to this many. */
const IN_FLIGHT_MAX = 8;
/** Of a snapshot in one call. */
const CHUNK_CHARS = 256 * 1024;

/** §5.2, §8: won; say so to everyone with a no-op of the new term. */
export function startLeading(raft: RaftState): void {
  raft.role = "leader";
  raft.leaderId = raft.id;
  raft.leader = {
    progress: new Map(),
    streamCount: 0,
    firstIndex: lastIndex(raft.log) + 1,
    round: 0,
    quorumCheckDueMs: raft.nowMs + raft.timing.electionTimeoutMsMax,
    transfer: undefined,
    leaseForfeited: false,
  };
  followPeers(raft, raft.leader);
  const voters = raft.rules.voters(raft.configuration);
  const votes = [...new Set(raft.votes)].filter((voter) => voters.includes(voter));
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

/** Fig. 2, AppendEntries RPC, receiver. */
export function handleAppendEntries(raft: RaftState, rpcId: number, received: AppendEntries): void {
  const { rules } = raft;
  if (rules.isStaleTerm(raft, received.term) || raft.role === "leader") {
    respond(raft, rpcId, { success: false, matchIndex: 0 });
    return;
  }
  followLeader(raft, received);
  const message = rules.withoutCompacted(raft, received);
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
  heard(raft, progress, request);
  if (reply.success) agree(raft, progress, reply.matchIndex);
  else if (reply.conflict) {
    lookFurtherBack(raft, progress, request, reply.conflict);
  } else {
    // The follower leads the same term, which can't be: asking again at once would go round and round.
    progress.waiting = true;
  }
  replicate(raft, from, progress);
}

/** It answered a call of this leadership, so it follows it. */
function heard(
  raft: RaftState,
  progress: Progress,
  request: AppendEntries | InstallSnapshot,
): void {
  progress.waiting = false;
  progress.lastAckMs = raft.nowMs;
  progress.ackedRound = Math.max(progress.ackedRound, request.round);
  progress.ackedSentMs = Math.max(progress.ackedSentMs, request.sent?.atMs ?? -Infinity);
}

/** The logs agree up to `matchIndex`. */
function agree(raft: RaftState, progress: Progress, matchIndex: LogIndex): void {
  progress.matchIndex = raft.rules.nextMatchIndex(progress.matchIndex, matchIndex);
  progress.nextIndex = Math.max(progress.nextIndex, progress.matchIndex + 1);
  progress.probing = false;
  advanceCommit(raft);
  tellTarget(raft);
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

/** §7: the follower tells how much of the snapshot it has, or that it is in force. */
export function handleInstallReply(
  raft: RaftState,
  from: NodeId,
  request: InstallSnapshot,
  reply: InstallSnapshotReply,
): void {
  const progress = progressFor(raft, from, request);
  if (progress === undefined) return;
  landed(progress, request);
  if (reply.term !== raft.currentTerm) return;
  heard(raft, progress, request);
  const { transfer } = progress;
  if (reply.matchIndex > 0) {
    progress.transfer = undefined;
    agree(raft, progress, reply.matchIndex);
  } else if (transfer?.snapshot.index === request.lastIncludedIndex) {
    transfer.offset = Math.min(reply.nextOffset, transfer.snapshot.state.length);
    // All of it is there and on its way to the disk: ask again with the next heartbeat.
    progress.waiting = transfer.offset === transfer.snapshot.state.length;
  }
  replicate(raft, from, progress);
}

/** A call got no answer: refused, cut, or too late. Wait for the next heartbeat before trying again. */
export function handleUnanswered(
  raft: RaftState,
  from: NodeId,
  request: AppendEntries | InstallSnapshot,
): void {
  const progress = progressFor(raft, from, request);
  if (progress === undefined) return;
  landed(progress, request);
  progress.waiting = true;
  // While probing, silence says nothing about where the logs agree: the place to look at stays.
  if (progress.probing) return;
  progress.nextIndex = progress.matchIndex + 1;
  progress.probing = true;
}

function landed(progress: Progress, request: AppendEntries | InstallSnapshot): void {
  progress.inFlight--;
  if (request.type === "append-entries") {
    if (request.entries.length > 0) progress.batchesInFlight--;
  } else if (request.data !== "" && progress.transfer !== undefined) {
    progress.transfer.isChunkInFlight = false;
  }
}

/** Undefined unless `request` was made by the leadership that this node holds now. */
function progressFor(
  raft: RaftState,
  peer: NodeId,
  request: AppendEntries | InstallSnapshot,
): Progress | undefined {
  if (request.term !== raft.currentTerm) return undefined;
  const progress = raft.leader?.progress.get(peer);
  return progress?.stream === request.sent?.stream ? progress : undefined;
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
  const target: Target = { leader, peer, progress };
  if (needsSnapshot(raft, progress)) return continueSnapshot(raft, target);
  if (progress.batchesInFlight === 0 && unsentCount(raft, progress) > 0) sendEntries(raft, target);
  while (mayPipeline(progress) && unsentCount(raft, progress) >= BATCH.maxEntries) {
    sendEntries(raft, target);
  }
  if (needsRound(target)) sendHeartbeat(raft, target);
}

/** Whom a leader calls. */
interface Target {
  readonly leader: LeaderState;
  readonly peer: NodeId;
  readonly progress: Progress;
}

function needsRound({ leader, progress }: Target): boolean {
  const isUnderWay = progress.inFlight > 0 && progress.ackedRound < progress.sentRound;
  return progress.sentRound < leader.round && !isUnderWay;
}

function unsentCount(raft: RaftState, progress: Progress): number {
  return lastIndex(raft.log) - progress.nextIndex + 1;
}

function mayPipeline(progress: Progress): boolean {
  return !progress.probing && progress.batchesInFlight < PIPELINE_DEPTH;
}

/** §7: the entry before the next one is compacted away. */
function needsSnapshot(raft: RaftState, progress: Progress): boolean {
  return progress.nextIndex <= raft.log.base.index;
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
    const target: Target = { leader, peer, progress };
    if (needsSnapshot(raft, progress)) sendSnapshot(raft, target);
    else if (mayCarry(progress) && unsentCount(raft, progress) > 0) sendEntries(raft, target);
    else sendHeartbeat(raft, target);
  }
}

function mayCarry(progress: Progress): boolean {
  return progress.batchesInFlight === 0 || mayPipeline(progress);
}

function sendEntries(raft: RaftState, target: Target): void {
  const { progress } = target;
  const entries = slice(raft.log, progress.nextIndex, BATCH);
  sendAppend(raft, target, progress.nextIndex - 1, entries);
  if (!progress.probing) progress.nextIndex += entries.length;
  progress.batchesInFlight++;
}

function sendHeartbeat(raft: RaftState, target: Target): void {
  const { probing, batchesInFlight, matchIndex, nextIndex } = target.progress;
  // Beside entries under way it looks at what is known to agree: it can't fail by overtaking them.
  const isBeside = !probing && batchesInFlight > 0;
  const prevLogIndex = isBeside ? Math.max(matchIndex, raft.log.base.index) : nextIndex - 1;
  sendAppend(raft, target, prevLogIndex, []);
}

function sendAppend(
  raft: RaftState,
  target: Target,
  prevLogIndex: LogIndex,
  entries: readonly Entry[],
): void {
  sendTo(raft, target, {
    type: "append-entries",
    term: raft.currentTerm,
    leaderId: raft.id,
    prevLogIndex,
    prevLogTerm: termAt(raft.log, prevLogIndex) ?? 0,
    entries,
    leaderCommit: raft.commitIndex,
    configurationIndex: last(raft.configurations).index,
    round: target.leader.round,
    sent: { atMs: raft.nowMs, stream: target.progress.stream },
  });
}

function sendTo(
  raft: RaftState,
  { leader, peer, progress }: Target,
  request: AppendEntries | InstallSnapshot,
): void {
  call(raft, peer, request);
  progress.inFlight++;
  progress.sentRound = leader.round;
}

/** §7: one chunk after the other; an empty one beside it where a round of read-index is asked for. */
function continueSnapshot(raft: RaftState, target: Target): void {
  const isUnderWay = target.progress.transfer?.isChunkInFlight === true;
  if (!isUnderWay || needsRound(target)) sendSnapshot(raft, target);
}

/** The next chunk, or an empty one, as a heartbeat, while one is under way. */
function sendSnapshot(raft: RaftState, target: Target): void {
  const transfer = transferTo(raft, target.progress);
  const { snapshot, offset, isChunkInFlight } = transfer;
  const data = isChunkInFlight ? "" : snapshot.state.slice(offset, offset + CHUNK_CHARS);
  transfer.isChunkInFlight ||= data !== "";
  sendTo(raft, target, {
    type: "install-snapshot",
    term: raft.currentTerm,
    leaderId: raft.id,
    lastIncludedIndex: snapshot.index,
    lastIncludedTerm: snapshot.term,
    hash: snapshot.hash,
    stateHash: snapshot.stateHash,
    configuration: snapshot.configuration,
    configurationIndex: last(raft.configurations).index,
    size: snapshot.state.length,
    offset,
    data,
    round: target.leader.round,
    sent: { atMs: raft.nowMs, stream: target.progress.stream },
  });
}

/** The one under way, unless the log has been compacted beyond it: then it would be of no use. */
function transferTo(raft: RaftState, progress: Progress): SnapshotTransfer {
  const { snapshot, log } = raft;
  assert(snapshot !== undefined, "entries are gone, and no snapshot stands for them");
  if (progress.transfer === undefined || progress.transfer.snapshot.index < log.base.index) {
    progress.transfer = { snapshot, offset: 0, isChunkInFlight: false };
  }
  return progress.transfer;
}

/** Thesis §6.2: whoever hears from no majority can't know whether it still leads. */
export function checkQuorum(raft: RaftState): void {
  const leader = raft.leader;
  if (leader === undefined || raft.nowMs < leader.quorumCheckDueMs) return;
  const window = raft.timing.electionTimeoutMsMax;
  leader.quorumCheckDueMs = raft.nowMs + window / 4;
  const heard = ofVoters(raft, raft.nowMs, (progress) => progress.lastAckMs).filter(
    (lastAckMs) => raft.nowMs - lastAckMs < window,
  );
  if (raft.rules.hasLostQuorum(raft, heard.length)) stepDown(raft, null);
}

/** §8: the newest round that a majority, this node included, has confirmed. */
export function confirmedRound(raft: RaftState, leader: LeaderState): number {
  return heldByMajority(ofVoters(raft, leader.round, (progress) => progress.ackedRound));
}

/** Thesis §6.4.1: no other leader can have been elected yet, if the clocks keep their bounds. */
export function hasLease(raft: RaftState): boolean {
  if (raft.reads !== "lease" || raft.leader === undefined || raft.leader.leaseForfeited)
    return false;
  const sinceMs = heldByMajority(ofVoters(raft, raft.nowMs, (progress) => progress.ackedSentMs));
  return raft.nowMs < sinceMs + raft.rules.leaseMs(raft);
}

/** One value for each voter: `own` for this node, if it is one. */
function ofVoters(raft: RaftState, own: number, of: (progress: Progress) => number): number[] {
  return raft.rules.voters(raft.configuration).map((voter) => {
    if (voter === raft.id) return own;
    const progress = raft.leader?.progress.get(voter);
    return progress === undefined ? -Infinity : of(progress);
  });
}
