import { allLinks, linkName, type NodeId } from "../src/base/node-id.ts";
import type { LinkName, LinkScope, NodeRoleName, NodeSelector } from "./fault.ts";

/** What is known when a sentence is written; without it roles stay words ("the leader"). */
export interface Known {
  readonly nodes: readonly NodeId[];
  /** Nodes that lead, as far as is known. */
  readonly leaders: readonly NodeId[];
}

export const NOTHING_KNOWN: Known = { nodes: [], leaders: [] };

const ROLE_TEXT: Readonly<Record<NodeRoleName, string>> = {
  leader: "the leader",
  follower: "a random follower",
  random: "a random node",
  minority: "a random minority of the nodes",
  majority: "a random majority of the nodes",
  all: "all nodes",
};

/** "n1, n3 and n5" with the leader marked, or the words of the role. */
export function nodesText(nodes: NodeSelector, known: Known): string {
  if (isRole(nodes)) return ROLE_TEXT[nodes];
  return andList(nodes.map((node) => (known.leaders.includes(node) ? `${node} (leader)` : node)));
}

/** The same with its verb: "n1 and n3 are". */
export function nodesAre(nodes: NodeSelector, known: Known): string {
  const isPlural = isRole(nodes) ? nodes === "all" : nodes.length > 1;
  return `${nodesText(nodes, known)} ${isPlural ? "are" : "is"}`;
}

/** "all links", "the links of n2 (leader)", or the list. */
export function linksText(scope: LinkScope, known: Known): string {
  if (scope === "all") return "all links";
  if ("of" in scope) return `the links of ${nodesText(scope.of, known)}`;
  if (isSame(scope, allLinks(known.nodes).map(linkName))) return "all links";
  const centers = centersOf(scope, known.nodes);
  if (centers.length > 0) return `the links of ${nodesText(centers, known)}`;
  return `the link${scope.length === 1 ? "" : "s"} ${shortList(scope)}`;
}

/** The same with its verb: "the link n1-n2 is". */
export function linksAre(scope: LinkScope, known: Known): string {
  const isOne = Array.isArray(scope) && scope.length === 1;
  return `${linksText(scope, known)} ${isOne ? "is" : "are"}`;
}

export function andList(words: readonly string[]): string {
  const last = words.at(-1) ?? "";
  return words.length < 2 ? last : `${words.slice(0, -1).join(", ")} and ${last}`;
}

function shortList(words: readonly string[]): string {
  if (words.length <= 6) return andList(words);
  return `${words.slice(0, 5).join(", ")} and ${words.length - 5} more`;
}

/** The nodes whose links these are, all of them and no others; none if there are no such nodes. */
function centersOf(links: readonly LinkName[], nodes: readonly NodeId[]): readonly NodeId[] {
  const missing = allLinks(nodes).filter((link) => !links.includes(linkName(link)));
  const ends = new Set(missing.flatMap(({ source, target }) => [source, target]));
  const centers = nodes.filter((node) => !ends.has(node));
  const touching = allLinks(nodes).filter((link) =>
    centers.some((node) => link.source === node || link.target === node),
  );
  return isSame(links, touching.map(linkName)) ? centers : [];
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && others.every((other) => some.includes(other));
}

function isRole(nodes: NodeSelector): nodes is NodeRoleName {
  return typeof nodes === "string";
}
