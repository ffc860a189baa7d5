import { type GraphBuilder, labelOf, RW, VIA } from "./graph.ts";

/**
 * `rw` from each reader to each writer: all of them read a version before all that these wrote. All by all would
 * be too many, so they share a junction.
 */
export function addMisses(
  graph: GraphBuilder,
  key: number,
  {
    readers,
    writers,
  }: { readonly readers: readonly number[]; readonly writers: readonly number[] },
): void {
  const rw = labelOf(RW, key);
  const direct = (reader: number): void => {
    for (const t of writers) graph.addEdge(reader, t, rw);
  };
  if (readers.length <= 2 || writers.length <= 2) return readers.forEach(direct);
  // Who does both must not go through the junction, which would lead it to itself; of those two are enough, as
  // they overlooked each other and that is found.
  const writing = new Set(writers);
  const both = readers.filter((t) => writing.has(t));
  both.slice(0, 2).forEach(direct);
  const junction = graph.addJunction();
  for (const t of readers) if (!writing.has(t)) graph.addEdge(t, junction, rw);
  for (const t of writers) graph.addEdge(junction, t, labelOf(VIA, key));
}
