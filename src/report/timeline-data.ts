import type { NodeId, Role } from "../base/node-id.ts";

/** What happened when, condensed to what a picture can show. Plain data; times count from the run's start. */
export interface TimelineData {
  /** The last moment of which anything is known. */
  readonly endNs: number;
  readonly binNs: number;
  /** One per `binNs` from 0. Shorter than the run if nothing completed at the end; a last bin that the run did not fill is left out. */
  readonly bins: readonly Bin[];
  readonly operations: readonly OperationStats[];
  readonly errors: readonly ErrorCount[];
  readonly clients: readonly ClientLane[];
  /** Clients without a lane, because there are too many to be told apart. */
  readonly omittedClients: number;
  readonly faults: readonly FaultInterval[];
  /** Lanes of `faults`, in the order of their first appearance. */
  readonly faultKinds: readonly FaultKindStats[];
  /** Operations that succeeded while any fault was active. */
  readonly okUnderFaults: number;
  readonly leaders: readonly LeaderInterval[];
  readonly nodes: readonly NodeLane[];
  readonly exits: readonly ProcessExit[];
  /** Lines of the nodes' own output that tell of a crash; the first ones. */
  readonly crashes: readonly {
    readonly timeNs: number;
    readonly node: NodeId;
    readonly text: string;
  }[];
  /** Times a node became leader. */
  readonly leaderChanges: number;
  /** Intervals that were left out because there were too many of them to keep. */
  readonly omittedIntervals: number;
}

/** Operations that completed in one bin, and the latencies of the successful ones that began in it. */
export interface Bin {
  readonly ok: number;
  readonly fail: number;
  readonly info: number;
  readonly latency: LatencySummary | null;
}

/**
 * What became of one client's operations, a sign for each bin from 0: "o" ok, "f" fail, "i" info, " " nothing. Of several in
 * one bin the last of these.
 */
export type ClientLane = string;

export interface LatencySummary {
  readonly count: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export interface OperationStats {
  readonly f: string;
  readonly ok: number;
  readonly fail: number;
  readonly info: number;
  /** Of the successful ones. */
  readonly latency: LatencySummary | null;
}

export interface ErrorCount {
  readonly error: string;
  readonly type: "fail" | "info";
  readonly count: number;
}

/** One fault from the intent to inject it until its heal is confirmed. */
export interface FaultInterval {
  readonly id: string;
  readonly kind: string;
  readonly sentence: string;
  readonly nodes: readonly NodeId[];
  readonly links: readonly string[];
  readonly fromNs: number;
  /** Null: never seen to be healed. */
  readonly toNs: number | null;
  /** When it was seen to be in effect; null: never. */
  readonly confirmedNs: number | null;
  /** Why it could not be injected, or not be healed. */
  readonly failure: string | null;
}

export interface FaultKindStats {
  readonly kind: string;
  readonly injected: number;
  readonly confirmed: number;
  readonly failed: number;
  readonly healed: number;
  /** Operations that ended while a fault of this kind was active. */
  readonly okDuring: number;
  readonly failDuring: number;
  readonly infoDuring: number;
}

/** A node held itself to be leader of a term. Null: to the end of the run. */
export interface LeaderInterval {
  readonly node: NodeId;
  readonly term: number;
  readonly fromNs: number;
  readonly toNs: number | null;
  readonly votes: readonly NodeId[];
}

export type NodeCondition = Role | "down";

export interface NodeLane {
  readonly node: NodeId;
  readonly conditions: readonly ConditionInterval[];
  /** SIGSTOPped by the nemesis: lies over the conditions, which the node keeps. */
  readonly paused: readonly { readonly fromNs: number; readonly toNs: number | null }[];
  /** Highest commit index known in each bin; null before the first, and while the process is down. */
  readonly commits: readonly (number | null)[];
  readonly terms: readonly (number | null)[];
  readonly snapshots: readonly SnapshotMoment[];
}

/** A snapshot became durable: of the node's own state, or a leader's in place of its log. */
export interface SnapshotMoment {
  readonly timeNs: number;
  readonly index: number;
  readonly isInstalled: boolean;
}

export interface ConditionInterval {
  readonly condition: NodeCondition;
  readonly term: number;
  readonly fromNs: number;
  readonly toNs: number | null;
}

export interface ProcessExit {
  readonly timeNs: number;
  readonly node: NodeId;
  readonly code: number | null;
  readonly signal: string | null;
  readonly expected: boolean;
}
