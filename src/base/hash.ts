/**
 * Hashes for the trace: two 32-bit lanes folded into an integer below 2^53. Not cryptographic; two
 * different logs agree by chance once in 9·10^15.
 */
export function mixHash(previous: number, term: number, text: string): number {
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
