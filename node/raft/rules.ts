import type { NodeId } from "../../src/base/node-id.ts";
import { majority } from "../../src/base/node-id.ts";
import { lastIndex, lastTerm, termAt, type Entry, type LogIndex } from "./log.ts";
import type { AppendEntries, RequestVote } from "./messages.ts";
import { heldByMajority } from "./quorum.ts";
import type { HardState, RaftState } from "./state.ts";

/**
 * Every decision point of the Raft paper as one small function. The code around them only carries out
 * what they decide; a seeded bug is the replacement of one of them (`node/mutants`). Sections are those of
 * Ongaro & Ousterhout, "In Search of an Understandable Consensus Algorithm (Extended Version)"; "thesis"
 * is Ongaro's dissertation.
 */
export interface Rules {
  readonly isStaleTerm: (raft: RaftState, term: number) => boolean;
  readonly isLogUpToDate: (raft: RaftState, request: RequestVote) => boolean;
  readonly isVoteFree: (raft: RaftState, candidate: NodeId) => boolean;
  readonly hearsLeader: (raft: RaftState) => boolean;
  readonly voteToPersist: (raft: RaftState) => HardState;
  readonly votedForAfterStepDown: (raft: RaftState) => NodeId | null;
  readonly countsAsVote: (raft: RaftState, request: RequestVote) => boolean;
  readonly countVotes: (votes: readonly NodeId[]) => number;
  readonly isQuorum: (raft: RaftState, count: number) => boolean;
  readonly needsConsistencyCheck: (message: AppendEntries) => boolean;
  readonly matchesPrevious: (raft: RaftState, message: AppendEntries) => boolean;
  readonly truncationPoint: (raft: RaftState, message: AppendEntries) => LogIndex | undefined;
  readonly followerCommitIndex: (raft: RaftState, message: AppendEntries) => LogIndex;
  readonly ackedIndex: (raft: RaftState, message: AppendEntries) => LogIndex;
  readonly ackWaitsForDisk: (raft: RaftState) => boolean;
  readonly nextMatchIndex: (known: LogIndex, acked: LogIndex) => LogIndex;
  readonly selfMatchIndex: (raft: RaftState) => LogIndex;
  readonly quorumIndex: (raft: RaftState, matchIndexes: readonly LogIndex[]) => LogIndex;
  readonly mayCommit: (raft: RaftState, index: LogIndex) => boolean;
  readonly hasLostQuorum: (raft: RaftState, heardFrom: number) => boolean;
  readonly mayServeReads: (raft: RaftState) => boolean;
  readonly readNeedsRound: (raft: RaftState) => boolean;
  readonly readNeedsLeader: (raft: RaftState) => boolean;
  readonly mayAnswerRead: (lastApplied: LogIndex, readIndex: LogIndex) => boolean;
  readonly applyLimit: (raft: RaftState) => LogIndex;
  readonly isRetry: (session: { readonly sequence: number }, sequence: number) => boolean;
  readonly pendingWriteAfterStepDown: () => "answer-unknown" | "answer-failed" | "keep";
  readonly answersPendingWrite: (pending: { readonly term: number }, applied: Entry) => boolean;
}

/** §5.1: a message of an older term is refused. */
function isStaleTerm(raft: RaftState, term: number): boolean {
  return term < raft.currentTerm;
}

/** §5.4.1: the candidate's log is at least as up-to-date as ours: the later last term, then the longer log. */
function isLogUpToDate(raft: RaftState, request: RequestVote): boolean {
  const ours = lastTerm(raft.log);
  if (request.lastLogTerm !== ours) return request.lastLogTerm > ours;
  return request.lastLogIndex >= lastIndex(raft.log);
}

/** §5.2: at most one vote in a term, first come, first served. */
function isVoteFree(raft: RaftState, candidate: NodeId): boolean {
  return raft.votedFor === null || raft.votedFor === candidate;
}

/** Thesis §4.2.3, §9.6: while a leader is heard of, no pre-vote is granted, so a returning node disturbs nobody. */
function hearsLeader(raft: RaftState): boolean {
  if (raft.role === "leader") return true;
  return (
    raft.leaderId !== null && raft.nowMs - raft.leaderContactMs < raft.timing.electionTimeoutMsMin
  );
}

/** Fig. 2: currentTerm and votedFor are persistent. */
function voteToPersist(raft: RaftState): HardState {
  return { term: raft.currentTerm, votedFor: raft.votedFor };
}

/** §5.2: a candidate that finds the leader of its own term keeps its vote. */
function votedForAfterStepDown(raft: RaftState): NodeId | null {
  return raft.votedFor;
}

/** §5.2: only votes of the term in which one campaigns count. */
function countsAsVote(raft: RaftState, request: RequestVote): boolean {
  if (raft.role !== "candidate" || raft.preVoting || request.preVote) return false;
  return request.term === raft.currentTerm;
}

