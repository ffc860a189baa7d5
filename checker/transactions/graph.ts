/** What one edge stands for. Types are bits, so that a search can be held to some of them. */
export const WW = 1;
export const WR = 2;
export const RW = 4;
export const PROCESS = 8;
export const REALTIME = 16;
/** Out of a junction that stands for many `rw` edges; it goes on as what led in. */
export const VIA = 32;

/** Like `rw`, where only real time tells which of two versions was first. */
export const RW_REALTIME = 64;
/** Edges from who missed a write to who made it. */
export const MISSES = RW | RW_REALTIME;

export const DEPENDENCIES = WW | WR | RW | VIA;

const TYPE_BITS = 7;
const TYPE_MASK = (1 << TYPE_BITS) - 1;

/** The label of an edge: its type, and for a dependency the number of the key it is about. */
export function labelOf(type: number, key = 0): number {
  return type | (key << TYPE_BITS);
}

export function typeOf(label: number): number {
  return label & TYPE_MASK;
}

export function keyOf(label: number): number {
  return label >>> TYPE_BITS;
}

/** A directed graph in rows: the edges out of node v are `start[v]` to `start[v + 1]`. */
export interface Graph {
  readonly nodeCount: number;
  /** A junction is no transaction, but a place where many edges share a way. */
  readonly isJunction: (node: number) => boolean;
  readonly start: Int32Array;
  readonly target: Int32Array;
  readonly label: Int32Array;
}

/** In a block of edges: source, target and label of each. The first is small, as most histories are. */
const EDGES_MIN = 1024;
const EDGES_MAX = 256 * 1024;

/**
 * Collects edges; all of them are put in rows at once. In blocks, as copies of what has grown are memory that an engine
 * hurries to collect, which means a look at the whole history.
 */
export class GraphBuilder {
  readonly #transactionCount: number;
  #nodeCount: number;
  readonly #full: Int32Array[] = [];
  #edges = new Int32Array(3 * EDGES_MIN);
  #length = 0;

  constructor(transactionCount: number) {
    this.#transactionCount = transactionCount;
    this.#nodeCount = transactionCount;
  }

  addJunction(): number {
    return this.#nodeCount++;
  }

  /** A transaction never depends on itself, so such an edge is none. */
  addEdge(source: number, target: number, label: number): void {
    if (source === target) return;
    if (this.#length === this.#edges.length) this.#beginBlock();
    const edges = this.#edges;
    edges[this.#length++] = source;
    edges[this.#length++] = target;
    edges[this.#length++] = label;
  }

  build(): Graph {
    const blocks = [...this.#full, this.#edges.subarray(0, this.#length)];
    const edgeCount = blocks.reduce((sum, { length }) => sum + length, 0) / 3;
    const start = new Int32Array(this.#nodeCount + 2);
    for (const edges of blocks) {
      for (let at = 0; at < edges.length; at += 3) start[edges[at]! + 2]!++;
    }
    for (let node = 2; node < start.length; node++) start[node]! += start[node - 1]!;
    const target = new Int32Array(edgeCount);
    const label = new Int32Array(edgeCount);
    // While rows are filled, start[v + 1] is where the next edge of v goes; in the end it is where v's row ends.
    for (const edges of blocks) {
      for (let at = 0; at < edges.length; at += 3) {
        const place = start[edges[at]! + 1]!++;
        target[place] = edges[at + 1]!;
        label[place] = edges[at + 2]!;
      }
    }
    const nodeCount = this.#nodeCount;
    const transactionCount = this.#transactionCount;
    return { nodeCount, isJunction: (node) => node >= transactionCount, start, target, label };
  }

  #beginBlock(): void {
    this.#full.push(this.#edges);
    this.#edges = new Int32Array(Math.min(2 * this.#edges.length, 3 * EDGES_MAX));
    this.#length = 0;
  }
}
