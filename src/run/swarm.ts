import { WORKLOAD_NAMES } from "../../checker/checkers.ts";
import { expandKinds } from "../../nemesis/kinds.ts";
import type { ScheduleEntry } from "../../nemesis/schedule.ts";
import { createPrng, type Prng } from "../base/prng.ts";
import type { Timing } from "../../node/raft/state.ts";
import { DEFAULT_SIM_OPTIONS, type DiskOptions, type SimOptions } from "../sim/options.ts";
import { STATIC_CUT_MANNERS, type StaticCutPlan, type TestPlan } from "../store/plan.ts";
import { createPlan, DEFAULT_CHOICES, type PlanChoices } from "./plan.ts";

export interface SwarmOptions {
  readonly durationMs: number;
  readonly mutant: string | null;
  /** What clients may do; undefined: anything that bundled nodes can be asked. */
  readonly workloads?: readonly PlanChoices["workload"][] | undefined;
}

/**
 * A run with everything drawn from its seed: size of the cluster, which kinds of fault there are at all and how
 * often, how bad network and disks are. Leaving things out at random finds more than having everything always
 * (swarm testing, Groce et al. 2012).
 */
export function swarmPlan(seed: string, options: SwarmOptions): TestPlan {
  return createPlan(drawChoices(seed, options));
}

/**
 * The same, but for the faults: these come from elsewhere, for a cluster of at least three nodes. They have nothing to do with
 * clocks, because leases trust these.
 */
export function scheduledSwarmPlan(
  seed: string,
  options: SwarmOptions,
  faultsOf: (nodeCount: number) => readonly ScheduleEntry[],
): TestPlan {
  const { sim = DEFAULT_SIM_OPTIONS, ...choices } = drawChoices(seed, options);
  const nodeCount = Math.max(3, choices.nodeCount);
  const faults = faultsOf(nodeCount);
  return createPlan({
    ...choices,
    nodeCount,
    // Disks that rot go with faults that were drawn together with them.
    sim: { ...sim, disk: { ...sim.disk, rotProbability: 0 } },
    kinds: [],
    proxyClients: faults.some(({ fault }) => fault.type === "client-link"),
    schedule: {
      schedule: { format: "raftwreck-schedule", version: 1, seed, faults },
      fileName: "the drawn schedule",
    },
  });
}

function drawChoices(seed: string, { durationMs, mutant, workloads }: SwarmOptions): PlanChoices {
  const prng = createPrng(seed).fork("swarm");
  // Each kind by itself: a new one does not move the others.
  const kinds = expandKinds(["all", "client-link"], "sim").filter((kind) =>
    prng.fork(kind).chance(0.4),
  );
  // Leases rest on clocks that agree within a tenth.
  const mayLease = (world: SimOptions): boolean =>
    !kinds.includes("clock") && world.clock.driftMax < 0.02 && prng.fork("lease").chance(0.3);
  const nodeCount = prng.pick([1, 2, 3, 3, 3, 4, 5, 5, 5, 6, 7]);
  const world = withinReach(drawWorld(prng.fork("world")));
  const disk = mayRot(kinds) ? { ...world.disk, ...drawRot(prng.fork("rot")) } : world.disk;
  return {
    ...DEFAULT_CHOICES,
    seed,
    environment: "sim",
    liveness: drawStaticCut(prng.fork("liveness"), nodeCount),
    sim: { ...world, disk, reads: mayLease(world) ? "lease" : "round" },
    nodeCount,
    durationMs,
    workload: drawWorkload(prng.fork("workload"), workloads),
    rate: prng.pick([10, 30, 30, 60, 150]),
    concurrency: prng.pick([1, 2, 2, 4]) * nodeCount,
    operationTimeoutMs: prng.pick([500, 1000, 1500, 3000]),
    kinds,
    nemesisIntervalMs: prng.pick([1500, 3000, 6000, 10_000]),
    proxyClients: kinds.includes("client-link"),
    mutant,
    // A cluster may be lucky; what is wanted here are violations.
    allowUnknown: true,
  };
}

/** Half of the runs have registers, which show the most; the others something else. */
function drawWorkload(
  prng: Prng,
  workloads: NonNullable<SwarmOptions["workloads"]> = BUNDLED_WORKLOADS,
): PlanChoices["workload"] {
  const others = workloads.filter((name) => name !== "register");
  const isRegister = prng.chance(0.5) && workloads.includes("register");
  return isRegister || others.length === 0 ? "register" : prng.fork("other").pick(others);
}

/** What the bundled nodes can be asked. */
export const BUNDLED_WORKLOADS = WORKLOAD_NAMES.filter((name) => name !== "election");

