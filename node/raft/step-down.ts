import type { NodeId } from "../../src/base/node-id.ts";
import type { AppendEntries, InstallSnapshot } from "./messages.ts";
import { resetElectionTimer, trace, type RaftState } from "./state.ts";

/** Fig. 2, "All Servers": a higher term makes anyone a follower of it, with a vote to give. */
export function adoptTerm(raft: RaftState, term: number): void {
  raft.currentTerm = term;
  raft.votedFor = null;
  raft.dirtyHardState = true;
  becomeFollower(raft, null);
}

/** Follower of `leaderId` (null: not known yet) in the current term. */
export function becomeFollower(raft: RaftState, leaderId: NodeId | null): void {
  const wasLeader = raft.role === "leader";
  raft.role = "follower";
  raft.leaderId = leaderId;
  raft.leader = undefined;
  raft.preVoting = false;
  raft.votes = [];
  if (wasLeader) resetElectionTimer(raft);
  trace(raft, { type: "role", role: "follower", term: raft.currentTerm });
}

/** §5.2: a candidate or leader gives up within its term. */
export function stepDown(raft: RaftState, leaderId: NodeId | null): void {
  const votedFor = raft.rules.votedForAfterStepDown(raft);
  if (votedFor !== raft.votedFor) {
    raft.votedFor = votedFor;
    raft.dirtyHardState = true;
  }
  becomeFollower(raft, leaderId);
}

/** §5.2: a message of the leader of this term came. */
export function followLeader(raft: RaftState, message: AppendEntries | InstallSnapshot): void {
  const { leaderId, configurationIndex } = message;
  if (raft.role === "candidate") stepDown(raft, leaderId);
  raft.leaderId = leaderId;
  raft.preVoting = false;
  raft.leaderContactMs = raft.nowMs;
  resetElectionTimer(raft);
  if (raft.mayVoteFrom === 0 || raft.rules.mayVote(raft)) return;
  // What another leader said may be of an entry that is lost: the log would never get there.
  if (configurationIndex <= raft.seenOutAt || configurationIndex === raft.mayVoteFrom) return;
  raft.mayVoteFrom = configurationIndex;
  raft.dirtyHardState = true;
}
