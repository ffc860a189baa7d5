import type { NodeId, Role } from "../../src/base/node-id.ts";
import type { TraceTransition } from "../../src/base/trace.ts";
import { createLog, lastIndex, type Entry, type Log, type LogBase, type LogIndex } from "./log.ts";
import type { Reply, Request } from "./messages.ts";
import type { Rules } from "./rules.ts";
import type { Snapshot } from "./snapshot.ts";

/** All in milliseconds of the node's own monotonic clock. */
export interface Timing {
  readonly electionTimeoutMsMin: number;
  readonly electionTimeoutMsMax: number;
  readonly heartbeatMs: number;
}

export const DEFAULT_TIMING: Timing = {
  electionTimeoutMsMin: 300,
  electionTimeoutMsMax: 600,
  heartbeatMs: 75,
};

/** What survives a crash (Fig. 2, "Persistent state on all servers"), less the log. */
export interface HardState {
  readonly term: number;
  readonly votedFor: NodeId | null;
}

/** Changes for the disk, to be made durable in this order: cut, then add; the hard state with them. */
export interface Write {
  readonly writeId: number;
  /**
   * Present: the log on the disk is replaced as a whole, at one instant, by one that begins after this entry
   * and holds just `hardState` and `entries` (§7). A snapshot that covers the entry is durable already.
   */
  readonly base?: LogBase;
  readonly hardState: HardState | undefined;
  readonly truncateFrom: LogIndex | undefined;
  readonly entries: readonly Entry[];
}

export type RaftEffect =
  | { readonly type: "call"; readonly to: NodeId; readonly request: Request }
  | { readonly type: "respond"; readonly rpcId: number; readonly reply: Reply }
  | { readonly type: "persist"; readonly write: Write }
  | { readonly type: "save-snapshot"; readonly snapshot: Snapshot }
  | { readonly type: "trace"; readonly transition: TraceTransition };

/** What a leader knows of one follower (Fig. 2, "Volatile state on leaders", and flow control). */
export interface Progress {
  nextIndex: LogIndex;
  matchIndex: LogIndex;
  /** Calls of this leadership that are neither answered nor given up. */
  inFlight: number;
  /** Those among them that carry entries. */
  batchesInFlight: number;
  /** True until the place where the logs agree is known: until then one batch at a time. */
  probing: boolean;
  /** After a call went unanswered: nothing is sent before the next heartbeat. */
  waiting: boolean;
  heartbeatDueMs: number;
  sentRound: number;
  ackedRound: number;
  lastAckMs: number;
}

export interface LeaderState {
  readonly progress: Map<NodeId, Progress>;
  /** Index of the no-op this leader began its term with (§8). */
  readonly firstIndex: LogIndex;
  /** Newest round of read-index confirmation that was asked for. */
  round: number;
  quorumCheckDueMs: number;
}

/** An effect that may only leave when the disk holds what it promises. */
interface Held {
  readonly writeId: number;
  readonly effect: RaftEffect;
}

/** One server's whole consensus state. Changed in place by the functions of this folder only. */
export interface RaftState {
  readonly id: NodeId;
  /** All voters, this node included. */
  readonly members: readonly NodeId[];
  readonly peers: readonly NodeId[];
  readonly rules: Rules;
  readonly timing: Timing;
  /** Uniform in [0, 1): the only chance in here. */
  readonly jitter: () => number;

  /** The clock reading that came with the current input. */
  nowMs: number;
  currentTerm: number;
  votedFor: NodeId | null;
  log: Log;
  commitIndex: LogIndex;
  role: Role;
  leaderId: NodeId | null;
  /** Nodes that granted the vote of the running campaign; a pre-vote's while `preVoting`. */
  votes: NodeId[];
  preVoting: boolean;
  electionDeadlineMs: number;
  /** When a leader of the current term was last heard of. */
  leaderContactMs: number;
  leader: LeaderState | undefined;

  /** The last index that is durable here. */
  durableIndex: LogIndex;
  persistedWriteId: number;
  lastWriteId: number;
  /** For each write under way: the last index of the log when it is done. */
  readonly writesUnderWay: { readonly writeId: number; lastIndex: LogIndex }[];
  /** What the current input changed and the next write must hold. */
  dirtyHardState: boolean;
  dirtyTruncateFrom: LogIndex | undefined;
  dirtyEntriesFrom: LogIndex | undefined;
  readonly held: Held[];
  /** Effects of the current input; those in `gated` wait for its writes. */
  effects: RaftEffect[];
  gated: RaftEffect[];
}

export interface RaftOptions {
  readonly id: NodeId;
  readonly members: readonly NodeId[];
  readonly rules: Rules;
  readonly timing: Timing;
  readonly jitter: () => number;
  readonly nowMs: number;
  /** What was found on the disk. */
  readonly hardState: HardState;
  readonly entries: readonly Entry[];
}

/** A server as it starts: a follower with what its disk remembers (§5.2). */
export function createRaft(options: RaftOptions): RaftState {
  const log = createLog(options.entries);
  const raft: RaftState = {
    id: options.id,
    members: options.members,
    peers: options.members.filter((member) => member !== options.id),
    rules: options.rules,
    timing: options.timing,
    jitter: options.jitter,
    nowMs: options.nowMs,
    currentTerm: options.hardState.term,
    votedFor: options.hardState.votedFor,
    log,
    commitIndex: 0,
    role: "follower",
    leaderId: null,
    votes: [],
    preVoting: false,
    electionDeadlineMs: 0,
    leaderContactMs: -Infinity,
    leader: undefined,
    durableIndex: lastIndex(log),
    persistedWriteId: 0,
    lastWriteId: 0,
    writesUnderWay: [],
    dirtyHardState: false,
    dirtyTruncateFrom: undefined,
    dirtyEntriesFrom: undefined,
    held: [],
    effects: [],
    gated: [],
  };
  resetElectionTimer(raft);
  return raft;
}

/** §5.2: randomised, so that split votes are rare. */
export function resetElectionTimer(raft: RaftState): void {
  const { electionTimeoutMsMin: min, electionTimeoutMsMax: max } = raft.timing;
  raft.electionDeadlineMs = raft.nowMs + min + raft.jitter() * (max - min);
}

export function trace(raft: RaftState, transition: TraceTransition): void {
  raft.effects.push({ type: "trace", transition });
}

/** Call a peer at once. */
export function call(raft: RaftState, to: NodeId, request: Request): void {
  raft.effects.push({ type: "call", to, request });
}

/**
 * Let `effect` leave only when everything that this input changed is durable. Otherwise: 1. vote for A in
 * term 5, reply; 2. crash, forget the vote; 3. restart, vote for B in term 5 — two leaders in one term (§5.2).
 */
export function afterDurable(raft: RaftState, effect: RaftEffect): void {
  raft.gated.push(effect);
}
