import type { Progress } from "./progress.ts";
import { heldByMajority } from "./quorum.ts";
import { stepDown } from "./step-down.ts";
import type { LeaderState, RaftState } from "./state.ts";

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
