import { type Graph, MISSES, typeOf, VIA } from "./graph.ts";

/**
 * The graph whose circles are those in which no two `rw` edges follow each other: what snapshot isolation forbids
 * (Cerone and Gotsman 2016, Theorem 10). Each node v is there twice, as v reached by some other edge and as
 * v + nodeCount reached by `rw`, from where no `rw` goes on.
 */
export function snapshotGraph(graph: Graph, types: number): Graph {
  const { nodeCount, isJunction, start, target, label } = graph;
  const starts = new Int32Array(2 * nodeCount + 1);
  const targets: number[] = [];
  const labels: number[] = [];
  for (let node = 0; node < 2 * nodeCount; node++) {
    const missed = node >= nodeCount;
    const original = missed ? node - nodeCount : node;
    for (let at = start[original]!; at < start[original + 1]!; at++) {
      const type = typeOf(label[at]!);
      const next = target[at]!;
      if ((type & types) === 0 || (missed && (type & MISSES) !== 0)) continue;
      targets.push((type & MISSES) !== 0 || (missed && type === VIA) ? next + nodeCount : next);
      labels.push(label[at]!);
    }
    starts[node + 1] = targets.length;
  }
  return {
    nodeCount: 2 * nodeCount,
    isJunction: (node) => isJunction(node % nodeCount),
    start: starts,
    target: Int32Array.from(targets),
    label: Int32Array.from(labels),
  };
}
