import { last } from "../../src/base/assert.ts";
import type { NodeId } from "../../src/base/node-id.ts";
import { majority } from "../../src/base/node-id.ts";
import type { Configuration } from "./configuration.ts";
import {
  hashAt,
  lastIndex,
  lastIndexNotAbove,
  lastTerm,
  termAt,
  type Entry,
  type LogIndex,
} from "./log.ts";
import type { AppendEntries, AppendEntriesReply, RequestVote } from "./messages.ts";
import { progressOf, type Progress } from "./progress.ts";
import { heldByMajority } from "./quorum.ts";
import type { Snapshot } from "./snapshot.ts";
import type { HardState, LeaderState, RaftState } from "./state.ts";

/**
 * Every decision point of the Raft paper as one small function. The code around them only carries out
 * what they decide; a seeded bug is the replacement of one of them (`node/mutants`). Sections are those of
 * Ongaro & Ousterhout, "In Search of an Understandable Consensus Algorithm (Extended Version)"; "thesis"
 * is Ongaro's dissertation.
 */
export interface Rules {
  readonly isStaleTerm: (raft: RaftState, term: number) => boolean;
  readonly isLogUpToDate: (raft: RaftState, request: RequestVote) => boolean;
  readonly mayVote: (raft: RaftState) => boolean;
  readonly isVoteFree: (raft: RaftState, candidate: NodeId) => boolean;
  readonly hearsLeader: (raft: RaftState) => boolean;
  readonly ignoresCandidate: (raft: RaftState, request: RequestVote) => boolean;
  readonly mayCampaign: (raft: RaftState) => boolean;
  readonly voteToPersist: (raft: RaftState) => HardState;
  readonly votedForAfterStepDown: (raft: RaftState) => NodeId | null;
  readonly countsAsVote: (raft: RaftState, request: RequestVote) => boolean;
  readonly countVotes: (votes: readonly NodeId[]) => number;
  readonly voters: (configuration: Configuration) => readonly NodeId[];
  readonly isQuorum: (raft: RaftState, count: number) => boolean;
  readonly withoutCompacted: (raft: RaftState, message: AppendEntries) => AppendEntries;
  readonly needsConsistencyCheck: (message: AppendEntries) => boolean;
  readonly matchesPrevious: (raft: RaftState, message: AppendEntries) => boolean;
  readonly truncationPoint: (raft: RaftState, message: AppendEntries) => LogIndex | undefined;
  readonly followerCommitIndex: (raft: RaftState, message: AppendEntries) => LogIndex;
  readonly ackedIndex: (raft: RaftState, message: AppendEntries) => LogIndex;
  readonly ackWaitsForDisk: (raft: RaftState) => boolean;
  readonly lastAgreed: (
    raft: RaftState,
    request: AppendEntries,
    conflict: NonNullable<AppendEntriesReply["conflict"]>,
  ) => LogIndex;
  readonly nextMatchIndex: (known: LogIndex, acked: LogIndex) => LogIndex;
  readonly selfMatchIndex: (raft: RaftState) => LogIndex;
  readonly quorumIndex: (raft: RaftState, matchIndexes: readonly LogIndex[]) => LogIndex;
  readonly mayCommit: (raft: RaftState, index: LogIndex) => boolean;
  readonly hasLostQuorum: (raft: RaftState, heardFrom: number) => boolean;
  readonly mayServeReads: (raft: RaftState) => boolean;
  readonly readNeedsRound: (raft: RaftState) => boolean;
  readonly roundOfRead: (leader: LeaderState) => number;
  readonly readNeedsLeader: (raft: RaftState) => boolean;
  readonly mayAnswerRead: (lastApplied: LogIndex, readIndex: LogIndex) => boolean;
  readonly leaseMs: (raft: RaftState) => number;
  readonly isOldSnapshot: (raft: RaftState, index: LogIndex) => boolean;
  readonly keepsSuffix: (raft: RaftState, snapshot: Snapshot) => boolean;
  readonly snapshotHoldsSessions: () => boolean;
  readonly appliedAtStart: (raft: RaftState) => LogIndex;
  readonly isChangeUnderWay: (raft: RaftState) => boolean;
  readonly hasCommittedInTerm: (raft: RaftState) => boolean;
  readonly isCaughtUp: (raft: RaftState, progress: Progress) => boolean;
  readonly couldElect: (raft: RaftState, voters: readonly NodeId[]) => boolean;
  readonly leavesWhenRemoved: (raft: RaftState) => boolean;
  readonly applyLimit: (raft: RaftState) => LogIndex;
  readonly isRetry: (session: { readonly sequence: number }, sequence: number) => boolean;
  readonly undoesRefusedTxn: () => boolean;
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

/**
 * A server that joined votes when its log has the entry that added it. Otherwise: 1. n2 of {n1, n2, n3} is removed, then
 * n1 is, so that n3 commits alone; 2. n2 loses its disk and comes back empty; 3. n1, which was cut off and knows of
 * neither change, wins with the vote of n2, without what n3 has committed. And what n3 sent before all that, as a leader of
 * the same term, says nothing of when n2 was added: it was under way for long, and is for the n2 that was.
 */
function mayVote(raft: RaftState): boolean {
  return raft.mayVoteFrom !== null && lastIndex(raft.log) >= raft.mayVoteFrom;
}

/** §5.2: at most one vote in a term, first come, first served. */
function isVoteFree(raft: RaftState, candidate: NodeId): boolean {
  return raft.votedFor === null || raft.votedFor === candidate;
}

/** Thesis §4.2.3, §9.6: while a leader is heard of, no pre-vote is granted, so a returning node disturbs nobody. */
function hearsLeader(raft: RaftState): boolean {
  if (raft.role === "leader") return true;
  return raft.leaderId !== null && hasHeardLately(raft);
}

function hasHeardLately(raft: RaftState): boolean {
  return raft.nowMs - raft.leaderContactMs < raft.timing.electionTimeoutMsMin;
}

/**
 * Thesis §4.2.3, §6.4.1: while a lease of the leader that was heard of may still run, a candidate is not even listened
 * to, or the lease would be worth nothing; unless the leader itself asked for the election and gave up its lease.
 */
function ignoresCandidate(raft: RaftState, request: RequestVote): boolean {
  if (raft.reads !== "lease" || request.isTransfer) return false;
  return raft.role === "leader" || hasHeardLately(raft);
}

/**
 * Thesis §4.2.1: who has no vote in its own configuration leads nobody. §4.2.2: unless the change that took it away is
 * not committed. Otherwise: 1. of four, n4 is down; n1, the leader, removes itself and is cut off; 2. n2 and n3 need
 * its vote, and don't get it: their logs lack that entry; 3. n1 could win with theirs, but does not ask.
 */
function mayCampaign(raft: RaftState): boolean {
  if (!raft.rules.mayVote(raft)) return false;
  if (raft.configuration.voters.includes(raft.id)) return true;
  const before = raft.configurations.at(-2)?.configuration;
  return raft.rules.isChangeUnderWay(raft) && before?.voters.includes(raft.id) === true;
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

/** Thesis §4.2.1: learners count in no quorum. */
function voters(configuration: Configuration): readonly NodeId[] {
  return configuration.voters;
}

/** §5.2, §5.3: a majority of the full cluster. */
function isQuorum(raft: RaftState, count: number): boolean {
  return count >= majority(raft.rules.voters(raft.configuration).length);
}

/**
 * §7: what a snapshot of ours covers is committed and agrees with every leader's log; only what comes after it is
 * news, and a message that reaches back behind it is no conflict.
 */
function withoutCompacted(raft: RaftState, message: AppendEntries): AppendEntries {
  const { base } = raft.log;
  if (message.prevLogIndex >= base.index) return message;
  const entries = message.entries.filter((entry) => entry.index > base.index);
  return { ...message, prevLogIndex: base.index, prevLogTerm: base.term, entries };
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

/** §5.3, fast back-up: where the logs could agree at the latest, after a refusal that tells the place to look at next. */
function lastAgreed(
  raft: RaftState,
  request: AppendEntries,
  conflict: NonNullable<AppendEntriesReply["conflict"]>,
): LogIndex {
  const place = Math.min(conflict.index, request.prevLogIndex - 1);
  return lastIndexNotAbove(raft.log, conflict.term, place);
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

/** §8: what confirms a read was asked after it came: an answer to anything older says nothing of now. */
function roundOfRead(leader: LeaderState): number {
  return leader.round + 1;
}

/** §8: only the leader serves reads. */
function readNeedsLeader(_raft: RaftState): boolean {
  return true;
}

/** §8: the state machine has caught up with what was committed when the read came. */
function mayAnswerRead(lastApplied: LogIndex, readIndex: LogIndex): boolean {
  return lastApplied >= readIndex;
}

/**
 * Thesis §6.4.1: for so long after a call that a majority answered nobody else can have been elected, as long as clocks
 * run no more than a tenth faster or slower than each other.
 */
function leaseMs(raft: RaftState): number {
  return raft.timing.electionTimeoutMsMin * 0.9;
}

/** §7: a snapshot of what is committed here already brings nothing, and would take back what was applied since. */
function isOldSnapshot(raft: RaftState, index: LogIndex): boolean {
  return index <= raft.commitIndex;
}

/** Fig. 13, 6: what follows the snapshot's last entry is kept if the log has that very entry. */
function keepsSuffix(raft: RaftState, snapshot: Snapshot): boolean {
  return (
    termAt(raft.log, snapshot.index) === snapshot.term &&
    hashAt(raft.log, snapshot.index) === snapshot.hash
  );
}

/** §8; thesis §6.3: what is remembered of clients is part of the state. */
function snapshotHoldsSessions(): boolean {
  return true;
}

/** §7: what the snapshot covers was applied, and is not applied again. */
function appliedAtStart(raft: RaftState): LogIndex {
  return raft.snapshot?.index ?? 0;
}

/** Thesis §4.1: the next change waits until this one is committed, or majorities might not meet. */
function isChangeUnderWay(raft: RaftState): boolean {
  return (raft.configurations.at(-1)?.index ?? 0) > raft.commitIndex;
}

/** Ongaro, raft-dev 2015: two leaders' changes could pass each other unseen before an entry of one's own term is committed. */
function hasCommittedInTerm(raft: RaftState): boolean {
  return raft.leader !== undefined && raft.commitIndex >= raft.leader.firstIndex;
}

/** Thesis §4.2.1: a learner gets a vote when it has nearly all of the log, so that it holds up no commit. */
function isCaughtUp(raft: RaftState, progress: Progress): boolean {
  return progress.matchIndex > 0 && lastIndex(raft.log) - progress.matchIndex <= 100;
}

/**
 * A majority of the voters to be has the configuration in force, and so may vote. Otherwise: 1. n3 is added to {n1, n2},
 * which commit that without it; 2. n1 removes itself and fails. Only n2 and n3 are left, and n3 never votes.
 */
function couldElect(raft: RaftState, voters: readonly NodeId[]): boolean {
  const { index } = last(raft.configurations);
  const able = voters.filter(
    (voter) => voter === raft.id || (progressOf(raft.leader, voter)?.matchIndex ?? 0) >= index,
  );
  return able.length >= majority(voters.length);
}

/** Thesis §4.2.2: a leader that is not in the configuration leads until that is committed. */
function leavesWhenRemoved(raft: RaftState): boolean {
  return !raft.rules.mayCampaign(raft) && !raft.rules.isChangeUnderWay(raft);
}

/** §8: a command whose serial number was executed already is answered from memory, not executed again. */
function isRetry(session: { readonly sequence: number }, sequence: number): boolean {
  return sequence <= session.sequence;
}

/** A transaction of which one step does not fit has not happened at all. */
function undoesRefusedTxn(): boolean {
  return true;
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
  mayVote,
  isVoteFree,
  hearsLeader,
  ignoresCandidate,
  mayCampaign,
  voteToPersist,
  votedForAfterStepDown,
  countsAsVote,
  countVotes,
  voters,
  isQuorum,
  withoutCompacted,
  needsConsistencyCheck,
  matchesPrevious,
  truncationPoint,
  followerCommitIndex,
  ackedIndex,
  ackWaitsForDisk,
  lastAgreed,
  nextMatchIndex,
  selfMatchIndex,
  quorumIndex,
  mayCommit,
  hasLostQuorum,
  mayServeReads,
  readNeedsRound,
  roundOfRead,
  readNeedsLeader,
  mayAnswerRead,
  leaseMs,
  isOldSnapshot,
  keepsSuffix,
  snapshotHoldsSessions,
  appliedAtStart,
  isChangeUnderWay,
  hasCommittedInTerm,
  isCaughtUp,
  couldElect,
  leavesWhenRemoved,
  applyLimit,
  isRetry,
  undoesRefusedTxn,
  pendingWriteAfterStepDown,
  answersPendingWrite,
};
