/** A cluster member's name, "n1", "n2", … (never Node.js). */
export type NodeId = string;

/** One direction between two members: `source` calls, `target` answers. */
export interface Link {
  readonly source: NodeId;
  readonly target: NodeId;
}

export type Role = "follower" | "candidate" | "leader";

/** Every ordered pair of different nodes, in the order of the list. */
export function allLinks(nodes: readonly NodeId[]): Link[] {
  const links: Link[] = [];
  for (const source of nodes) {
    for (const target of nodes) if (target !== source) links.push({ source, target });
  }
  return links;
}

export function linkName({ source, target }: Link): string {
  return `${source}-${target}`;
}

/** ⌊n/2⌋+1: the smallest number of nodes of which two sets always meet. */
export function majority(nodeCount: number): number {
  return Math.floor(nodeCount / 2) + 1;
}
