import type { LatencySummary } from "./timeline-data.ts";

const PER_OCTAVE = 8;
const SMALLEST_MS = 1 / 64;
const BUCKETS = 24 * PER_OCTAVE;

/**
 * Latencies from 16 µs to 4 minutes in 192 buckets, each 9 % wider than the one below; a percentile is
 * exact to within half of that, the maximum is exact.
 */
export class LatencyHistogram {
  readonly #counts = new Uint32Array(BUCKETS);
  #count = 0;
  #maxMs = 0;

  add(latencyMs: number): void {
    const octaves = Math.log2(Math.max(latencyMs, SMALLEST_MS) / SMALLEST_MS);
    const bucket = Math.min(BUCKETS - 1, Math.floor(octaves * PER_OCTAVE));
    this.#counts[bucket]! += 1;
    this.#count++;
    this.#maxMs = Math.max(this.#maxMs, latencyMs);
  }

  addAll(other: LatencyHistogram): void {
    for (let bucket = 0; bucket < BUCKETS; bucket++)
      this.#counts[bucket]! += other.#counts[bucket]!;
    this.#count += other.#count;
    this.#maxMs = Math.max(this.#maxMs, other.#maxMs);
  }

  clear(): void {
    this.#counts.fill(0);
    this.#count = 0;
    this.#maxMs = 0;
  }

  /** Null while empty. */
  summary(): LatencySummary | null {
    if (this.#count === 0) return null;
    const [p50Ms, p95Ms, p99Ms] = [0.5, 0.95, 0.99].map((share) => this.#percentile(share));
    return { count: this.#count, p50Ms: p50Ms!, p95Ms: p95Ms!, p99Ms: p99Ms!, maxMs: this.#maxMs };
  }

  #percentile(share: number): number {
    const rank = Math.ceil(share * this.#count);
    let seen = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      seen += this.#counts[bucket]!;
      if (seen >= rank) return Math.min(this.#maxMs, middleMs(bucket));
    }
    return this.#maxMs;
  }
}

function middleMs(bucket: number): number {
  return SMALLEST_MS * 2 ** ((bucket + 0.5) / PER_OCTAVE);
}
