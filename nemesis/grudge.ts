import { allLinks, majority, type Link, type NodeId } from "../src/base/node-id.ts";
import { at } from "../src/base/assert.ts";

// The shapes of partitions, in the words of `jepsen.nemesis`. A cut link is one on which what `source`
// sends does not reach `target`; a cut between two sets of nodes goes both ways.

/** The list cut in two, the smaller half first. */
export function bisect(nodes: readonly NodeId[]): [NodeId[], NodeId[]] {
  const middle = Math.floor(nodes.length / 2);
  return [nodes.slice(0, middle), nodes.slice(middle)];
}

/** These nodes, and all others. */
export function splitOff(some: readonly NodeId[], nodes: readonly NodeId[]): [NodeId[], NodeId[]] {
  return [nodes.filter((node) => some.includes(node)), without(nodes, some)];
}

/** No node of one group reaches a node of another. */
export function completeGrudge(groups: readonly (readonly NodeId[])[]): Link[] {
  const groupOf = new Map(groups.flatMap((group, i) => group.map((node) => [node, i] as const)));
  return allLinks(groups.flat()).filter(
    ({ source, target }) => groupOf.get(source) !== groupOf.get(target),
  );
}

/** Two halves that reach each other only through one node, which sees all. */
export function bridge(middle: NodeId, nodes: readonly NodeId[]): Link[] {
  return completeGrudge(bisect(without(nodes, [middle])));
}

/**
 * Every node hears a majority, and no two hear the same one. With five nodes or more each hears its
 * neighbours on a ring; with three the ring is heard in one direction only.
 */
export function majoritiesRing(ring: readonly NodeId[]): Link[] {
  const size = majority(ring.length);
  return ring.flatMap((_, start) => {
    const heard = Array.from({ length: size }, (_, i) => at(ring, (start + i) % ring.length));
    const hearer = at(heard, Math.floor(size / 2));
    return without(ring, heard).map((source) => ({ source, target: hearer }));
  });
}

/** Nobody hears these nodes, though they hear everybody. */
export function oneWay(unheard: readonly NodeId[], nodes: readonly NodeId[]): Link[] {
  const others = without(nodes, unheard);
  return unheard.flatMap((source) => others.map((target) => ({ source, target })));
}

/**
 * Each direction by itself is cut or is not, the way into and out of `node` more often: where there is a bug that needs one
 * direction here and another there, sooner or later it is drawn.
 */
export function randomLinks(
  node: NodeId,
  nodes: readonly NodeId[],
  chance: (probability: number) => boolean,
): Link[] {
  return allLinks(nodes).filter(({ source, target }) =>
    chance(source === node || target === node ? 0.5 : 0.15),
  );
}

function without(nodes: readonly NodeId[], some: readonly NodeId[]): NodeId[] {
  return nodes.filter((node) => !some.includes(node));
}
