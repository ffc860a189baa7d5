import type { NodeId, Role } from "./node-id.ts";

/**
 * The state transitions of a node, one JSON object a line, in the order in which they happened there.
 * A line is handed to the operating system before the messages that depend on it leave the node, so the
 * trace is complete up to a SIGKILL.
 *
 * `timeNs` is the host's monotonic clock in nanoseconds, comparable across processes of one host; files
 * of a run's folder have the run's start subtracted. Hashes are integers below 2^53.
 */
export type TraceEvent = {
  readonly timeNs: number;
  readonly node: NodeId;
} & TraceTransition;

/** The lines of one type. */
export type TraceLine<Type extends TraceEvent["type"]> = Extract<
  TraceEvent,
  { readonly type: Type }
>;

export type TraceTransition =
  | StartEvent
  | RoleEvent
  | VoteEvent
  | LedEvent
  | AppendEvent
  | TruncateEvent
  | DurableEvent
  | CommitEvent
  | ApplyEvent
  | SnapshotEvent
  | InstallEvent
  | ConfigurationEvent
  | ReadTicketEvent
  | ReadAnswerEvent
  | ExitEvent
  | DiskLostEvent
  | LogTextEvent;

/**
 * A process began with what it found on its disk. What its snapshot covers is committed and applied;
 * without one, nothing is yet.
 */
export interface StartEvent {
  readonly type: "start";
  readonly term: number;
  readonly votedFor: NodeId | null;
  /** Last index of the log; that of the snapshot at least. */
  readonly lastIndex: number;
  /** Chain hash of the entry at `lastIndex` (0 for an empty log). */
  readonly lastHash: number;
  /**
   * The voters of the configuration it acts on: the newest in its log, else in its snapshot, else what it was
   * started with. This node included if it is one; empty if it waits to be added.
   */
  readonly members: readonly NodeId[];
  /** Members without a vote (thesis §4.2.1). */
  readonly learners?: readonly NodeId[];
  /** The newest snapshot on its disk. */
  readonly snapshot?: SnapshotMark;
}

/** What a snapshot stands for: the log up to `index`, and the state after applying it. */
export interface SnapshotMark {
  readonly index: number;
  /** Term of the entry at `index`. */
  readonly entryTerm: number;
  /** Chain hash of the entry at `index`. */
  readonly hash: number;
  /** As in `ApplyEvent.hashes`, after `index`. */
  readonly stateHash: number;
}

/**
 * A snapshot of the node's own state is durable (§7) and what a restart would find, unless a newer one is;
 * entries up to its index may be gone from the log.
 */
export interface SnapshotEvent extends SnapshotMark {
  readonly type: "snapshot";
}

/**
 * A leader's snapshot, durable here, took the place of the log up to its index (§7). Commit index and last
 * applied are at least there from now on. Entries after it remain where they agreed with it.
 */
export interface InstallEvent extends SnapshotMark {
  readonly type: "install";
  /** The node's current term. */
  readonly term: number;
  /** Last index of the log from now on. */
  readonly lastIndex: number;
}

/**
 * The configuration that the node acts on from now on (thesis §4.1): the newest in its log, committed or not.
 * Written right after the append, truncation or install that changed it, before any other line.
 */
export interface ConfigurationEvent {
  readonly type: "configuration";
  /** Index of the entry that holds it; of the snapshot where that does; 0 for what the node was started with. */
  readonly index: number;
  readonly voters: readonly NodeId[];
  readonly learners: readonly NodeId[];
}

/**
 * Reads that arrived at a leader before this moment wait for `index` to be applied, and for what makes them
 * safe (§8): a round of confirmations that begins after this line, or a lease that holds at this moment.
 */
export interface ReadTicketEvent {
  readonly type: "read-ticket";
  /** Counts within one life of the node. */
  readonly ticket: number;
  /** The leader's commit index at this moment. */
  readonly index: number;
}

/** Reads with this ticket were answered from the state after `appliedIndex`. */
export interface ReadAnswerEvent {
  readonly type: "read-answer";
  readonly ticket: number;
  readonly appliedIndex: number;
}

/** Role or term changed. `votes` names the voters (itself included) that made a node leader. */
export interface RoleEvent {
  readonly type: "role";
  readonly role: Role;
  readonly term: number;
  readonly votes?: readonly NodeId[];
}

/** What no node can tell of itself, so that whoever runs it does. */
export function isSeenFromOutside({ type }: TraceTransition): boolean {
  return type === "exit" || type === "log" || type === "disk-lost";
}

/** A vote leaves the node (after it is durable); a candidate's vote for itself counts. */
export interface VoteEvent {
  readonly type: "vote";
  readonly term: number;
  readonly candidate: NodeId;
}

/** Read on its links: it sent AppendEntries of this term, as only a leader does. Whether it still leads is not told. */
export interface LedEvent {
  readonly type: "led";
  readonly term: number;
}

/** Entries `from`, `from + 1`, … entered the log in memory. */
export interface AppendEvent {
  readonly type: "append";
  /** The node's current term and role at that moment. */
  readonly term: number;
  readonly role: Role;
  readonly from: number;
  /** Per entry: its term and the chain hash H_i = mix(H_{i-1}, term, command). */
  readonly entries: readonly (readonly [term: number, hash: number])[];
  /** Indexes of those among them that hold a configuration, if any does. */
  readonly configurations?: readonly number[];
}

/** Entries `from` and all after it were removed. */
export interface TruncateEvent {
  readonly type: "truncate";
  readonly term: number;
  readonly role: Role;
  readonly from: number;
}

/** The log up to `index` survives a power cut. */
export interface DurableEvent {
  readonly type: "durable";
  readonly index: number;
  /** Chain hash of the entry at `index`. */
  readonly hash: number;
}

/** The commit index moved up to `index`. */
export interface CommitEvent {
  readonly type: "commit";
  readonly term: number;
  readonly role: Role;
  readonly index: number;
  /** Chain hash of the entry at `index`. */
  readonly hash: number;
}

/** Entries `from`, `from + 1`, … were applied to the state machine. */
export interface ApplyEvent {
  readonly type: "apply";
  readonly from: number;
  /** Per entry: a rolling hash over all commands and results applied so far. */
  readonly hashes: readonly number[];
  /**
   * The session operations among them that took effect: index, session, sequence number. A retry that
   * was answered from the session's memory is not listed.
   */
  readonly effects?: readonly (readonly [index: number, session: number, sequence: number])[];
}

/** Written by the environment: a node's process ended. */
export interface ExitEvent {
  readonly type: "exit";
  readonly code: number | null;
  readonly signal: string | null;
  /** True where the nemesis or the end of the run caused it. */
  readonly expected: boolean;
}

/** Written by the environment: all that the node knew is gone. It was no member any more, and starts as a new one. */
export interface DiskLostEvent {
  readonly type: "disk-lost";
}

/** Written by the environment: a line of a node's own output that tells of a crash. */
export interface LogTextEvent {
  readonly type: "log";
  readonly level: "error" | "fatal";
  readonly text: string;
}
