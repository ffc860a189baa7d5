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
  const heard = ofVoters(leader, raft.nowMs, (progress) => progress.lastAckMs).filter(
    (lastAckMs) => raft.nowMs - lastAckMs < window,
  );
  if (raft.rules.hasLostQuorum(raft, heard.length)) stepDown(raft, null);
}

/** §8: the newest round that a majority, this node included, has confirmed. */
export function confirmedRound(leader: LeaderState): number {
  return heldByMajority(ofVoters(leader, leader.round, (progress) => progress.ackedRound));
}

/** Thesis §6.4.1: no other leader can have been elected yet, if the clocks keep their bounds. */
export function hasLease(raft: RaftState): boolean {
  const { leader, nowMs } = raft;
  if (raft.reads !== "lease" || leader === undefined || leader.leaseForfeited) return false;
  const sinceMs = heldByMajority(ofVoters(leader, nowMs, (progress) => progress.ackedSentMs));
  return nowMs < sinceMs + raft.rules.leaseMs(raft);
}

/** One value for each voter: `own` for this node, if it is one. */
export function ofVoters(
  { voters }: LeaderState,
  own: number,
  of: (progress: Progress) => number,
): number[] {
  return voters.map((progress) => (progress === undefined ? own : of(progress)));
}
