import { allLinks, linkName, majority, type Link, type NodeId } from "../src/base/node-id.ts";
import { at, unreachable } from "../src/base/assert.ts";
import type { Prng } from "../src/base/prng.ts";
import { describeFault, describeHeal } from "./describe.ts";
import type { Fault, LinkScope, NodeRoleName, NodeSelector, PartitionFault } from "./fault.ts";
import { elsewhereText, isCarriedBy, kindOf } from "./kinds.ts";
import { namedLinks, namedNodes } from "./named.ts";
import {
  bisect,
  bridge,
  completeGrudge,
  majoritiesRing,
  oneWay,
  randomLinks,
  splitOff,
} from "./grudge.ts";
import { CLIENTS, type FaultTarget, type NodeStatus } from "./target.ts";
import { andList } from "./wording.ts";

/** A fault whose targets are all named: no role, no shape, no chance is left in it. */
export interface ResolvedFault {
  readonly fault: Fault;
  readonly sentence: string;
  readonly healSentence: string;
  readonly nodes: readonly NodeId[];
  readonly links: readonly Link[];
}

/** Why there is nothing that the fault could act on here, as a sentence. */
export interface Unresolvable {
  readonly reason: string;
}

type Cluster = Pick<FaultTarget, "nodes" | "hasClientLinks" | "surroundings" | "status">;

/** Names the targets of a fault, by the roles that nodes have at this moment. */
export function resolveFault(
  fault: Fault,
  cluster: Cluster,
  prng: Prng,
): ResolvedFault | Unresolvable {
  const resolver = createResolver(cluster, prng);
  const unknown = [...namedNodes(fault), ...namedLinks(fault)].find((n) => !resolver.isKnown(n));
  if (unknown !== undefined) {
    return { reason: `${unknown} is not in this cluster of ${andList(cluster.nodes)}` };
  }
  if (fault.type === "client-link" && !cluster.hasClientLinks) {
    return { reason: "the links from the clients are not proxied in this environment" };
  }
  const kind = kindOf(fault);
  if (!isCarriedBy(cluster.surroundings, kind)) return { reason: elsewhereText(kind) };
  const { fault: concrete, nodes, links } = concretize(fault, resolver);
  if (nodes.length === 0 && links.length === 0) {
    return { reason: `a cluster of ${andList(cluster.nodes)} has nothing that this could act on` };
  }
  const known = { nodes: cluster.nodes, leaders: resolver.leaders };
  return {
    fault: concrete,
    sentence: describeFault(concrete, known) + resolver.note(),
    healSentence: describeHeal(concrete, known),
    nodes,
    links,
  };
}

function concretize(
  fault: Fault,
  resolver: Resolver,
): Omit<ResolvedFault, "sentence" | "healSentence"> {
  switch (fault.type) {
    case "partition": {
      const names = cutLinks(fault, resolver).map(linkName);
      const links = resolver.links(names);
      const cuts = { type: "cuts", links: links.map(linkName), mode: fault.mode } as const;
      return { fault: cuts, nodes: endsOf(links, resolver), links };
    }
    case "cuts":
    case "flap":
    case "latency":
    case "bandwidth":
    case "slice":
    case "reset":
    case "lose-answers": {
      const links = resolver.links(fault.links);
      const concrete = { ...fault, links: links.map(linkName) };
      return { fault: concrete, nodes: endsOf(links, resolver), links };
    }
    case "kill":
    case "pause":
    case "power-cut":
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
    case "restart-storm": {
      const nodes = resolver.nodes(fault.nodes);
      return { fault: { ...fault, nodes }, nodes, links: [] };
    }
    case "client-link": {
      const nodes = resolver.nodes(fault.nodes);
      const links = nodes.map((target) => ({ source: CLIENTS, target }));
      return { fault: { ...fault, nodes }, nodes, links };
    }
    default:
      return unreachable(fault);
  }
}

