import { unreachable } from "../src/base/assert.ts";
import type { Prng } from "../src/base/prng.ts";
import type { Fault, LinkScope, NodeSelector, PartitionShape } from "./fault.ts";
import type { Kind } from "./kinds.ts";

/**
 * A fault of this kind with random parameters, within bounds that hurt a cluster whose heartbeats come
 * every 60–100 ms and whose elections time out after 300–600 ms. The leader is hit most often: what
 * goes wrong in Raft goes wrong around a change of leaders.
 */
export function drawFault(kind: Kind, nodeCount: number, prng: Prng): Fault {
  switch (kind) {
    case "partition":
      return drawPartition(nodeCount, prng);
    case "flap":
      return {
        type: kind,
        links: drawLinks(prng),
        mode: drawMode(prng),
        periodMs: prng.int(10, 120) * 10,
      };
    case "latency": {
      const latencyMs = prng.int(20, 400);
      const jitterMs = prng.int(0, Math.floor(latencyMs / 2));
      return { type: kind, links: drawLinks(prng), latencyMs, jitterMs };
    }
    case "bandwidth": {
      // One in four holds everything back and delivers it late, in an old term.
      const rateKbytesPerSecond = prng.chance(0.25) ? 0 : prng.int(1, 40);
      return { type: kind, links: drawLinks(prng), rateKbytesPerSecond };
    }
    case "slice": {
      const averageBytes = prng.int(8, 256);
      return { type: kind, links: drawLinks(prng), averageBytes, delayUs: prng.int(100, 2000) };
    }
    case "reset":
      return { type: kind, links: drawLinks(prng), afterMs: prng.int(0, 200) };
    case "lose-answers":
      return { type: kind, links: drawLinks(prng) };
    case "kill":
    case "pause":
    case "stop":
    case "unplug":
    case "disk-full":
    case "membership":
    case "disk-lost":
      return { type: kind, nodes: drawNodes(nodeCount, prng) };
    case "power-cut":
      return { type: kind, nodes: prng.chance(0.5) ? "majority" : "all" };
    case "restart-storm":
      return { type: kind, nodes: drawNodes(nodeCount, prng), periodMs: prng.int(8, 24) * 100 };
    case "slow-cpu":
      return { type: kind, nodes: drawNodes(nodeCount, prng), cores: prng.int(2, 30) / 100 };
    case "clock":
      return { type: kind, nodes: drawNodes(nodeCount, prng), ...drawClock(prng) };
    case "slow-disk":
      return { type: kind, nodes: drawNodes(nodeCount, prng), delayMs: prng.int(1, 40) * 10 };
    case "memory":
      return { type: kind, nodes: drawNodes(nodeCount, prng), limitMb: prng.int(12, 48) };
    case "client-link": {
      const trouble = prng.pick(["refuse", "drop", "lose-answers", "latency", "reset"] as const);
      // Clients talk to the leader: trouble on the way to a follower alone is hardly ever noticed.
      const nodes = prng.chance(0.7) ? "leader" : "all";
      return { type: kind, nodes, trouble, latencyMs: prng.int(50, 800) };
    }
    default:
      return unreachable(kind);
  }
}

function drawPartition(nodeCount: number, prng: Prng): Fault {
  const mode = drawMode(prng);
  // Two nodes have one pair to cut; rings and bridges begin with three.
  const small: Weighted<PartitionShape>[] = [
    [7, "isolate-leader"],
    [2, "isolate-one"],
    [4, "one-way"],
    [3, "random-halves"],
    [1, "halves"],
  ];
  const large: Weighted<PartitionShape>[] = [
    [3, "majorities-ring"],
    [3, "bridge"],
  ];
  const shape = weighted(nodeCount > 2 ? [...small, ...large] : small, prng);
  const ofLeader = (shape === "one-way" || shape === "bridge") && prng.chance(0.6);
  return { type: "partition", shape, mode, ...(ofLeader ? { of: "leader" } : {}) };
}

function drawMode(prng: Prng): "refuse" | "drop" {
  return prng.chance(0.5) ? "refuse" : "drop";
}

function drawLinks(prng: Prng): LinkScope {
  return weighted<LinkScope>(
    [
      [4, { of: "leader" }],
      [2, { of: "random" }],
      [1, { of: "minority" }],
      [3, "all"],
    ],
    prng,
  );
}

/** A jump, another rate, or both. */
function drawClock(prng: Prng): { readonly jumpMs: number; readonly rate: number } {
  const jumpMs = prng.chance(0.7) ? prng.int(-20, 50) * 100 : 0;
  const rate = prng.pick([0.5, 0.7, 0.9, 1.1, 1.5, 2]);
  return { jumpMs, rate: jumpMs === 0 || prng.chance(0.4) ? rate : 1 };
}

/** Never more than a minority at once, so that the others may go on. */
export function drawNodes(nodeCount: number, prng: Prng): NodeSelector {
  if (nodeCount === 1) return "random";
  return weighted<NodeSelector>(
    [
      [5, "leader"],
      [2, "follower"],
      [1, "random"],
      [2, "minority"],
    ],
    prng,
  );
}

type Weighted<T> = readonly [weight: number, value: T];

function weighted<T>(choices: readonly Weighted<T>[], prng: Prng): T {
  return prng.pick(
    choices.flatMap(([weight, value]) => Array.from({ length: weight }, () => value)),
  );
}