/** §5.2: one vote a server, however often its answer arrives. */
function countVotes(votes: readonly NodeId[]): number {
  return new Set(votes).size;
}

/** §5.2, §5.3: a majority of the full cluster. */
function isQuorum(raft: RaftState, count: number): boolean {
  return count >= majority(raft.members.length);
}

/** §5.3: every AppendEntries is checked against the log, a heartbeat too. */
function needsConsistencyCheck(_message: AppendEntries): boolean {
  return true;
}

/** §5.3: the log holds an entry at prevLogIndex whose term is prevLogTerm. */
function matchesPrevious(raft: RaftState, message: AppendEntries): boolean {
  return termAt(raft.log, message.prevLogIndex) === message.prevLogTerm;
}

/** §5.3: the first entry that conflicts with a new one (same index, other term) goes, and all after it. */
function truncationPoint(raft: RaftState, message: AppendEntries): LogIndex | undefined {
  for (const entry of message.entries) {
    const ours = termAt(raft.log, entry.index);
    if (ours === undefined) return undefined;
    if (ours !== entry.term) return entry.index;
  }
  return undefined;
}

/** Fig. 2, AppendEntries 5: min(leaderCommit, index of last new entry); what is beyond it was not checked. */
function followerCommitIndex(_raft: RaftState, message: AppendEntries): LogIndex {
  return Math.min(message.leaderCommit, message.prevLogIndex + message.entries.length);
}

/** §5.3: what is acknowledged is the end of what the leader sent, not the end of the log. */
function ackedIndex(_raft: RaftState, message: AppendEntries): LogIndex {
  return message.prevLogIndex + message.entries.length;
}

/** Fig. 2: persistent state is updated on stable storage before responding. */
function ackWaitsForDisk(_raft: RaftState): boolean {
  return true;
}

/** Fig. 2: matchIndex increases monotonically; acknowledgements may arrive out of order. */
function nextMatchIndex(known: LogIndex, acked: LogIndex): LogIndex {
  return Math.max(known, acked);
}

/** Thesis §10.2.1: the leader counts its own copy only when it is durable. */
function selfMatchIndex(raft: RaftState): LogIndex {
  return raft.durableIndex;
}

/** §5.3: the highest index that a majority of the servers hold. */
function quorumIndex(_raft: RaftState, matchIndexes: readonly LogIndex[]): LogIndex {
  return heldByMajority(matchIndexes);
}

/** §5.4.2: only entries of the leader's own term commit by counting; older ones commit by being below. */
function mayCommit(raft: RaftState, index: LogIndex): boolean {
  return termAt(raft.log, index) === raft.currentTerm;
}

/** Thesis §6.2: a leader that hears from no majority for an election timeout steps down. */
function hasLostQuorum(raft: RaftState, heardFrom: number): boolean {
  return !raft.rules.isQuorum(raft, heardFrom);
}

/** §8: a new leader knows what is committed only once it has committed an entry of its own term. */
function mayServeReads(raft: RaftState): boolean {
  return raft.leader !== undefined && raft.commitIndex >= raft.leader.firstIndex;
}

/** §8: before a read is answered, a majority confirms that there is no newer leader. */
function readNeedsRound(_raft: RaftState): boolean {
  return true;
}

/** §8: only the leader serves reads. */
function readNeedsLeader(_raft: RaftState): boolean {
  return true;
}

/** §8: the state machine has caught up with what was committed when the read came. */
function mayAnswerRead(lastApplied: LogIndex, readIndex: LogIndex): boolean {
  return lastApplied >= readIndex;
}

/** §8: a command whose serial number was executed already is answered from memory, not executed again. */
function isRetry(session: { readonly sequence: number }, sequence: number): boolean {
  return sequence <= session.sequence;
}

/** §8: who lost the leadership can't know whether its pending entries will commit: the outcome is unknown. */
function pendingWriteAfterStepDown(): "answer-unknown" {
  return "answer-unknown";
}

/** §8: the entry applied at that index is the one that the client waits for only if its term is the same. */
function answersPendingWrite(pending: { readonly term: number }, applied: Entry): boolean {
  return pending.term === applied.term;
}

/** §5.3: only committed entries are applied. */
function applyLimit(raft: RaftState): LogIndex {
  return raft.commitIndex;
}

export const RULES: Rules = {
  isStaleTerm,
  isLogUpToDate,
  isVoteFree,
  hearsLeader,
  voteToPersist,
  votedForAfterStepDown,
  countsAsVote,
  countVotes,
  isQuorum,
  needsConsistencyCheck,
  matchesPrevious,
  truncationPoint,
  followerCommitIndex,
  ackedIndex,
  ackWaitsForDisk,
  nextMatchIndex,
  selfMatchIndex,
  quorumIndex,
  mayCommit,
  hasLostQuorum,
  mayServeReads,
  readNeedsRound,
  readNeedsLeader,
  mayAnswerRead,
  applyLimit,
  isRetry,
  pendingWriteAfterStepDown,
  answersPendingWrite,
};
