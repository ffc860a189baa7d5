import type { NodeId } from "../../src/base/node-id.ts";
import type { Entry, LogIndex } from "./log.ts";

/** A remote procedure call between members and its reply; field names as in Fig. 2 of the Raft paper. */
export type Request = RequestVote | AppendEntries;
export type Reply = RequestVoteReply | AppendEntriesReply;

export interface RequestVote {
  readonly type: "request-vote";
  /** The candidate's term; of a pre-vote the term it would campaign in. */
  readonly term: number;
  readonly candidateId: NodeId;
  readonly lastLogIndex: LogIndex;
  readonly lastLogTerm: number;
  /** Thesis §9.6: only asks whether a vote would be granted; changes nothing at the receiver. */
  readonly preVote: boolean;
}

export interface RequestVoteReply {
  readonly type: "request-vote-reply";
  /** The voter's current term. */
  readonly term: number;
  readonly voteGranted: boolean;
}

export interface AppendEntries {
  readonly type: "append-entries";
  readonly term: number;
  readonly leaderId: NodeId;
  readonly prevLogIndex: LogIndex;
  readonly prevLogTerm: number;
  /** Empty for a heartbeat. */
  readonly entries: readonly Entry[];
  readonly leaderCommit: LogIndex;
  /** The leader's newest round of read-index confirmation (§8); an answer confirms all reads up to it. */
  readonly round: number;
}

export interface AppendEntriesReply {
  readonly type: "append-entries-reply";
  readonly term: number;
  readonly success: boolean;
  /** On success: the last index known to agree with the leader. */
  readonly matchIndex: LogIndex;
  /** On a failed consistency check: where the leader should look next (§5.3, fast back-up). */
  readonly conflict?: { readonly index: LogIndex; readonly term: number };
}
