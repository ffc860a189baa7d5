import { ofVoters } from "./leadership.ts";
import { hashAt, lastIndex, type LogIndex } from "./log.ts";
import { trace, type LeaderState, type RaftState } from "./state.ts";
import { stepDown } from "./step-down.ts";

/** §5.3, §5.4: the leader looks whether a majority holds more than it did. */
export function advanceCommit(raft: RaftState): void {
  if (raft.leader === undefined) return;
  if (raft.commitIndex < lastIndex(raft.log)) commitWhatIsHeld(raft, raft.leader);
  if (raft.rules.leavesWhenRemoved(raft)) stepDown(raft, null);
}

function commitWhatIsHeld(raft: RaftState, leader: LeaderState): void {
  const held = ofVoters(leader, raft.rules.selfMatchIndex(raft), (progress) => progress.matchIndex);
  const index = raft.rules.quorumIndex(raft, held);
  if (index > raft.commitIndex && raft.rules.mayCommit(raft, index)) setCommitIndex(raft, index);
}

/** The commit index only ever rises, and never beyond the log. */
export function setCommitIndex(raft: RaftState, index: LogIndex): void {
  const target = Math.min(index, lastIndex(raft.log));
  if (target <= raft.commitIndex) return;
  raft.commitIndex = target;
  const hash = hashAt(raft.log, target);
  trace(raft, { type: "commit", term: raft.currentTerm, role: raft.role, index: target, hash });
}
