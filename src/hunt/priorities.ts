import type { Fault } from "../../nemesis/fault.ts";
import { kindOf } from "../../nemesis/kinds.ts";
import type { ScheduleEntry } from "../../nemesis/schedule.ts";
import { allLinks, linkName } from "../base/node-id.ts";
import { createPrng, type Prng } from "../base/prng.ts";
import { nodeNames } from "../run/plan.ts";
import { scheduledSwarmPlan, type SwarmOptions } from "../run/swarm.ts";
import type { TestPlan } from "../store/plan.ts";

/** How much longer a call takes, from the highest priority to the lowest; the lowest never arrives. */
const DELAYS_MS = [0, 0, 30, 120, 400, Infinity];
/** Of so many points in time a bug may depend. */
const CHANGES: readonly [from: number, to: number] = [2, 5];

/**
 * Every link between nodes has a priority, which is how soon its messages arrive, and keeps it until one of a few moments
 * at which all are drawn anew and one node is killed or paused: few changes at the right moments are what bugs depend
 * on (PCT, Burckhardt et al. 2010; for messages, Ozkan et al. 2018).
 */
export function prioritiesPlan(seed: string, options: SwarmOptions): TestPlan {
  const prng = createPrng(seed).fork("priorities");
  return scheduledSwarmPlan(seed, options, (nodeCount) =>
    priorityFaults(prng, nodeCount, options.durationMs),
  );
}

function priorityFaults(prng: Prng, nodeCount: number, durationMs: number): ScheduleEntry[] {
  const changeCount = prng.int(...CHANGES);
  const moments = Array.from({ length: changeCount }, () =>
    prng.int(500, Math.max(500, durationMs - 500)),
  );
  const points = [500, ...moments.toSorted((a, b) => a - b), durationMs];
  const entries: ScheduleEntry[] = [];
  const put = (atMs: number, forMs: number, fault: Fault): void => {
    const lane = kindOf(fault);
    entries.push({ id: `${lane}-${entries.length + 1}`, lane, atMs, forMs, fault });
  };
  for (const [i, atMs] of points.slice(0, -1).entries()) {
    const forMs = points[i + 1]! - atMs;
    if (forMs === 0) continue;
    for (const fault of drawPriorities(prng, nodeCount)) put(atMs, forMs, fault);
    if (i === 0) continue;
    const type = prng.pick(["kill", "pause"] as const);
    put(atMs, prng.int(200, 2000), { type, nodes: prng.pick(["leader", "follower", "random"]) });
  }
  return entries;
}

/** One fault for all links of one priority. */
function drawPriorities(prng: Prng, nodeCount: number): Fault[] {
  const links = new Map<number, string[]>();
  for (const link of allLinks(nodeNames(nodeCount))) {
    const delayMs = prng.pick(DELAYS_MS);
    links.set(delayMs, [...(links.get(delayMs) ?? []), linkName(link)]);
  }
  return [...links].flatMap(([latencyMs, of]): Fault[] => {
    if (latencyMs === 0) return [];
    if (latencyMs === Infinity) return [{ type: "cuts", links: of, mode: "drop" }];
    return [{ type: "latency", links: of, latencyMs, jitterMs: 0 }];
  });
}
