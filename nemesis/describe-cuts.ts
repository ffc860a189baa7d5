import { allLinks, linkName, majority, type Link, type NodeId } from "../src/base/node-id.ts";
import { at } from "../src/base/assert.ts";
import type { LinkName } from "./fault.ts";
import { completeGrudge, oneWay } from "./grudge.ts";
import { andList, nodesAre, nodesText, type Known } from "./wording.ts";

/**
 * What a set of cut links amounts to, recognized from the links alone, so that a partition that is run
 * again from its cuts reads as it did the first time.
 */
export function describeCuts(cuts: readonly LinkName[], known: Known): string {
  const links = allLinks(known.nodes).filter((link) => cuts.includes(linkName(link)));
  // A link between unknown nodes: nothing can be recognized.
  if (links.length !== cuts.length || cuts.length === 0) return listText(cuts);
  return (
    groupsText(links, known) ??
    bridgeText(links, known) ??
    oneWayText(links, known) ??
    ringText(links, known) ??
    pairsText(links, known)
  );
}

function groupsText(cuts: readonly Link[], known: Known): string | undefined {
  const groups = groupsWithout(cuts, known.nodes);
  if (groups.length < 2 || !isSame(cuts, completeGrudge(groups))) return undefined;
  const texts = groups.map((group) => nodesText(group, known));
  if (groups.length > 2) return `${texts.join(" | ")} cannot reach each other`;
  return `${nodesAre(at(groups, 0), known)} cut off from ${at(texts, 1)}`;
}

function bridgeText(cuts: readonly Link[], known: Known): string | undefined {
  for (const middle of known.nodes) {
    const others = known.nodes.filter((node) => node !== middle);
    const groups = groupsWithout(cuts, others);
    if (groups.length < 2 || !isSame(cuts, completeGrudge(groups))) continue;
    const texts = groups.map((group) => nodesText(group, known));
    return `${texts.join(" | ")} reach each other only through ${nodesText([middle], known)}`;
  }
  return undefined;
}

function oneWayText(cuts: readonly Link[], known: Known): string | undefined {
  const unheard = known.nodes.filter((node) => cuts.some(({ source }) => source === node));
  if (!isSame(cuts, oneWay(unheard, known.nodes))) return undefined;
  const deaf = known.nodes.filter((node) => !unheard.includes(node));
  const back = `${deaf.length > 1 ? "they" : "it"} can reach ${unheard.length > 1 ? "them" : "it"}`;
  return `${nodesText(unheard, known)} cannot reach ${nodesText(deaf, known)}, but ${back}`;
}

function ringText(cuts: readonly Link[], known: Known): string | undefined {
  const heard = known.nodes.map((node) => {
    const unheard = cuts.filter(({ target }) => target === node).map(({ source }) => source);
    return known.nodes.filter((other) => !unheard.includes(other));
  });
  const size = majority(known.nodes.length);
  const isRing =
    heard.every((group) => group.length === size) &&
    new Set(heard.map(String)).size === known.nodes.length;
  if (!isRing) return undefined;
  const each = known.nodes.map((node, i) => {
    const others = at(heard, i).filter((other) => other !== node);
    return `${nodesText([node], known)} hears ${andList(others)}`;
  });
  return `every node hears a different majority: ${each.join(", ")}`;
}

function pairsText(cuts: readonly Link[], known: Known): string {
  const sources = known.nodes.filter((node) => cuts.some(({ source }) => source === node));
  const each = sources.map((node) => {
    const targets = cuts.filter(({ source }) => source === node).map(({ target }) => target);
    return `${nodesText([node], known)} cannot reach ${nodesText(targets, known)}`;
  });
  return each.join(", ");
}

function listText(cuts: readonly LinkName[]): string {
  return cuts.length === 1
    ? `the link ${cuts[0] ?? ""} is cut`
    : `the links ${andList(cuts)} are cut`;
}

/** Nodes that still reach each other, directly or over others; the smallest group first. */
function groupsWithout(cuts: readonly Link[], nodes: readonly NodeId[]): NodeId[][] {
  const whole = allLinks(nodes).filter((link) => !cuts.some((cut) => isEqual(cut, link)));
  const groups: NodeId[][] = [];
  for (const node of nodes) {
    if (groups.some((group) => group.includes(node))) continue;
    const group = [node];
    for (const member of group) {
      for (const { source, target } of whole) {
        if (source === member && !group.includes(target)) group.push(target);
        if (target === member && !group.includes(source)) group.push(source);
      }
    }
    groups.push(nodes.filter((member) => group.includes(member)));
  }
  return groups.toSorted((a, b) => a.length - b.length);
}

function isSame(some: readonly Link[], others: readonly Link[]): boolean {
  return some.length === others.length && others.every((l) => some.some((s) => isEqual(s, l)));
}

function isEqual(a: Link, b: Link): boolean {
  return a.source === b.source && a.target === b.target;
}
