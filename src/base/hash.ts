/**
 * Hashes for the trace: two 32-bit lanes folded into an integer below 2^53. Not cryptographic; two
 * different logs agree by chance once in 9·10^15.
 *
 * Nodes that share a process hash the same logs, one after the other: what was hashed lately is remembered.
 */
export function mixHash(previous: number, term: number, text: string): number {
  if (text.length < CHARS_MIN || text.length > CHARS_MAX) return mix(previous, term, text);
  const place = previous & (PLACES - 1);
  const isKnown = PREVIOUS[place] === previous && TERMS[place] === term && TEXTS[place] === text;
  if (isKnown) return HASHES[place]!;
  const hash = mix(previous, term, text);
  PREVIOUS[place] = previous;
  TERMS[place] = term;
  TEXTS[place] = text;
  HASHES[place] = hash;
  return hash;
}

/** Shorter texts are hashed as fast as they are looked up, longer ones would fill the memory. */
const CHARS_MIN = 16;
const CHARS_MAX = 1024;

/** A power of two: the last bits of `previous` are the place, which is taken from what was there. */
const PLACES = 1024;
const PREVIOUS = new Float64Array(PLACES);
const TERMS = new Float64Array(PLACES);
const TEXTS = Array.from({ length: PLACES }, () => "");
const HASHES = new Float64Array(PLACES);

function mix(previous: number, term: number, text: string): number {
  let h1 = (previous >>> 0) ^ Math.imul(term, 0x9e3779b1);
  let h2 = ((previous / 4294967296) >>> 0) ^ Math.imul(term, 0x85ebca6b) ^ 0x5bd1e995;
  for (let i = 0; i < text.length; i++) {
    const k = text.charCodeAt(i);
    h1 = Math.imul(h1 ^ k, 2654435761);
    h2 = Math.imul(h2 ^ k, 1597334677);
    h1 ^= h1 >>> 15;
  }
  h1 = Math.imul(h1 ^ (h1 >>> 16), 2246822507) ^ Math.imul(h2 ^ (h2 >>> 13), 3266489909);
  h2 = Math.imul(h2 ^ (h2 >>> 16), 2246822507) ^ Math.imul(h1 ^ (h1 >>> 13), 3266489909);
  return 4294967296 * (2097151 & h2) + (h1 >>> 0);
}
