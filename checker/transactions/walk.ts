import type { Graph } from "./graph.ts";

/** An edge between transactions. */
export interface Edge {
  readonly source: number;
  readonly target: number;
  readonly label: number;
}

/** Where a walk may go: along edges of these types, among the nodes of one group. */
export interface Ground {
  readonly types: number;
  readonly group: Int32Array;
  readonly number: number;
}

/** Finds ways with few transactions on them. Its arrays are as large as the graph, so it is used again. */
export class Walker {
  readonly #graph: Graph;
  readonly #seenBy: Int32Array;
  /** The edge that led to a node, and the node that it came from. */
  readonly #edge: Int32Array;
  readonly #from: Int32Array;
  #walks = 0;
  /** Edges looked at so far, for whoever must not look at too many. */
  stepCount = 0;

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#seenBy = new Int32Array(graph.nodeCount);
    this.#edge = new Int32Array(graph.nodeCount);
    this.#from = new Int32Array(graph.nodeCount);
  }

  /**
   * Places of the edges of a way with the fewest transactions, at most `countMax` of them after `source`;
   * undefined if there is none. From a node to itself it is a circle. Junctions count nothing.
   */
  find(
    { source, target }: { readonly source: number; readonly target: number },
    { types, group, number }: Ground,
    countMax = Infinity,
  ): number[] | undefined {
    const { start, target: targets, label, isJunction } = this.#graph;
    const walk = ++this.#walks;
    let here = [source];
    for (let count = 1; count <= countMax && here.length > 0; count++) {
      const beyond: number[] = [];
      for (const node of here) {
        for (let at = start[node]!; at < start[node + 1]!; at++) {
          this.stepCount++;
          if ((label[at]! & types) === 0) continue;
          const next = targets[at]!;
          if (next === target) return this.#wayTo(node, source, at);
          if (group[next] !== number || this.#seenBy[next] === walk) continue;
          this.#seenBy[next] = walk;
          this.#edge[next] = at;
          this.#from[next] = node;
          // `here` grows while it is worked off.
          (isJunction(next) ? here : beyond).push(next);
        }
      }
      here = beyond;
    }
    return undefined;
  }

  #wayTo(node: number, source: number, lastEdge: number): number[] {
    const way = [lastEdge];
    for (let at = node; at !== source; at = this.#from[at]!) way.push(this.#edge[at]!);
    return way.reverse();
  }
}

/** A way that begins at a transaction, as edges between transactions: what led into a junction tells why. */
export function withoutJunctions(graph: Graph, source: number, places: readonly number[]): Edge[] {
  const edges: Edge[] = [];
  let from = source;
  let why = -1;
  for (const place of places) {
    if (why < 0) why = graph.label[place]!;
    const target = graph.target[place]!;
    if (graph.isJunction(target)) continue;
    edges.push({ source: from, target, label: why });
    from = target;
    why = -1;
  }
  return edges;
}
