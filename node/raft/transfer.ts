import type { NodeId } from "../../src/base/node-id.ts";
import { lastIndex } from "./log.ts";
import { progressOf } from "./progress.ts";
import { call, type RaftState } from "./state.ts";

/**
 * Thesis §3.10: the leader accepts nothing new, brings the target's log up to date, tells it to campaign at once, and
 * goes on leading if that comes to nothing within an election timeout.
 */
export function beginTransfer(raft: RaftState, to: NodeId): void {
  if (raft.leader === undefined) return;
  const deadlineMs = raft.nowMs + raft.timing.electionTimeoutMsMax;
  raft.leader.transfer = { to, deadlineMs, isTold: false };
  tellTarget(raft);
}

/** As soon as the target has all of the log. */
export function tellTarget(raft: RaftState): void {
  const { leader } = raft;
  const transfer = leader?.transfer;
  if (leader === undefined || transfer === undefined || transfer.isTold) return;
  if (progressOf(leader, transfer.to)?.matchIndex !== lastIndex(raft.log)) return;
  transfer.isTold = true;
  leader.leaseForfeited = true;
  call(raft, transfer.to, {
    type: "timeout-now",
    term: raft.currentTerm,
    leaderId: raft.id,
  });
}

/** The target took too long: lead on. */
export function checkTransfer(raft: RaftState): void {
  const { leader } = raft;
  if (leader?.transfer !== undefined && raft.nowMs >= leader.transfer.deadlineMs) {
    leader.transfer = undefined;
  }
}

/** The voter that is most up to date; undefined if nobody was heard of lately. */
export function bestTarget(raft: RaftState): NodeId | undefined {
  const { leader } = raft;
  if (leader === undefined) return undefined;
  const heard = raft.configuration.voters.flatMap((voter) => {
    const progress = progressOf(leader, voter);
    if (progress === undefined) return [];
    const isHeard = raft.nowMs - progress.lastAckMs < raft.timing.electionTimeoutMsMin;
    return isHeard ? [{ voter, matchIndex: progress.matchIndex }] : [];
  });
  return heard.toSorted((a, b) => b.matchIndex - a.matchIndex)[0]?.voter;
}
