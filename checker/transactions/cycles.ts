import { findComponents } from "./components.ts";
import {
  DEPENDENCIES,
  type Graph,
  PROCESS,
  MISSES,
  REALTIME,
  RW_REALTIME,
  typeOf,
  WR,
  WW,
} from "./graph.ts";
import { CYCLE_CLASSES, type CycleClass, type OrderLevel } from "./models.ts";
import { snapshotGraph } from "./snapshot-graph.ts";
import { subgraph } from "./subgraph.ts";
import { type Edge, type Ground, Walker, withoutJunctions } from "./walk.ts";

/** A circle of transactions, as short as one was found. */
export interface Cycle {
  readonly name: `${CycleClass}${OrderLevel}`;
  readonly edges: readonly Edge[];
}

/** Components that are told in one search; a hundred circles tell no more than the first few. */
const TOLD_MAX = 8;
/** Edges looked at for a shorter circle than the first, or for one of a worse class. */
const STEPS_MAX = 3_000_000;

/**
 * Circles by class (Elle, §6.2): first of dependencies alone, then with the order of processes, then with that of
 * real time; each time from the worst class to the mildest. What was found among some transactions is not told
 * of them again under a milder name. Whether there are any is found in linear time.
 */
export function findCycles(graph: Graph, isTimeUp: () => boolean = () => false): FoundCycles {
  const all = findComponents(graph, DEPENDENCIES | PROCESS | REALTIME | RW_REALTIME);
  if (all.length === 0) return { cycles: [], isWhole: true };
  const nodes = Int32Array.from(all.flatMap((component) => [...component])).sort();
  const search = new CycleSearch(subgraph(graph, nodes));
  const searches = [0, PROCESS, REALTIME | RW_REALTIME].flatMap((order) => [
    () => search.circles("G0", WW | (order & ~MISSES)),
    () => search.circles("G1c", WW | WR | (order & ~MISSES)),
    () => search.circlesOfSnapshots(DEPENDENCIES | order),
    () => search.circles("G2-item", DEPENDENCIES | order),
  ]);
  const left = searches.findIndex((look) => {
    if (isTimeUp()) return true;
    look();
    return false;
  });
  const cycles = search.cycles.map(({ name, edges }) => ({
    name,
    edges: edges.map(({ source, target, label }) => ({
      source: nodes[source]!,
      target: nodes[target]!,
      label,
    })),
  }));
  return { cycles, isWhole: left < 0 };
}

export interface FoundCycles {
  readonly cycles: readonly Cycle[];
  /** False: the time was up before all was looked for. */
  readonly isWhole: boolean;
}

