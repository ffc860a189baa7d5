import type { NodeId } from "../../src/base/node-id.ts";
import type { Configuration } from "./configuration.ts";
import type { Entry, LogIndex } from "./log.ts";

/** A remote procedure call between members and its reply; field names as in Fig. 2 of the Raft paper. */
export type Request = RequestVote | AppendEntries | InstallSnapshot | TimeoutNow;
export type Reply = RequestVoteReply | AppendEntriesReply | InstallSnapshotReply | TimeoutNowReply;

export interface RequestVote {
  readonly type: "request-vote";
  /** The candidate's term; of a pre-vote the term it would campaign in. */
  readonly term: number;
  readonly candidateId: NodeId;
  readonly lastLogIndex: LogIndex;
  readonly lastLogTerm: number;
  /** Thesis §9.6: only asks whether a vote would be granted; changes nothing at the receiver. */
  readonly preVote: boolean;
  /** The old leader itself asked for this election (thesis §3.10): that it was heard of lately is no objection. */
  readonly isTransfer: boolean;
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
  /** Where the leader's configuration stands: who is new must have the log up to there before it votes. */
  readonly configurationIndex: LogIndex;
  /** The leader's newest round of read-index confirmation (§8); an answer confirms all reads up to it. */
  readonly round: number;
  /** What the leader itself remembers of the call; the follower never sees it. */
  readonly sent?: Sent;
}

/** Of a leader's call: when it was sent, by the leader's own clock, and in which stream of calls to that follower. */
export interface Sent {
  readonly atMs: number;
  /** A follower that is removed and added again gets a new stream: answers of the old one say nothing about it. */
  readonly stream: number;
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

/** §7, Fig. 13: a part of the leader's snapshot, in place of entries that it has compacted away. */
export interface InstallSnapshot {
  readonly type: "install-snapshot";
  readonly term: number;
  readonly leaderId: NodeId;
  readonly lastIncludedIndex: LogIndex;
  readonly lastIncludedTerm: number;
  /** Chain hash of the log up to there, and the state machine's hash. */
  readonly hash: number;
  readonly stateHash: number;
  readonly configuration: Configuration;
  readonly configurationIndex: LogIndex;
  /** Characters of the whole state, and where in it `data` begins; `data` may be empty, to ask how far it got. */
  readonly size: number;
  readonly offset: number;
  readonly data: string;
  readonly round: number;
  readonly sent?: Sent;
}

export interface InstallSnapshotReply {
  readonly type: "install-snapshot-reply";
  readonly term: number;
  /** Characters of the state that have arrived: the leader goes on from there. */
  readonly nextOffset: number;
  /** Not 0 once the snapshot is in force: the last index known to agree with the leader. */
  readonly matchIndex: LogIndex;
}

/** Thesis §3.10: campaign at once, without waiting for a timeout. */
export interface TimeoutNow {
  readonly type: "timeout-now";
  readonly term: number;
  readonly leaderId: NodeId;
}

export interface TimeoutNowReply {
  readonly type: "timeout-now-reply";
  readonly term: number;
}
