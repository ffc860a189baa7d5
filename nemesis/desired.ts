import { linkName, type Link } from "../src/base/node-id.ts";
import { unreachable } from "../src/base/assert.ts";
import type { ClientTrouble, CutMode, Fault } from "./fault.ts";
import type { ResolvedFault } from "./resolve.ts";
import type { DesiredState, LinkEffect, NodeEffect, NodeState } from "./target.ts";

/** A fault in force. `isOn` is false in the quiet half of a flap's or a storm's period. */
export interface ActiveFault {
  readonly resolved: Pick<ResolvedFault, "fault" | "nodes" | "links">;
  readonly isOn: boolean;
}

/**
 * Everything that is to be wrong while these faults are in force: refusal wins over all else on a link,
 * delays add up, the narrowest and the quickest win; killed wins over
 * stopped, which wins over paused. Sorted by name, so that
 * the order in which faults began does not show.
 */
export function desiredState(active: readonly ActiveFault[]): DesiredState {
  const links = new Map<string, { link: Link; effects: LinkEffect[] }>();
  const nodes = new Map<string, { state: NodeState; effects: NodeEffect[] }>();
  for (const { resolved } of active.filter(({ isOn }) => isOn)) {
    for (const { link, effect } of linkEffects(resolved)) {
      const name = linkName(link);
      const before = links.get(name)?.effects ?? [];
      links.set(name, { link, effects: [...before, effect] });
    }
    const state = nodeState(resolved.fault);
    const effects = nodeEffects(resolved.fault);
    if (state === undefined && effects.length === 0) continue;
    for (const node of resolved.nodes) {
      const before = nodes.get(node) ?? { state: "running", effects: [] };
      nodes.set(node, {
        state: worse(before.state, state ?? "running"),
        effects: combineNodeEffects([...before.effects, ...effects]),
      });
    }
  }
  return {
    links: byName([...links.values()], ({ link }) => linkName(link)).map(({ link, effects }) => ({
      link,
      effects: combine(effects),
    })),
    nodes: byName([...nodes.entries()], ([node]) => node).map(([node, { state, effects }]) => ({
      node,
      state,
      ...(effects.length === 0 ? {} : { effects }),
    })),
  };
}

/** Half of the period of a fault that goes on and off; undefined for all others. */
export function halfPeriodMs(fault: Fault): number | undefined {
  return "periodMs" in fault ? fault.periodMs / 2 : undefined;
}

function nodeState(fault: Fault): NodeState | undefined {
  switch (fault.type) {
    case "kill":
    case "power-cut":
    case "restart-storm":
      return "killed";
    case "pause":
      return "paused";
    case "stop":
      return "stopped";
    case "unplug":
    case "slow-cpu":
    case "partition":
    case "cuts":
    case "flap":
    case "latency":
    case "bandwidth":
    case "slice":
    case "reset":
    case "lose-answers":
    case "client-link":
      return undefined;
    default:
      return unreachable(fault);
  }
}

function nodeEffects(fault: Fault): NodeEffect[] {
  if (fault.type === "unplug") return [{ type: "unplugged" }];
  if (fault.type === "slow-cpu") return [{ type: "slow-cpu", cores: fault.cores }];
  return [];
}

const BY_SEVERITY: readonly NodeState[] = ["running", "paused", "stopped", "killed"];

function worse(a: NodeState, b: NodeState): NodeState {
  return BY_SEVERITY.indexOf(a) > BY_SEVERITY.indexOf(b) ? a : b;
}

/** At most one of each type, in one fixed order; the slowest wins. */
function combineNodeEffects(effects: readonly NodeEffect[]): NodeEffect[] {
  const unplugged = effects.filter(({ type }) => type === "unplugged").slice(0, 1);
  const slow = effects.filter((effect) => effect.type === "slow-cpu");
  return [...unplugged, ...slow.toSorted((a, b) => a.cores - b.cores).slice(0, 1)];
}

type Placed = { readonly link: Link; readonly effect: LinkEffect };

