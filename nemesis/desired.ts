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
 * delays add up, the narrowest and the quickest win; killed wins over stopped, which wins over paused; of
 * limits to nodes the tightest wins. Sorted by name, so that the order in which faults began does not show.
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
    const change = nodeChange(resolved.fault);
    for (const node of change === undefined ? [] : resolved.nodes) {
      const before = nodes.get(node) ?? { state: "running", effects: [] };
      nodes.set(node, {
        state: worse(before.state, change?.state ?? "running"),
        effects: [...before.effects, ...(change?.effects ?? [])],
      });
    }
  }
  return {
    links: byName([...links.entries()], ([name]) => name).map(([, { link, effects }]) => ({
      link,
      effects: combine(effects),
    })),
    nodes: byName([...nodes.entries()], ([node]) => node).map(([node, { state, effects }]) => ({
      node,
      state,
      ...(effects.length === 0 ? {} : { effects: combineNodeEffects(effects) }),
    })),
  };
}

/** What a fault does to a node. */
interface NodeChange {
  readonly state: NodeState;
  readonly effects: readonly NodeEffect[];
}

/** Half of the period of a fault that goes on and off; undefined for all others. */
export function halfPeriodMs(fault: Fault): number | undefined {
  return "periodMs" in fault ? fault.periodMs / 2 : undefined;
}

function nodeChange(fault: Fault): NodeChange | undefined {
  const effect = (one: NodeEffect): NodeChange => ({ state: "running", effects: [one] });
  switch (fault.type) {
    case "kill":
    case "power-cut":
    case "restart-storm":
      return { state: "killed", effects: [] };
    case "pause":
      return { state: "paused", effects: [] };
    case "stop":
      return { state: "stopped", effects: [] };
    case "unplug":
      return effect({ type: "unplugged" });
    case "slow-cpu":
      return effect({ type: "slow-cpu", cores: fault.cores });
    case "clock":
      return effect({ type: "clock", jumpMs: fault.jumpMs, rate: fault.rate });
    case "disk-full":
      return effect({ type: "disk-full" });
    case "slow-disk":
      return effect({ type: "slow-disk", delayMs: fault.delayMs });
    case "memory":
      return effect({ type: "memory", limitMb: fault.limitMb });
    case "membership":
      return effect({ type: "removed" });
    case "disk-lost":
      return { state: "running", effects: [{ type: "removed" }, { type: "disk-lost" }] };
    case "own":
      return effect({ type: "own", name: fault.name });
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

const BY_SEVERITY: readonly NodeState[] = ["running", "paused", "stopped", "killed"];

function worse(a: NodeState, b: NodeState): NodeState {
  return BY_SEVERITY.indexOf(a) > BY_SEVERITY.indexOf(b) ? a : b;
}

/** At most one of each type and name, in one fixed order. */
function combineNodeEffects(effects: readonly NodeEffect[]): readonly NodeEffect[] {
  if (effects.length === 1) return effects;
  const combined: (NodeEffect | undefined)[] = [
    ofType(effects, "unplugged")[0],
    least(ofType(effects, "slow-cpu"), (effect) => effect.cores),
    addClocks(ofType(effects, "clock")),
    ofType(effects, "disk-full")[0],
    addDelays(ofType(effects, "slow-disk")),
    least(ofType(effects, "memory"), (effect) => effect.limitMb),
    ofType(effects, "removed")[0],
    ofType(effects, "disk-lost")[0],
    ...onceByName(ofType(effects, "own")),
  ];
  return combined.filter((effect) => effect !== undefined);
}

function onceByName(own: readonly OfType<NodeEffect, "own">[]): NodeEffect[] {
  return byName(
    [...new Map(own.map((effect) => [effect.name, effect])).values()],
    ({ name }) => name,
  );
}

/** Jumps add up, rates multiply. */
function addClocks(clocks: readonly OfType<NodeEffect, "clock">[]): NodeEffect | undefined {
  if (clocks.length === 0) return undefined;
  const jumpMs = clocks.reduce((sum, clock) => sum + clock.jumpMs, 0);
  // In order, so that rounding does not tell which fault began first.
  const rates = clocks.map(({ rate }) => rate).toSorted((a, b) => a - b);
  return { type: "clock", jumpMs, rate: rates.reduce((product, rate) => product * rate, 1) };
}

function addDelays(slow: readonly OfType<NodeEffect, "slow-disk">[]): NodeEffect | undefined {
  if (slow.length === 0) return undefined;
  return { type: "slow-disk", delayMs: slow.reduce((sum, { delayMs }) => sum + delayMs, 0) };
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
    case "clock":
    case "disk-full":
    case "slow-disk":
    case "memory":
    case "membership":
    case "disk-lost":
    case "own":
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
function combine(effects: readonly LinkEffect[]): readonly LinkEffect[] {
  if (effects.length === 1) return effects;
  const refuse = effects.find(({ type }) => type === "refuse");
  if (refuse !== undefined) return [refuse];
  const drop = ofType(effects, "drop").reduce(mergeDrops, undefined);
  if (drop?.stream === "both") return [drop];
  const combined: (LinkEffect | undefined)[] = [
    ofType(effects, "latency").reduce(addLatencies, undefined),
    least(ofType(effects, "bandwidth"), (effect) => effect.rateKbytesPerSecond),
    least(ofType(effects, "slice"), (effect) => effect.averageBytes),
    least(ofType(effects, "reset"), (effect) => effect.afterMs),
    drop,
  ];
  return combined.filter((effect) => effect !== undefined);
}

type OfType<E, T> = Extract<E, { type: T }>;
type Drop = OfType<LinkEffect, "drop">;
type Latency = OfType<LinkEffect, "latency">;

function ofType<E extends { type: string }, T extends E["type"]>(
  effects: readonly E[],
  type: T,
): OfType<E, T>[] {
  return effects.filter((effect): effect is OfType<E, T> => effect.type === type);
}

function mergeDrops(sum: Drop | undefined, drop: Drop): Drop {
  if (sum === undefined || sum.stream === drop.stream) return drop;
  return { type: "drop", stream: "both" };
}

function addLatencies(sum: Latency | undefined, latency: Latency): Latency {
  return {
    type: "latency",
    latencyMs: (sum?.latencyMs ?? 0) + latency.latencyMs,
    jitterMs: (sum?.jitterMs ?? 0) + latency.jitterMs,
  };
}

function least<E>(effects: readonly E[], measure: (effect: E) => number): E | undefined {
  return effects.toSorted((a, b) => measure(a) - measure(b))[0];
}

function byName<T>(list: readonly T[], name: (item: T) => string): T[] {
  return list.toSorted((a, b) => (name(a) < name(b) ? -1 : 1));
}
