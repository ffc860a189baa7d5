import type { Fault } from "../../nemesis/fault.ts";
import { kindOf } from "../../nemesis/kinds.ts";
import type { ScheduleEntry } from "../../nemesis/schedule.ts";
import { createPrng, type Prng } from "../base/prng.ts";
import { scheduledSwarmPlan, type SwarmOptions } from "../run/swarm.ts";
import type { TestPlan } from "../store/plan.ts";

/** In milliseconds, from and to: when is drawn. */
type Span = readonly [from: number, to: number];

interface Step {
  /** Since the step before began. */
  readonly after: Span;
  readonly for: Span;
  readonly fault: Fault;
}

/** A course of events that naive implementations don't survive. The times are drawn, and who has the role is who it is then. */
interface Scenario {
  readonly text: string;
  readonly steps: readonly Step[];
}

const ISOLATED: Fault = { type: "partition", shape: "isolate-leader", mode: "drop" };
const DEAF: Fault = { type: "partition", shape: "one-way", mode: "drop", of: "leader" };

export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  "old-leader-returns": {
    text: "a leader comes back from isolation as the one after it is killed",
    steps: [
      { after: [200, 1000], for: [1200, 3500], fault: ISOLATED },
      { after: [1200, 3600], for: [300, 1500], fault: { type: "kill", nodes: "leader" } },
    ],
  },
  "leaders-in-turn": {
    text: "three leaders in turn, each with entries that the next has not (Fig. 8)",
    steps: [
      { after: [200, 1000], for: [2000, 4500], fault: ISOLATED },
      { after: [500, 1500], for: [800, 2500], fault: { type: "kill", nodes: "leader" } },
      { after: [500, 1500], for: [300, 1500], fault: { type: "pause", nodes: "leader" } },
    ],
  },
  "heard-but-deaf": {
    text: "a leader is heard and hears nobody, then is cut off as a whole",
    steps: [
      { after: [200, 1000], for: [800, 2500], fault: DEAF },
      { after: [300, 1500], for: [800, 2500], fault: ISOLATED },
    ],
  },
  "one-direction-opens": {
    text: "a leader is cut off until there is a new one, then hears, and can't be heard",
    steps: [
      { after: [200, 1000], for: [1000, 2000], fault: ISOLATED },
      {
        after: [900, 2100],
        for: [500, 2000],
        fault: { type: "lose-answers", links: { of: "random" } },
      },
    ],
  },
  "power-cut-in-a-sync": {
    text: "the power goes while disks are slow: what was answered before it was synced is gone",
    steps: [
      { after: [200, 800], for: [600, 1500], fault: slowDisk("leader") },
      { after: [0, 100], for: [600, 1500], fault: slowDisk("minority") },
      { after: [50, 700], for: [100, 800], fault: { type: "power-cut", nodes: "majority" } },
    ],
  },
  "pause-over-an-election": {
    text: "a leader sleeps through an election and wakes with messages of its time on the way",
    steps: [
      {
        after: [200, 800],
        for: [700, 2500],
        fault: { type: "bandwidth", links: { of: "leader" }, rateKbytesPerSecond: 0 },
      },
      { after: [50, 400], for: [600, 2200], fault: { type: "pause", nodes: "leader" } },
    ],
  },
  "members-change-in-a-partition": {
    text: "two leaders change the members, one of them without the others",
    steps: [
      { after: [200, 800], for: [1500, 4000], fault: { type: "membership", nodes: "follower" } },
      { after: [50, 600], for: [800, 2500], fault: ISOLATED },
      { after: [500, 1500], for: [800, 2500], fault: { type: "membership", nodes: "leader" } },
    ],
  },
  "left-behind": {
    text: "a follower misses what is compacted meanwhile, then it is needed",
    steps: [
      {
        after: [200, 800],
        for: [2000, 4500],
        fault: { type: "partition", shape: "isolate-one", mode: "drop", of: "follower" },
      },
      { after: [1800, 4600], for: [500, 2000], fault: { type: "kill", nodes: "leader" } },
    ],
  },
  "lost-disk": {
    text: "a server that has lost its disk is back, and then the leader dies",
    steps: [
      { after: [200, 800], for: [800, 2000], fault: { type: "disk-lost", nodes: "follower" } },
      { after: [700, 2500], for: [500, 2000], fault: { type: "kill", nodes: "leader" } },
    ],
  },
  "old-voters-meet": {
    text: "a server that was removed and does not know asks one for its vote that has lost its disk, and the leader dies",
    steps: [
      { after: [200, 800], for: [2500, 4500], fault: { type: "membership", nodes: "follower" } },
      { after: [100, 500], for: [500, 2000], fault: { type: "disk-lost", nodes: "follower" } },
      { after: [400, 1500], for: [500, 2000], fault: { type: "kill", nodes: "leader" } },
    ],
  },
  "lost-answers": {
    text: "entries arrive, acknowledgements don't, and clients ask again",
    steps: [
      {
        after: [200, 800],
        for: [500, 1500],
        fault: { type: "client-link", nodes: "leader", trouble: "lose-answers", latencyMs: 0 },
      },
      {
        after: [0, 800],
        for: [500, 1500],
        fault: { type: "lose-answers", links: { of: "leader" } },
      },
      { after: [100, 900], for: [300, 1200], fault: { type: "kill", nodes: "leader" } },
    ],
  },
  "split-votes": {
    text: "slow links make candidates collide",
    steps: [
      {
        after: [100, 500],
        for: [2500, 4500],
        fault: { type: "latency", links: "all", latencyMs: 200, jitterMs: 100 },
      },
      { after: [200, 800], for: [500, 1500], fault: { type: "kill", nodes: "leader" } },
      { after: [800, 1800], for: [500, 1500], fault: { type: "pause", nodes: "random" } },
    ],
  },
};

function slowDisk(nodes: "leader" | "minority"): Fault {
  return { type: "slow-disk", nodes, delayMs: 250 };
}

/** Faults of a scenario begin this long after those of the one before are over. */
const REST: Span = [300, 1500];

/** One scenario after the other to the end of the run, in a cluster that is otherwise drawn as any. */
export function scenarioPlan(seed: string, options: SwarmOptions): TestPlan {
  const prng = createPrng(seed).fork("scenarios");
  return scheduledSwarmPlan(seed, options, () => scenarioFaults(prng, options.durationMs));
}

function scenarioFaults(prng: Prng, durationMs: number): ScheduleEntry[] {
  const entries: ScheduleEntry[] = [];
  let beginMs = 500;
  while (beginMs < durationMs) {
    let atMs = beginMs;
    for (const { after, for: span, fault } of prng.pick(Object.values(SCENARIOS)).steps) {
      atMs += within(after, prng);
      const forMs = within(span, prng);
      beginMs = Math.max(beginMs, atMs + forMs);
      if (atMs + forMs > durationMs) continue;
      const lane = kindOf(fault);
      entries.push({ id: `${lane}-${entries.length + 1}`, lane, atMs, forMs, fault });
    }
    beginMs += within(REST, prng);
  }
  return entries;
}

function within([from, to]: Span, prng: Prng): number {
  return prng.int(from, to);
}