function linkEffects({ fault, links }: ActiveFault["resolved"]): Placed[] {
  switch (fault.type) {
    case "cuts":
    case "flap":
      return links.flatMap((link) => cut(link, fault.mode));
    case "client-link":
      return links.map((link) => ({ link, effect: clientEffect(fault.trouble, fault.latencyMs) }));
    case "latency": {
      const { latencyMs, jitterMs } = fault;
      return links.map((link) => ({ link, effect: { type: "latency", latencyMs, jitterMs } }));
    }
    case "bandwidth": {
      const { rateKbytesPerSecond } = fault;
      return links.map((link) => ({ link, effect: { type: "bandwidth", rateKbytesPerSecond } }));
    }
    case "slice": {
      const { averageBytes, delayUs } = fault;
      return links.map((link) => ({ link, effect: { type: "slice", averageBytes, delayUs } }));
    }
    case "reset":
      return links.map((link) => ({ link, effect: { type: "reset", afterMs: fault.afterMs } }));
    case "lose-answers":
      return links.map((link) => ({ link, effect: { type: "drop", stream: "downstream" } }));
    case "partition":
    case "kill":
    case "pause":
    case "power-cut":
    case "restart-storm":
    case "stop":
    case "unplug":
    case "slow-cpu":
      return [];
    default:
      return unreachable(fault);
  }
}

/** What `source` sends to `target` is lost: its requests on its own link, its answers on the other's. */
function cut(link: Link, mode: CutMode): Placed[] {
  if (mode === "refuse") return [{ link, effect: { type: "refuse" } }];
  const back = { source: link.target, target: link.source };
  return [
    { link, effect: { type: "drop", stream: "upstream" } },
    { link: back, effect: { type: "drop", stream: "downstream" } },
  ];
}

function clientEffect(trouble: ClientTrouble, latencyMs: number): LinkEffect {
  switch (trouble) {
    case "refuse":
      return { type: "refuse" };
    case "drop":
      return { type: "drop", stream: "both" };
    case "lose-answers":
      return { type: "drop", stream: "downstream" };
    case "latency":
      return { type: "latency", latencyMs, jitterMs: 0 };
    case "reset":
      return { type: "reset", afterMs: 0 };
    default:
      return unreachable(trouble);
  }
}

/** At most one effect of each type, in one fixed order: proxies keep toxics in the order of creation. */
function combine(effects: readonly LinkEffect[]): LinkEffect[] {
  const refuse = effects.find(({ type }) => type === "refuse");
  if (refuse !== undefined) return [refuse];
  const drop = effects.filter((effect) => effect.type === "drop").reduce(mergeDrops, undefined);
  if (drop?.stream === "both") return [drop];
  const combined: (LinkEffect | undefined)[] = [
    effects.filter((effect) => effect.type === "latency").reduce(addLatencies, undefined),
    least(effects, "bandwidth", (effect) => effect.rateKbytesPerSecond),
    least(effects, "slice", (effect) => effect.averageBytes),
    least(effects, "reset", (effect) => effect.afterMs),
    drop,
  ];
  return combined.filter((effect) => effect !== undefined);
}

type Effect<T extends LinkEffect["type"]> = Extract<LinkEffect, { type: T }>;

function mergeDrops(sum: Effect<"drop"> | undefined, drop: Effect<"drop">): Effect<"drop"> {
  if (sum === undefined || sum.stream === drop.stream) return drop;
  return { type: "drop", stream: "both" };
}

function addLatencies(
  sum: Effect<"latency"> | undefined,
  latency: Effect<"latency">,
): Effect<"latency"> {
  return {
    type: "latency",
    latencyMs: (sum?.latencyMs ?? 0) + latency.latencyMs,
    jitterMs: (sum?.jitterMs ?? 0) + latency.jitterMs,
  };
}

function least<T extends LinkEffect["type"]>(
  effects: readonly LinkEffect[],
  type: T,
  measure: (effect: Effect<T>) => number,
): Effect<T> | undefined {
  const some = effects.filter((effect): effect is Effect<T> => effect.type === type);
  return some.toSorted((a, b) => measure(a) - measure(b))[0];
}

function byName<T>(list: readonly T[], name: (item: T) => string): T[] {
  return list.toSorted((a, b) => (name(a) < name(b) ? -1 : 1));
}
