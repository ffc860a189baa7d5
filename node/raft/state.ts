import { last } from "../../src/base/assert.ts";
import type { NodeId, Role } from "../../src/base/node-id.ts";
import { NEVER_SEEN, type SeenOut } from "../../src/base/join-mark.ts";
import type { SnapshotMark, TraceTransition } from "../../src/base/trace.ts";
import {
  configurationsIn,
  membersOf,
  type Configuration,
  type ConfigurationAt,
} from "./configuration.ts";
import { added } from "./lists.ts";
import { createLog, lastIndex, type Entry, type Log, type LogBase, type LogIndex } from "./log.ts";
import type { Reply, Request } from "./messages.ts";
import type { Progress } from "./progress.ts";
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
  /** Of a server that joined: see `RaftState.mayVoteFrom`. */
  readonly mayVoteFrom?: LogIndex | null;
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

/** What a leader remembers beside the state of all servers. */
export interface LeaderState {
  /** One for every other member, learners included. */
  followers: readonly Progress[];
  /** Those of the voters, for what is looked at with every answer; undefined for this node itself. */
  voters: readonly (Progress | undefined)[];
  streamCount: number;
  /** Index of the no-op this leader began its term with (§8). */
  readonly firstIndex: LogIndex;
  /** Newest round of read-index confirmation that was asked for. */
  round: number;
  quorumCheckDueMs: number;
  /** A leadership transfer under way (thesis §3.10): nothing new is accepted meanwhile. */
  transfer: { readonly to: NodeId; readonly deadlineMs: number; isTold: boolean } | undefined;
  /** Somebody was told to campaign at once, so an election may come at any moment: no lease any more in this term. */
  leaseForfeited: boolean;
}

/** When a log is compacted (§7): as soon as either limit is passed. */
export interface Compaction {
  /** Applied entries since the last snapshot. */
  readonly entriesMax: number;
  /** Characters of commands in the log. */
  readonly charsMax: number;
  /** So many entries below a snapshot stay in the log, for followers that are a little behind. */
  readonly entriesKept: number;
}

export const DEFAULT_COMPACTION: Compaction = {
  entriesMax: 10_000,
  charsMax: 8 * 1024 * 1024,
  entriesKept: 1000,
};

/** A snapshot on its way to the disk: taken here, or sent by a leader. */
export interface Saving {
  readonly snapshot: Snapshot;
  readonly origin: "own" | "leader";
}

/** The part of a leader's snapshot that has arrived (§7, Fig. 13). */
export interface Incoming {
  readonly mark: SnapshotMark;
  readonly size: number;
  readonly parts: string[];
  received: number;
}

/** An effect that may only leave when the disk holds what it promises. */
interface Held {
  readonly writeId: number;
  readonly effect: RaftEffect;
}

/** One server's whole consensus state. Changed in place by the functions of this folder only. */
export interface RaftState {
  readonly id: NodeId;
  readonly rules: Rules;
  readonly timing: Timing;
  readonly compaction: Compaction;
  readonly reads: "round" | "lease";
  /** Uniform in [0, 1): the only chance in here. */
  readonly jitter: () => number;

  /** The clock reading that came with the current input. */
  nowMs: number;
  currentTerm: number;
  votedFor: NodeId | null;
  /**
   * It votes only when its log reaches up to here: where the entry stands that added it to the cluster; null before
   * that is known, 0 for a server that was there from the beginning.
   */
  mayVoteFrom: LogIndex | null;
  /** No configuration up to here can have added it: what tells of one was sent to an earlier life. */
  readonly seenOutAt: LogIndex;
  log: Log;
  /**
   * Oldest first: that of the snapshot (or what the node was started with), then those in the log. The last one is
   * in force, committed or not (thesis §4.1).
   */
  configurations: ConfigurationAt[];
  /** The one in force. */
  configuration: Configuration;
  /** All other members in it, learners included. */
  peers: readonly NodeId[];
  /** The newest snapshot that is durable here. */
  snapshot: Snapshot | undefined;
  saving: Saving | undefined;
  incoming: Incoming | undefined;
  /** A leader's snapshot came into force: the state machine has to take it over. */
  installed: Snapshot | undefined;
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
  writesUnderWay: { readonly writeId: number; lastIndex: LogIndex }[];
  /** What the current input changed and the next write must hold. */
  dirtyHardState: boolean;
  /** The log on the disk is to be replaced by what is in memory. */
  dirtyBase: boolean;
  dirtyTruncateFrom: LogIndex | undefined;
  dirtyEntriesFrom: LogIndex | undefined;
  held: Held[];
  /** Effects of the current input; those in `gated` wait for its writes. */
  effects: RaftEffect[];
  gated: RaftEffect[];
}

