import type { SeenOut } from "../src/base/join-mark.ts";
import type { Link, NodeId, Role } from "../src/base/node-id.ts";

/** Where a link's own trouble comes from besides nodes: the clients, when their links are proxied too. */
export const CLIENTS = "clients";

/**
 * What a directed link does to the calls that `source` makes to `target`. `upstream` is the direction of
 * the requests, `downstream` that of the answers.
 */
export type LinkEffect =
  | { readonly type: "refuse" }
  | { readonly type: "drop"; readonly stream: "upstream" | "downstream" | "both" }
  | { readonly type: "latency"; readonly latencyMs: number; readonly jitterMs: number }
  | { readonly type: "bandwidth"; readonly rateKbytesPerSecond: number }
  | { readonly type: "slice"; readonly averageBytes: number; readonly delayUs: number }
  | { readonly type: "reset"; readonly afterMs: number };

/** `stopped`: it was asked to end and did; `killed`: it was not asked. */
export type NodeState = "running" | "paused" | "stopped" | "killed";

/**
 * Where nodes run: `attached` are nodes that somebody else has started; `foreign` and `foreign-docker` are processes and
 * containers of other people's programs, inside which nothing can be broken.
 */
export type Surroundings = "sim" | "local" | "docker" | "attached" | "foreign" | "foreign-docker";

/** What is wrong with a node besides its state; `kinds.ts` says where each can be brought about. */
export type NodeEffect =
  /** Off every network: nobody reaches it and it reaches nobody, and nobody is told. */
  | { readonly type: "unplugged" }
  /** It gets so much of one processor, 0.1 being a tenth. */
  | { readonly type: "slow-cpu"; readonly cores: number }
  /**
   * Its wall clock is off by so much, and both of its clocks run at that rate. The monotonic one jumps too
   * when `jumpMs`, as far as it is above 0, becomes more than it was: by the difference. It never goes back.
   */
  | { readonly type: "clock"; readonly jumpMs: number; readonly rate: number }
  /** Writes fail for want of room. A node that ends itself over that is as desired. */
  | { readonly type: "disk-full" }
  | { readonly type: "slow-disk"; readonly delayMs: number }
  /** It may be killed for using more. A node that was is as desired. */
  | { readonly type: "memory"; readonly limitMb: number }
  /** What the user defines under this name, brought about by the user's own code. */
  | { readonly type: "own"; readonly name: string }
  /** It belongs to no configuration (`members.ts` sees to that, not the environment). */
  | { readonly type: "removed" }
  /**
   * From the moment at which this begins it knows nothing any more, and waits to be added to the cluster. `seenOut` is where
   * it was seen to be removed (`members.ts` tells it): it believes nothing that is older.
   */
  | { readonly type: "disk-lost"; readonly seenOut?: SeenOut };

/** Everything that is to be wrong at one moment. What is not listed is healthy. */
export interface DesiredState {
  readonly links: readonly { readonly link: Link; readonly effects: readonly LinkEffect[] }[];
  readonly nodes: readonly DesiredNode[];
}

export interface DesiredNode {
  readonly node: NodeId;
  readonly state: NodeState;
  readonly effects?: readonly NodeEffect[];
}

export const HEALTHY: DesiredState = { links: [], nodes: [] };

/** What came of bringing the cluster into a desired state: each link and node was looked at afterwards. */
export interface ConvergeOutcome {
  /** Links ("n1-n2") and nodes seen to be as desired. */
  readonly confirmed: readonly string[];
  /** Those that are not, each with one sentence saying why. */
  readonly failed: readonly { readonly what: string; readonly reason: string }[];
}

/** What is known of a node at this moment, for targets by role and for triggers. */
export interface NodeStatus {
  readonly node: NodeId;
  readonly state: NodeState;
  readonly role: Role | undefined;
  readonly term: number;
  readonly commitIndex: number;
}

/** Where the nemesis acts. Implemented by each environment. */
export interface FaultTarget {
  readonly nodes: readonly NodeId[];
  /** True where links from the clients to the nodes go through a proxy. */
  readonly hasClientLinks: boolean;
  /** Decides which kinds of fault there can be. */
  readonly surroundings: Surroundings;
  /** Last known status of every node, in the order of `nodes`; costs nothing. */
  status(): readonly NodeStatus[];
  /**
   * Brings links and nodes into exactly this state, in the safe order, verifies and retries. Calls are
   * worked off in order; `done` is called exactly once for each, also when it failed.
   */
  converge(desired: DesiredState, done: (outcome: ConvergeOutcome) => void): void;
}

/** Time as the nemesis sees it: real in processes and containers, virtual in the simulator. */
export interface NemesisClock {
  /** Nanoseconds since the start of the run. */
  nowNs(): number;
  /** Calls `act` once after `ms`; returns what cancels it. */
  after(ms: number, act: () => void): () => void;
}
