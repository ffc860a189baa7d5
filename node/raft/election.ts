import type { NodeId } from "../../src/base/node-id.ts";
import { lastIndex, lastTerm } from "./log.ts";
import type { RequestVote, RequestVoteReply, TimeoutNow } from "./messages.ts";
import { startLeading } from "./replication.ts";
import { afterDurable, call, resetElectionTimer, trace, type RaftState } from "./state.ts";

/** §5.2: an election timeout is over. Who has no vote waits on. */
export function handleElectionTimeout(raft: RaftState): void {
  if (raft.rules.mayCampaign(raft)) startPreVote(raft);
  else resetElectionTimer(raft);
}

/** §5.2: no leader was heard of for an election timeout; first ask whether a campaign could win (thesis §9.6). */
function startPreVote(raft: RaftState): void {
  raft.preVoting = true;
  raft.leaderId = null;
  raft.votes = [];
  resetElectionTimer(raft);
  const request = voteRequest(raft, { preVote: true, isTransfer: false });
  for (const peer of otherVoters(raft)) call(raft, peer, request);
  countVote(raft, raft.id);
}

/** §5.2: increment the term, vote for oneself, ask all others. */
export function startCampaign(raft: RaftState, { isTransfer }: { isTransfer: boolean }): void {
  raft.preVoting = false;
  raft.role = "candidate";
  raft.leaderId = null;
  raft.currentTerm++;
  raft.votedFor = raft.id;
  raft.dirtyHardState = true;
  raft.votes = [];
  resetElectionTimer(raft);
  trace(raft, { type: "role", role: "candidate", term: raft.currentTerm });
  voteWhenDurable(raft, raft.id);
  const request = voteRequest(raft, { preVote: false, isTransfer });
  for (const peer of otherVoters(raft)) afterDurable(raft, { type: "call", to: peer, request });
}

function otherVoters(raft: RaftState): NodeId[] {
  return raft.rules.voters(raft.configuration).filter((voter) => voter !== raft.id);
}

function voteRequest(
  raft: RaftState,
  { preVote, isTransfer }: Pick<RequestVote, "preVote" | "isTransfer">,
): RequestVote {
  return {
    type: "request-vote",
    term: preVote ? raft.currentTerm + 1 : raft.currentTerm,
    candidateId: raft.id,
    lastLogIndex: lastIndex(raft.log),
    lastLogTerm: lastTerm(raft.log),
    preVote,
    isTransfer,
  };
}

function voteWhenDurable(raft: RaftState, candidate: NodeId): void {
  const transition = { type: "vote", term: raft.currentTerm, candidate } as const;
  afterDurable(raft, { type: "trace", transition });
}

export function handleRequestVote(raft: RaftState, rpcId: number, request: RequestVote): void {
  const voteGranted = request.preVote ? grantPreVote(raft, request) : grantVote(raft, request);
  if (voteGranted && !request.preVote) voteWhenDurable(raft, request.candidateId);
  const reply: RequestVoteReply = {
    type: "request-vote-reply",
    term: raft.currentTerm,
    voteGranted,
  };
  afterDurable(raft, { type: "respond", rpcId, reply });
}

/** To a candidate that is not listened to: nothing changes here, its term is not taken over. */
export function refuseVote(raft: RaftState, rpcId: number): void {
  const { currentTerm: term } = raft;
  const reply = { type: "request-vote-reply", term, voteGranted: false } as const;
  afterDurable(raft, { type: "respond", rpcId, reply });
}

/** Thesis §3.10: the leader wants this node to take over; no pre-vote, since that leader is alive. */
export function handleTimeoutNow(raft: RaftState, rpcId: number, message: TimeoutNow): void {
  const { rules } = raft;
  const isAsked = !rules.isStaleTerm(raft, message.term) && raft.role === "follower";
  if (isAsked && rules.mayCampaign(raft)) startCampaign(raft, { isTransfer: true });
  const reply = { type: "timeout-now-reply", term: message.term } as const;
  afterDurable(raft, { type: "respond", rpcId, reply });
}

/** Thesis §9.6: would we vote for it, were its campaign real? Nothing changes here. */
function grantPreVote(raft: RaftState, request: RequestVote): boolean {
  const { rules } = raft;
  return (
    request.term > raft.currentTerm &&
    rules.mayVote(raft) &&
    !rules.hearsLeader(raft) &&
    rules.isLogUpToDate(raft, request)
  );
}

/** Fig. 2, RequestVote RPC. */
function grantVote(raft: RaftState, request: RequestVote): boolean {
  const { rules } = raft;
  if (rules.isStaleTerm(raft, request.term) || !rules.mayVote(raft)) return false;
  if (raft.role === "leader" || !rules.isVoteFree(raft, request.candidateId)) return false;
  if (!rules.isLogUpToDate(raft, request)) return false;
  if (raft.votedFor !== request.candidateId) {
    raft.votedFor = request.candidateId;
    raft.dirtyHardState = true;
  }
  raft.preVoting = false;
  resetElectionTimer(raft);
  return true;
}

export function handleVoteReply(
  raft: RaftState,
  from: NodeId,
  request: RequestVote,
  reply: RequestVoteReply,
): void {
  if (!reply.voteGranted) return;
  const isForPreVote = raft.preVoting && request.preVote && request.term === raft.currentTerm + 1;
  if (isForPreVote || raft.rules.countsAsVote(raft, request)) countVote(raft, from);
}

/** A vote of the running campaign or pre-vote came in; our own comes when it is durable. */
export function countVote(raft: RaftState, voter: NodeId): void {
  raft.votes.push(voter);
  const voters = raft.rules.voters(raft.configuration);
  const counted = raft.votes.filter((one) => voters.includes(one));
  if (!raft.rules.isQuorum(raft, raft.rules.countVotes(counted))) return;
  if (raft.preVoting) startCampaign(raft, { isTransfer: false });
  else if (raft.role === "candidate") startLeading(raft);
}
