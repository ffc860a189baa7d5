import type { Graph } from "./graph.ts";

/** The part of a graph between some of its nodes, numbered anew; node i of it is `nodes[i]` of the whole. */
export function subgraph({ isJunction, start, target, label }: Graph, nodes: Int32Array): Graph {
  const numbers = new Map<number, number>();
  for (const [i, node] of nodes.entries()) numbers.set(node, i);
  const starts = new Int32Array(nodes.length + 1);
  const targets: number[] = [];
  const labels: number[] = [];
  for (const [i, node] of nodes.entries()) {
    for (let at = start[node]!; at < start[node + 1]!; at++) {
      const next = numbers.get(target[at]!);
      if (next === undefined) continue;
      targets.push(next);
      labels.push(label[at]!);
    }
    starts[i + 1] = targets.length;
  }
  return {
    nodeCount: nodes.length,
    isJunction: (i) => isJunction(nodes[i]!),
    start: starts,
    target: Int32Array.from(targets),
    label: Int32Array.from(labels),
  };
}