function cutLinks({ shape, of }: PartitionFault, resolver: Resolver): Link[] {
  const { all } = resolver;
  switch (shape) {
    case "halves":
      return completeGrudge(bisect(all));
    case "random-halves":
      return completeGrudge(bisect(endingWith(of && resolver.nodes(of), resolver.shuffled)));
    case "isolate-one":
      return completeGrudge(splitOff(resolver.nodes(of ?? "random"), all));
    case "isolate-leader":
      return completeGrudge(splitOff(resolver.nodes("leader"), all));
    case "majorities-ring":
      return majoritiesRing(resolver.shuffled);
    case "bridge": {
      const middle = at(resolver.nodes(of ?? "random"), 0);
      return bridge(middle, resolver.shuffled);
    }
    case "one-way":
      return oneWay(resolver.nodes(of ?? "random"), all);
    case "random-links": {
      const node = at(resolver.nodes(of ?? "random"), 0);
      return randomLinks(node, all, (probability) => resolver.chance(probability));
    }
    default:
      return unreachable(shape);
  }
}

/** The larger half comes last. */
function endingWith(some: readonly NodeId[] = [], order: readonly NodeId[]): NodeId[] {
  const [last, first] = splitOff(some, order);
  return [...first, ...last];
}

/** The one node that all these links touch; where there is none, all nodes that any of them touches. */
function endsOf(links: readonly Link[], { all }: Resolver): NodeId[] {
  if (links.length === 0) return [];
  const touches = (node: NodeId) => (l: Link) => l.source === node || l.target === node;
  const centers = all.filter((node) => links.every(touches(node)));
  return centers.length === 1 ? centers : all.filter((node) => links.some(touches(node)));
}

interface Resolver {
  readonly all: readonly NodeId[];
  /** All nodes in the fault's own random order. Drawn once, whatever the fault is, and from nothing else. */
  readonly shuffled: readonly NodeId[];
  readonly leaders: readonly NodeId[];
  /** Draws of their own, for each call. */
  chance(probability: number): boolean;
  isKnown(name: string): boolean;
  nodes(selector: NodeSelector): readonly NodeId[];
  links(scope: LinkScope): readonly Link[];
  /** What a reader of the sentence has to know besides. */
  note(): string;
}

function createResolver({ nodes: all, status }: Cluster, prng: Prng): Resolver {
  const shuffled = prng.shuffle(all);
  const chances = prng.fork("chances");
  const leader = leaderOf(status());
  const everyLink = allLinks(all);
  const names = new Set([...all, ...everyLink.map(linkName)]);
  let note = "";

  function byRole(role: NodeRoleName): readonly NodeId[] {
    switch (role) {
      case "leader":
        if (leader === undefined) note = "; no leader was known, so a random node was taken";
        return [leader ?? at(shuffled, 0)];
      case "follower":
        return [shuffled.find((node) => node !== leader) ?? at(shuffled, 0)];
      case "random":
        return [at(shuffled, 0)];
      case "minority":
        return some(Math.max(1, all.length - majority(all.length)));
      case "majority":
        return some(majority(all.length));
      case "all":
        return all;
      default:
        return unreachable(role);
    }
  }
  /** The first of the random order, listed in the cluster's order. */
  function some(count: number): NodeId[] {
    const chosen = shuffled.slice(0, count);
    return all.filter((node) => chosen.includes(node));
  }
  function nodes(selector: NodeSelector): readonly NodeId[] {
    return typeof selector === "string" ? byRole(selector) : selector;
  }
  function links(scope: LinkScope): readonly Link[] {
    if (scope === "all") return everyLink;
    if ("of" in scope) {
      const chosen = nodes(scope.of);
      return everyLink.filter((l) => chosen.includes(l.source) || chosen.includes(l.target));
    }
    return everyLink.filter((link) => scope.includes(linkName(link)));
  }
  return {
    all,
    shuffled,
    leaders: leader === undefined ? [] : [leader],
    chance: (probability) => chances.chance(probability),
    isKnown: (name) => names.has(name),
    nodes,
    links,
    note: () => note,
  };
}

/** The running leader of the highest term: an older one may not know yet that it was deposed. */
function leaderOf(status: readonly NodeStatus[]): NodeId | undefined {
  const leading = status.filter(({ role, state }) => role === "leader" && state === "running");
  return leading.toSorted((a, b) => b.term - a.term)[0]?.node;
}
