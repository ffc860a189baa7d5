import type { Graph } from "./graph.ts";

/**
 * The strongly connected components of more than one node (Tarjan 1972), with its recursion on arrays: a chain
 * of a million transactions must not need a stack of a million calls. Only edges of these types count.
 */
export function findComponents(graph: Graph, types: number): Int32Array[] {
  const { nodeCount, start, target, label } = graph;
  /** Order of discovery from 1 on; 0: not seen. Once its component is complete a node has `DONE`. */
  const low = new Int32Array(nodeCount);
  const next = start.slice(0, nodeCount);
  const path = new Int32Array(nodeCount);
  const open = new Int32Array(nodeCount);
  const order = new Int32Array(nodeCount);
  const components: Int32Array[] = [];
  let seenCount = 0;
  let openCount = 0;
  for (let root = 0; root < nodeCount; root++) {
    if (low[root] !== 0) continue;
    let depth = 0;
    path[0] = root;
    order[root] = low[root] = ++seenCount;
    open[openCount++] = root;
    while (depth >= 0) {
      const node = path[depth]!;
      const end = start[node + 1]!;
      let lowest = low[node]!;
      let at = next[node]!;
      let child = -1;
      for (; at < end; at++) {
        if ((label[at]! & types) === 0) continue;
        const other = target[at]!;
        const seen = low[other]!;
        if (seen === 0) {
          child = other;
          break;
        }
        if (seen < lowest) lowest = seen;
      }
      low[node] = lowest;
      if (child >= 0) {
        // The edge is looked at again on the way back: then the child's place is known.
        next[node] = at;
        path[++depth] = child;
        order[child] = low[child] = ++seenCount;
        open[openCount++] = child;
        continue;
      }
      depth--;
      if (lowest !== order[node]) continue;
      let from = openCount - 1;
      while (open[from] !== node) from--;
      for (let i = from; i < openCount; i++) low[open[i]!] = DONE;
      if (openCount - from > 1) components.push(open.slice(from, openCount));
      openCount = from;
    }
  }
  return components;
}

const DONE = 2 ** 31 - 1;
