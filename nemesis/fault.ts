import type { NodeId } from "../src/base/node-id.ts";

/** Which nodes a fault acts on: these, or whoever has the role when the fault is injected. */
export type NodeSelector = readonly NodeId[] | NodeRoleName;

export type NodeRoleName = "leader" | "follower" | "random" | "minority" | "majority" | "all";

/** Which links: all between nodes, all that touch the selected nodes, or these ("n1-n2" is n1 calling n2). */
export type LinkScope = "all" | { readonly of: NodeSelector } | readonly LinkName[];

/** As `linkName` renders it: source and target joined by a hyphen. */
export type LinkName = string;

/** How a cut shows: connections are refused at once, or everything sent is silently lost. */
export type CutMode = "refuse" | "drop";

export type PartitionShape =
  | "halves"
  | "random-halves"
  | "isolate-one"
  | "isolate-leader"
  | "majorities-ring"
  | "bridge"
  | "one-way"
  | "random-links";

/** One disturbance, as data. Everything here can be printed, written by hand, diffed and shrunk. */
export type Fault =
  | PartitionFault
  | CutsFault
  | LatencyFault
  | BandwidthFault
  | SliceFault
  | ResetFault
  | LoseAnswersFault
  | FlapFault
  | NodeFault
  | RestartStormFault
  | SlowCpuFault
  | ClockFault
  | SlowDiskFault
  | MemoryFault
  | ClientLinkFault
  | OwnFault;

/** Nodes are divided in one of the known shapes (see `grudge.ts`). */
export interface PartitionFault {
  readonly type: "partition";
  readonly shape: PartitionShape;
  readonly mode: CutMode;
  /**
   * The node that is isolated, the bridge, or the one that is not heard; random where not given. Of random halves: who is
   * in the larger one, be it as it may where not given. Of random links: whose are cut most.
   */
  readonly of?: NodeSelector;
}

/** A partition written out: what `source` sends to `target` does not arrive, for each of these links. */
export interface CutsFault {
  readonly type: "cuts";
  readonly links: readonly LinkName[];
  readonly mode: CutMode;
}

/** Each call on the links takes `latencyMs ± jitterMs` longer, there and back together. */
export interface LatencyFault {
  readonly type: "latency";
  readonly links: LinkScope;
  readonly latencyMs: number;
  readonly jitterMs: number;
}

/** A rate of 0 holds everything back until the heal, which then delivers it late. */
export interface BandwidthFault {
  readonly type: "bandwidth";
  readonly links: LinkScope;
  readonly rateKbytesPerSecond: number;
}

/** Data arrives in small pieces, `delayUs` apart. */
export interface SliceFault {
  readonly type: "slice";
  readonly links: LinkScope;
  readonly averageBytes: number;
  readonly delayUs: number;
}

/** Connections are reset `afterMs` after data was sent on them. */
export interface ResetFault {
  readonly type: "reset";
  readonly links: LinkScope;
  readonly afterMs: number;
}

/** Requests arrive and are executed; their answers are lost. */
export interface LoseAnswersFault {
  readonly type: "lose-answers";
  readonly links: LinkScope;
}

/** The links are cut for half of every period and whole for the other half. */
export interface FlapFault {
  readonly type: "flap";
  readonly links: LinkScope;
  readonly mode: CutMode;
  readonly periodMs: number;
}

/**
 * `power-cut` is a kill of several nodes at one instant: no node survives to remember for the others. `stop`
 * asks a node to end, as a restart for maintenance does. `unplug` takes it off its network without a word.
 * `disk-full` fails every write; a correct node then ends itself, and is started again by the heal.
 * `membership` removes nodes from the cluster and adds them again; `disk-lost` does the same, and in between
 * the node loses all that it ever knew, as a machine that is replaced.
 */
export interface NodeFault {
  readonly type:
    "kill" | "pause" | "power-cut" | "stop" | "unplug" | "disk-full" | "membership" | "disk-lost";
  readonly nodes: NodeSelector;
}

/** The nodes are killed for half of every period and started again for the other half. */
export interface RestartStormFault {
  readonly type: "restart-storm";
  readonly nodes: NodeSelector;
  readonly periodMs: number;
}

/** The nodes get only so much of one processor. */
export interface SlowCpuFault {
  readonly type: "slow-cpu";
  readonly nodes: NodeSelector;
  readonly cores: number;
}

/**
 * The nodes' own clocks jump, and run at another rate until the heal. The wall clock goes forward or back
 * and is set right by the heal. The monotonic clock, which timers go by, takes part in jumps forward, as
 * after a machine was suspended, and keeps what it has gained: it never goes back.
 */
export interface ClockFault {
  readonly type: "clock";
  readonly nodes: NodeSelector;
  /** 0: no jump. */
  readonly jumpMs: number;
  /** 2: a second takes half of one; 1: as it should be. */
  readonly rate: number;
}

/** Each sync of the nodes' disks takes so much longer. */
export interface SlowDiskFault {
  readonly type: "slow-disk";
  readonly nodes: NodeSelector;
  readonly delayMs: number;
}

/** The nodes get only so much memory, and are killed by the system if they need more. */
export interface MemoryFault {
  readonly type: "memory";
  readonly nodes: NodeSelector;
  readonly limitMb: number;
}

/** A fault that the user defines; whoever runs the nodes knows it by its name, and how to bring it about. */
export interface OwnFault {
  readonly type: "own";
  readonly name: string;
  readonly nodes: NodeSelector;
  /** What it does, after "n2 is": "cut off from its cache". */
  readonly text: string;
}

/** Trouble between the clients and these nodes; only where the environment proxies client links. */
export interface ClientLinkFault {
  readonly type: "client-link";
  readonly nodes: NodeSelector;
  readonly trouble: ClientTrouble;
  /** Of the trouble "latency". */
  readonly latencyMs: number;
}

export type ClientTrouble = "refuse" | "drop" | "lose-answers" | "latency" | "reset";