const TIMINGS: readonly Timing[] = [
  DEFAULT_SIM_OPTIONS.timing,
  DEFAULT_SIM_OPTIONS.timing,
  { electionTimeoutMsMin: 100, electionTimeoutMsMax: 200, heartbeatMs: 30 },
  // Hardly any jitter: elections that fail because votes are split.
  { electionTimeoutMsMin: 300, electionTimeoutMsMax: 320, heartbeatMs: 75 },
];

/** Who is out of it for good while the others must elect and serve. */
export function drawStaticCut(prng: Prng, nodeCount: number): StaticCutPlan {
  const count = prng.int(0, Math.floor((nodeCount - 1) / 2));
  // Being heard without hearing answers is what hurts a leader most.
  const manner = prng.pick([...STATIC_CUT_MANNERS, "unanswered"] as const);
  return { manner, count, withLeader: prng.chance(0.6) };
}

/** Whose disk has gone bad stays down; members that come and go could leave it a part of every majority. */
export function mayRot(kinds: readonly string[]): boolean {
  return !kinds.includes("membership") && !kinds.includes("disk-lost");
}

function drawRot(prng: Prng): Pick<DiskOptions, "rotProbability"> {
  return { rotProbability: prng.chance(0.2) ? prng.pick([0.02, 0.5]) : 0 };
}

/** Of the shortest election timeout: that long may a message, its answer and a sync take on average, stragglers aside. */
export const BROADCAST_SHARE_MAX = 1 / 3;

/**
 * §5.6: unless the broadcast time is far below election timeouts, nobody can be elected, and that is nobody's
 * fault. So the slowest link is slower than others only as far as that leaves room.
 */
export function withinReach(world: SimOptions): SimOptions {
  const { timing, network, disk } = world;
  const roundTripMsMax = BROADCAST_SHARE_MAX * timing.electionTimeoutMsMin - disk.syncMs[1];
  const room = Math.max(1, roundTripMsMax / (2 * network.latencyMsMean));
  return { ...world, network: { ...network, slownessMax: Math.min(network.slownessMax, room) } };
}

function drawWorld(prng: Prng): SimOptions {
  const { network, disk, clock } = DEFAULT_SIM_OPTIONS;
  const isLossy = prng.chance(0.4);
  const isSlow = prng.chance(0.3);
  return {
    ...DEFAULT_SIM_OPTIONS,
    compaction: {
      ...DEFAULT_SIM_OPTIONS.compaction,
      ...prng
        .fork("compaction")
        .pick([
          {},
          { entriesMax: 10, entriesKept: 0 },
          { entriesMax: 40, entriesKept: 5 },
          { entriesMax: 100_000, entriesKept: 1000 },
        ]),
    },
    timing: isSlow ? DEFAULT_SIM_OPTIONS.timing : prng.pick(TIMINGS),
    rpcTimeoutMs: prng.fork("patience").pick([150, 400, 1000, 1000]),
    startMs: prng.pick<SimOptions["startMs"]>([[1, 10], DEFAULT_SIM_OPTIONS.startMs, [500, 1500]]),
    network: {
      ...network,
      latencyMsMean: isSlow ? 1 + 20 * prng.next() : network.latencyMsMean,
      tailProbability: prng.chance(0.5) ? 0.05 * prng.next() : network.tailProbability,
      tailMs: prng.pick([20, 100, 400, 1500]),
      slownessMax: prng.fork("slowness").chance(0.3) ? prng.fork("slowest").pick([3, 10, 40]) : 1,
      lossProbability: isLossy ? 0.15 * prng.next() : 0,
      duplicateProbability: prng.chance(0.3) ? 0.1 * prng.next() : 0,
      clientLossProbability: prng.chance(0.4) ? 0.1 * prng.next() : 0,
    },
    disk: {
      ...disk,
      syncMs: prng.pick<SimOptions["disk"]["syncMs"]>([[0, 0.1], disk.syncMs, [5, 30]]),
      stallProbability: prng.chance(0.3) ? 0.05 * prng.next() : disk.stallProbability,
      stallMs: prng.pick([60, 300, 1000]),
      tornWrites: prng.chance(0.7),
      syncFailProbability: prng.fork("sync failure").chance(0.15) ? 0.002 : 0,
      powerFailProbability: prng.fork("power failure").pick([0, 0, 0, 0, 0, 0, 0.002, 0.01]),
      fullProbability: prng.fork("full disk").chance(0.15) ? 0.0005 : 0,
    },
    clock: { ...clock, driftMax: prng.chance(0.3) ? 0.05 : clock.driftMax },
  };
}
