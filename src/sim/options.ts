import {
  DEFAULT_COMPACTION,
  DEFAULT_TIMING,
  type Compaction,
  type Timing,
} from "../../node/raft/state.ts";

/** How the simulated world is when no fault disturbs it. JSON: it is part of a run's plan. */
export interface SimOptions {
  readonly network: NetworkOptions;
  readonly disk: DiskOptions;
  readonly clock: ClockOptions;
  readonly timing: Timing;
  readonly compaction: Compaction;
  /** How nodes make sure that what they read is not stale. */
  readonly reads: "round" | "lease";
  /** How long a node keeps a client waiting before it hears "timeout". */
  readonly requestTimeoutMs: number;
  /** How long a node waits for a peer's answer. */
  readonly rpcTimeoutMs: number;
  /** A node's process needs this long to start, from … to. */
  readonly startMs: readonly [number, number];
  /** More events than this in one simulated second are a message storm: the run ends with that finding. */
  readonly eventsPerSecondMax: number;
}

export interface NetworkOptions {
  /** One way between two nodes: at least, on average, and the rare long tail. */
  readonly latencyMsMin: number;
  readonly latencyMsMean: number;
  readonly tailProbability: number;
  readonly tailMs: number;
  /** Each direction between two nodes has its own pace: what chance adds to the latency is up to so many times as much. */
  readonly slownessMax: number;
  /** Of each request, and of each answer, between nodes. */
  readonly lossProbability: number;
  /** A request between nodes arrives twice. */
  readonly duplicateProbability: number;
  /** Of each request of a client, and of each answer to one. */
  readonly clientLossProbability: number;
}

export interface DiskOptions {
  /** A sync takes from … to. */
  readonly syncMs: readonly [number, number];
  /** A sync now and then takes this much longer. */
  readonly stallProbability: number;
  readonly stallMs: number;
  /** What was being written when a node is killed may be there in part; else it is lost whole. */
  readonly tornWrites: boolean;
  /** Sectors of it may be missing while later ones are there. */
  readonly reorderedWrites: boolean;
  /** A new name of a file whose folder was not synced may be lost; else it stays. */
  readonly lostRenames: boolean;
  /** A sync fails, and what it was to cover is lost: the node ends. */
  readonly syncFailProbability: number;
  /** The power fails before a sync is done: the node is dead, and starts again by itself. */
  readonly powerFailProbability: number;
  /** There is no room for a write: the node ends. */
  readonly fullProbability: number;
  /** A kill flips a bit in what was being written. The node may refuse to start from it. */
  readonly garbleProbability: number;
  /**
   * A bit flips in what was synced while a node is down. The node has to notice, and stays down. It happens to
   * less than half of the nodes, the last ones: what a majority remembers must not be lost.
   */
  readonly rotProbability: number;
}

export interface ClockOptions {
  /** Each node's clock runs faster or slower by up to so much: 0.01 is one percent. */
  readonly driftMax: number;
  /** Where each node's clock starts, from 0 to … */
  readonly offsetMsMax: number;
}

export const DEFAULT_SIM_OPTIONS: SimOptions = {
  network: {
    latencyMsMin: 0.15,
    latencyMsMean: 0.5,
    tailProbability: 0.002,
    tailMs: 20,
    slownessMax: 1,
    lossProbability: 0,
    duplicateProbability: 0,
    clientLossProbability: 0,
  },
  disk: {
    syncMs: [0.3, 3],
    stallProbability: 0.001,
    stallMs: 60,
    tornWrites: true,
    reorderedWrites: true,
    lostRenames: true,
    syncFailProbability: 0,
    powerFailProbability: 0,
    fullProbability: 0,
    garbleProbability: 0,
    rotProbability: 0,
  },
  clock: { driftMax: 0.001, offsetMsMax: 3_600_000 },
  timing: DEFAULT_TIMING,
  // Small, so that a run of some seconds sees snapshots and followers that need one.
  compaction: { ...DEFAULT_COMPACTION, entriesMax: 300, entriesKept: 30 },
  reads: "round",
  requestTimeoutMs: 2000,
  rpcTimeoutMs: 1000,
  startMs: [40, 250],
  eventsPerSecondMax: 400_000,
};
