import { generateSchedule } from "../../nemesis/generate.ts";
import type { Kind } from "../../nemesis/kinds.ts";
import type { Prng } from "../base/prng.ts";
import { nodeNames } from "../run/plan.ts";
import { mayRot, withinReach } from "../run/swarm.ts";
import { DEFAULT_SIM_OPTIONS, type SimOptions } from "../sim/options.ts";
import type { TestPlan } from "../store/plan.ts";

/** What a plan may take over from another, all at once. */
export const DIMENSIONS = ["chance", "size", "load", "faults", "ending", "world"] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/**
 * The parent with one dimension of the other, a drawn plan: its luck, its size, its faults, … What is never drawn together does
 * not come together here either.
 */
export function cross(parent: TestPlan, other: TestPlan, prng: Prng): TestPlan {
  const crossed = take(prng.pick(DIMENSIONS), parent, other, prng);
  const sim = withinReach(crossed.sim ?? DEFAULT_SIM_OPTIONS);
  // A lease is drawn only where clocks allow it: only if both have one, any mixture of them may have it.
  const isLease = parent.sim?.reads === "lease" && other.sim?.reads === "lease";
  const disk = mayRot(crossed.nemesis) ? sim.disk : { ...sim.disk, rotProbability: 0 };
  return { ...crossed, sim: { ...sim, disk, reads: isLease ? "lease" : "round" } };
}

function take(dimension: Dimension, parent: TestPlan, other: TestPlan, prng: Prng): TestPlan {
  switch (dimension) {
    case "chance":
      // The schedule is the parent's; what the nemesis resolves by chance, messages and clients are not.
      return { ...parent, seed: other.seed };
    case "size": {
      const { nodeCount, workload } = other;
      const { concurrency } = workload;
      const sized = { ...parent, nodeCount, workload: { ...parent.workload, concurrency } };
      return withFaults(sized, { nemesis: parent.nemesis, seed: parent.schedule.seed });
    }
    case "load":
      return { ...parent, workload: other.workload };
    case "faults": {
      const { proxyClients, nemesisIntervalMs, nemesis } = other;
      const changed = { ...parent, proxyClients, nemesisIntervalMs };
      return withFaults(changed, { nemesis, seed: other.schedule.seed });
    }
    case "ending": {
      const { liveness: _, ...rest } = parent;
      return { ...rest, ...(other.liveness === undefined ? {} : { liveness: other.liveness }) };
    }
    case "world": {
      const part = prng.pick(Object.keys(DEFAULT_SIM_OPTIONS) as (keyof SimOptions)[]);
      const [ours, theirs] = [parent.sim ?? DEFAULT_SIM_OPTIONS, other.sim ?? DEFAULT_SIM_OPTIONS];
      return { ...parent, sim: { ...ours, [part]: theirs[part] } };
    }
  }
}

function withFaults(
  plan: TestPlan,
  { nemesis, seed }: { readonly nemesis: readonly string[]; readonly seed: string },
): TestPlan {
  const schedule = generateSchedule({
    seed,
    kinds: nemesis as readonly Kind[],
    nodes: nodeNames(plan.nodeCount),
    durationMs: plan.durationMs,
    intervalMs: plan.nemesisIntervalMs,
    hasClientLinks: plan.proxyClients,
  });
  return { ...plan, nemesis, schedule };
}