class CycleSearch {
  readonly cycles: Cycle[] = [];
  readonly #graph: Graph;
  readonly #walker: Walker;
  /** At each node the rank of the worst class told of it, counted from 1; 0: none. */
  readonly #told: Uint8Array;
  readonly #group: Int32Array;
  #groupCount = 0;

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#walker = new Walker(graph);
    this.#told = new Uint8Array(graph.nodeCount);
    this.#group = new Int32Array(graph.nodeCount);
  }

  /** The components that edges of these types make, none of whose circles is of a worse class than `worst`. */
  circles(worst: CycleClass, types: number): void {
    const components = findComponents(this.#graph, types);
    for (const component of this.#newOnes(components, worst)) {
      this.#tell(
        component,
        shortestCircle(this.#graph, component, this.#walker, this.#ground(component, types)),
      );
    }
  }

  /** Circles without two `rw` in a row: with a single one if there is such. */
  circlesOfSnapshots(types: number): void {
    const graph = snapshotGraph(this.#graph, types);
    const { nodeCount } = this.#graph;
    const walker = new Walker(graph);
    const group = new Int32Array(graph.nodeCount);
    const components = findComponents(graph, types);
    for (const [i, doubled] of components.entries()) {
      const component = doubled.map((node) => node % nodeCount);
      if (this.#newOnes([component], "G-single").length === 0) continue;
      for (const node of doubled) group[node] = i + 1;
      const edges =
        this.#singleMiss(component, types) ??
        shortestCircle(graph, doubled, walker, { types, group, number: i + 1 }).map(
          ({ source, target, label }) => ({
            source: source % nodeCount,
            target: target % nodeCount,
            label,
          }),
        );
      this.#tell(component, edges);
    }
  }

  /** A circle with one `rw`, looked for from each such edge. */
  #singleMiss(component: Int32Array, types: number): Edge[] | undefined {
    const { start, target, label, isJunction } = this.#graph;
    const ground = { ...this.#ground(component, types), types: types & ~MISSES };
    const stepsMax = this.#walker.stepCount + STEPS_MAX;
    for (const source of component) {
      if (isJunction(source)) continue;
      for (let at = start[source]!; at < start[source + 1]!; at++) {
        if ((label[at]! & types & MISSES) === 0 || this.#group[target[at]!] !== ground.number)
          continue;
        const way = this.#walker.find({ source: target[at]!, target: source }, ground);
        if (way !== undefined) return withoutJunctions(this.#graph, source, [at, ...way]);
        if (this.#walker.stepCount > stepsMax) return undefined;
      }
    }
    return undefined;
  }

  #ground(component: Int32Array, types: number): Ground {
    const number = ++this.#groupCount;
    for (const node of component) this.#group[node] = number;
    return { types, group: this.#group, number };
  }

  /** The first few of those of which nothing as bad was told. */
  #newOnes(components: readonly Int32Array[], name: CycleClass): Int32Array[] {
    const rank = rankOf(name);
    const isNew = (node: number): boolean => this.#told[node] === 0 || this.#told[node]! > rank;
    return components.filter((component) => component.every(isNew)).slice(0, TOLD_MAX);
  }

  #tell(component: Int32Array, edges: readonly Edge[]): void {
    const name = classOf(edges);
    if (this.#newOnes([component], name).length === 0) return;
    for (const node of component) this.#told[node] = rankOf(name);
    this.cycles.push({ name: `${name}${levelOf(edges)}`, edges });
  }
}

/** Tried from one transaction after the other, as long as that costs little. */
function shortestCircle(
  graph: Graph,
  component: Int32Array,
  walker: Walker,
  ground: Ground,
): Edge[] {
  const stepsMax = walker.stepCount + STEPS_MAX;
  let shortest: Edge[] = [];
  for (const source of component) {
    if (graph.isJunction(source)) continue;
    const countMax = shortest.length === 0 ? Infinity : shortest.length - 1;
    const way = walker.find({ source, target: source }, ground, countMax);
    if (way !== undefined) shortest = withoutJunctions(graph, source, way);
    if (shortest.length === 2 || (shortest.length > 0 && walker.stepCount > stepsMax)) break;
  }
  return shortest;
}

function rankOf(name: CycleClass): number {
  return 1 + CYCLE_CLASSES.indexOf(name);
}

/** By the edges themselves, so that the name is right whatever the search was for. */
function classOf(edges: readonly Edge[]): CycleClass {
  const types = edges.map(({ label }) => typeOf(label));
  const isMiss = types.map((type) => (type & MISSES) !== 0);
  const missCount = isMiss.filter(Boolean).length;
  if (missCount === 0) return types.includes(WR) ? "G1c" : "G0";
  if (missCount === 1) return "G-single";
  const inARow = isMiss.some((missed, i) => missed && isMiss[(i + 1) % types.length]);
  return inARow ? "G2-item" : "G-nonadjacent";
}

function levelOf(edges: readonly Edge[]): OrderLevel {
  const types = edges.map(({ label }) => typeOf(label));
  if (types.includes(REALTIME) || types.includes(RW_REALTIME)) return "-realtime";
  return types.includes(PROCESS) ? "-process" : "";
}
