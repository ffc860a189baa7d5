import type { NodeId } from "../../src/base/node-id.ts";
import { advanceCommit, setCommitIndex } from "./commit.ts";
import { lastIndex, lastIndexNotAbove, termAt, type Entry, type LogIndex } from "./log.ts";
import type {
  AppendEntries,
  AppendEntriesReply,
  InstallSnapshot,
  InstallSnapshotReply,
} from "./messages.ts";
import { appendEntries, followPeers, truncateLog } from "./own-log.ts";
import { progressOf, type Progress } from "./progress.ts";
import { fitChunks, replicate, replicateToAll } from "./sending.ts";
import { followLeader } from "./step-down.ts";
import { afterDurable, emit, trace, type RaftState } from "./state.ts";
import { tellTarget } from "./transfer.ts";

/** §5.2, §8: won; say so to everyone with a no-op of the new term. */
export function startLeading(raft: RaftState): void {
  raft.role = "leader";
  raft.leaderId = raft.id;
  raft.leader = {
    followers: [],
    voters: [],
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
    return respond(raft, rpcId, refusal(raft));
  }
  followLeader(raft, received);
  const message = rules.withoutCompacted(raft, received);
  if (rules.needsConsistencyCheck(message) && !rules.matchesPrevious(raft, message)) {
    return respond(raft, rpcId, { ...refusal(raft), conflict: conflictAt(raft, message) });
  }
  const cut = rules.truncationPoint(raft, message);
  if (cut !== undefined && cut <= lastIndex(raft.log)) truncateLog(raft, cut);
  appendEntries(raft, entriesAfter(message.entries, lastIndex(raft.log)));
  setCommitIndex(raft, rules.followerCommitIndex(raft, message));
  const matchIndex = rules.ackedIndex(raft, message);
  respond(raft, rpcId, {
    type: "append-entries-reply",
    term: raft.currentTerm,
    success: true,
    matchIndex,
  });
}

function entriesAfter(entries: readonly Entry[], index: LogIndex): readonly Entry[] {
  const first = entries[0];
  if (first === undefined || first.index > index) return entries;
  return entries.filter((entry) => entry.index > index);
}

function refusal({ currentTerm: term }: RaftState): AppendEntriesReply {
  return { type: "append-entries-reply", term, success: false, matchIndex: 0 };
}

/** §5.3, fast back-up: the last place where our log could still agree with the leader's. */
function conflictAt(raft: RaftState, message: AppendEntries): { index: LogIndex; term: number } {
  const index = lastIndexNotAbove(raft.log, message.prevLogTerm, message.prevLogIndex);
  return { index, term: termAt(raft.log, index) ?? 0 };
}

function respond(raft: RaftState, rpcId: number, reply: AppendEntriesReply): void {
  const effect = { type: "respond", rpcId, reply } as const;
  if (raft.rules.ackWaitsForDisk(raft)) afterDurable(raft, effect);
  else emit(raft, effect);
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
  replicate(raft, progress);
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
  conflict: NonNullable<AppendEntriesReply["conflict"]>,
): void {
  const { prevLogIndex, entries } = request;
  if (prevLogIndex + entries.length <= progress.matchIndex) return;
  const agree = raft.rules.lastAgreed(raft, request, conflict);
  // Only ever down: this may be an old refusal of a place that was left behind since.
  const nextIndex = Math.min(progress.nextIndex, Math.max(agree, progress.matchIndex) + 1);
  // An old one, or the follower lost what it had acknowledged: to ask again at once would go round and round.
  if (nextIndex === progress.nextIndex) progress.waiting = true;
  progress.nextIndex = nextIndex;
  progress.probing = true;
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
    if (request.data !== "") fitChunks(transfer, { arrived: true });
    // All of it is there and on its way to the disk: ask again with the next heartbeat.
    progress.waiting = transfer.offset === transfer.snapshot.state.length;
  }
  replicate(raft, progress);
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
  const isChunk = request.type === "install-snapshot" && request.data !== "";
  if (isChunk && progress.transfer) fitChunks(progress.transfer, { arrived: false });
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
  const progress = progressOf(raft.leader, peer);
  return progress?.stream === request.sent?.stream ? progress : undefined;
}
