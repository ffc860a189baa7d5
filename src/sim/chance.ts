/**
 * Keyed chance: each decision is a function of the seed and of what it is about (who, to whom, what, the
 * how-manieth), never of how many decisions came before it. So taking one fault out of a run leaves the draws
 * of everything else as they were.
 */
export class Chance implements Draws {
  readonly #seed: number;

  constructor(seed: string) {
    let hash = 0x811c9dc5;
    for (let i = 0; i < seed.length; i++) hash = Math.imul(hash ^ seed.charCodeAt(i), 0x01000193);
    this.#seed = hash >>> 0;
  }

  /** Uniform in [0, 1). */
  draw(concern: Concern, a: number, b = 0, c = 0, d = 0): number {
    return this.drawNumbered(CONCERNS[concern], a, b, c, d);
  }

  /** The same by the concern's number in `CONCERNS`, for what is drawn with every message. */
  drawNumbered(concern: number, a: number, b: number, c: number, d: number): number {
    return mix(this.#seed, concern, a, b, c, d) / 4294967296;
  }
}

/** Where nodes get numbers in [0, 1) from. */
export interface Draws {
  draw(concern: NodeConcern, node: number, b?: number, c?: number, d?: number): number;
}

/** What a decision is about: equal keys of different concerns are independent. */
export type Concern = keyof typeof CONCERNS;

/** Concerns of a message, keyed by its link and what it is; all others are a node's, keyed by its number first. */
type MessageConcern =
  "message delay" | "message fate" | "reply delay" | "reply fate" | "duplicate" | "slowness";
export type NodeConcern = Exclude<Concern, MessageConcern>;

export const CONCERNS = {
  "message delay": 1,
  "message fate": 2,
  "reply delay": 3,
  "reply fate": 4,
  "election timeout": 9,
  sync: 10,
  "torn write": 11,
  start: 12,
  clock: 13,
  duplicate: 14,
  order: 15,
  stall: 16,
  "sync failure": 17,
  "full disk": 18,
  "reordered write": 19,
  "lost sector": 20,
  "lost name": 21,
  "flipped bit": 22,
  rot: 23,
  garble: 24,
  "clock offset": 25,
  slowness: 26,
  "power failure": 27,
} as const;

const MESSAGE_CONCERNS: Readonly<Record<MessageConcern, true>> = {
  "message delay": true,
  "message fate": true,
  "reply delay": true,
  "reply fate": true,
  duplicate: true,
  slowness: true,
};

export const NODE_CONCERNS = (Object.keys(CONCERNS) as Concern[]).filter(
  (concern): concern is NodeConcern => !(concern in MESSAGE_CONCERNS),
);

/** A 32-bit mix of six numbers (murmur3's steps). */
function mix(seed: number, concern: number, a: number, b: number, c: number, d: number): number {
  let h = seed ^ Math.imul(concern, 0x9e3779b1);
  h = stir(h, a);
  h = stir(h, b);
  h = stir(h, c);
  h = stir(h, d);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

function stir(h: number, value: number): number {
  let k = Math.imul(value | 0, 0xcc9e2d51);
  k = (k << 15) | (k >>> 17);
  const x = h ^ Math.imul(k, 0x1b873593);
  return (Math.imul((x << 13) | (x >>> 19), 5) + 0xe6546b64) | 0;
}

/** How often each key was seen, roughly: keys that share a place count together. */
export class Occurrences {
  readonly #counts = new Uint32Array(256);

  next(key: number): number {
    const place = (Math.imul(key, 0x9e3779b1) >>> 24) & 255;
    return this.#counts[place]!++;
  }
}