export interface RaftOptions {
  readonly id: NodeId;
  /** The voters of a cluster that begins; empty for a node that waits to be added to one. */
  readonly members: readonly NodeId[];
  /** Of one that waits: it listens to no leader of an older term, and learns of its vote from later configurations only. */
  readonly seenOut?: SeenOut;
  readonly rules: Rules;
  readonly timing: Timing;
  readonly compaction?: Compaction;
  /** `lease`: reads without a round of messages while clocks may be trusted (thesis §6.4.1). */
  readonly reads?: "round" | "lease";
  readonly jitter: () => number;
  readonly nowMs: number;
  /** What was found on the disk. */
  readonly hardState: HardState;
  readonly base?: LogBase;
  readonly entries: readonly Entry[];
  readonly snapshot?: Snapshot | undefined;
}

/** A server as it starts: a follower with what its disk remembers (§5.2). */
export function createRaft(options: RaftOptions): RaftState {
  const { snapshot, reads = "round", seenOut = NEVER_SEEN } = options;
  const log = createLog(options.entries, options.base);
  const configurations = configurationsOf(options, log);
  const { configuration } = last(configurations);
  const raft: RaftState = {
    id: options.id,
    rules: options.rules,
    timing: options.timing,
    compaction: options.compaction ?? DEFAULT_COMPACTION,
    reads,
    jitter: options.jitter,
    nowMs: options.nowMs,
    currentTerm: waitsToBeAdded(options) ? seenOut.term : options.hardState.term,
    votedFor: options.hardState.votedFor,
    mayVoteFrom: mayVoteFrom(options),
    seenOutAt: seenOut.index,
    log,
    configurations,
    configuration,
    peers: membersOf(configuration).filter((member) => member !== options.id),
    snapshot,
    saving: undefined,
    incoming: undefined,
    installed: undefined,
    commitIndex: snapshot?.index ?? 0,
    role: "follower",
    leaderId: null,
    votes: [],
    preVoting: false,
    electionDeadlineMs: 0,
    // A lease that was granted before the restart may still run.
    leaderContactMs: reads === "lease" ? options.nowMs : -Infinity,
    leader: undefined,
    durableIndex: lastIndex(log),
    persistedWriteId: 0,
    lastWriteId: 0,
    writesUnderWay: [],
    dirtyHardState: false,
    dirtyBase: false,
    dirtyTruncateFrom: undefined,
    dirtyEntriesFrom: undefined,
    held: [],
    effects: [],
    gated: [],
  };
  resetElectionTimer(raft);
  return raft;
}

/** A server that waits to be added, and remembers nothing yet, waits with its votes as well. */
function mayVoteFrom(options: RaftOptions): LogIndex | null {
  const { mayVoteFrom: remembered = 0 } = options.hardState;
  return waitsToBeAdded(options) ? null : remembered;
}

function waitsToBeAdded({ members, hardState }: RaftOptions): boolean {
  return members.length === 0 && hardState.term === 0 && hardState.mayVoteFrom === undefined;
}

/** §7: the snapshot's configuration stands for all before it. */
function configurationsOf({ members, snapshot }: RaftOptions, log: Log): ConfigurationAt[] {
  const first: ConfigurationAt = snapshot ?? {
    index: 0,
    configuration: { voters: members, learners: [] },
  };
  const inLog = configurationsIn(log.entries).filter(({ index }) => index > first.index);
  return [{ index: first.index, configuration: first.configuration }, ...inLog];
}

/** §5.2: randomised, so that split votes are rare. */
export function resetElectionTimer(raft: RaftState): void {
  const { electionTimeoutMsMin: min, electionTimeoutMsMax: max } = raft.timing;
  raft.electionDeadlineMs = raft.nowMs + min + raft.jitter() * (max - min);
}

export function trace(raft: RaftState, transition: TraceTransition): void {
  emit(raft, { type: "trace", transition });
}

export function emit(raft: RaftState, effect: RaftEffect): void {
  raft.effects = added(raft.effects, effect);
}

/** Call a peer at once. */
export function call(raft: RaftState, to: NodeId, request: Request): void {
  emit(raft, { type: "call", to, request });
}

/**
 * Let `effect` leave only when everything that this input changed is durable. Otherwise: 1. vote for A in
 * term 5, reply; 2. crash, forget the vote; 3. restart, vote for B in term 5 — two leaders in one term (§5.2).
 */
export function afterDurable(raft: RaftState, effect: RaftEffect): void {
  raft.gated = added(raft.gated, effect);
}

/** Followed by `snapshot-saved` when it is durable; one at a time. */
export function saveSnapshot(raft: RaftState, origin: Saving["origin"], snapshot: Snapshot): void {
  raft.saving = { snapshot, origin };
  emit(raft, { type: "save-snapshot", snapshot });
}
