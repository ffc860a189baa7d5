import { UsageError } from "../base/errors.ts";

/** Seeds `from`, `from + 1`, … `to`; without an end where `to` is null. */
export interface SeedRange {
  readonly from: number;
  readonly to: number | null;
}

/** Which part of the seeds is ours: 1 to `count`. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** "7", "1..500" or "1..". */
export function parseSeeds(text: string): SeedRange {
  const match = /^(\d+)(?:(\.\.)(\d+)?)?$/.exec(text.trim());
  const from = Number(match?.[1]);
  const to = match?.[2] === undefined ? from : match[3] === undefined ? null : Number(match[3]);
  const isSafe = Number.isSafeInteger(from) && (to === null || Number.isSafeInteger(to));
  if (match === null || !isSafe || (to !== null && to < from)) {
    throw new UsageError(
      `--seeds ${text}: write a seed such as 7, a range such as 1..500, or 1.. without an end`,
    );
  }
  return { from, to };
}

export function formatSeeds({ from, to }: SeedRange): string {
  if (to === null) return `${from}..`;
  return from === to ? String(from) : `${from}..${to}`;
}

/** "2/8": the second of eight. */
export function parseShard(text: string): Shard {
  const match = /^(\d+)\/(\d+)$/.exec(text.trim());
  const [index, count] = [Number(match?.[1]), Number(match?.[2])];
  if (match === null || index < 1 || index > count) {
    throw new UsageError(`--shard ${text}: write which of how many, such as 1/8, 2/8, … 8/8`);
  }
  return { index, count };
}

/** Ours of the range, in order. Every seed is in exactly one shard, and shards differ by one seed at most. */
export function* seedsOf({ from, to }: SeedRange, { index, count }: Shard): Generator<number> {
  for (let seed = from + index - 1; to === null || seed <= to; seed += count) yield seed;
}

/** How many these are; Infinity where there is no end. */
export function countSeeds({ from, to }: SeedRange, { index, count }: Shard): number {
  if (to === null) return Infinity;
  return Math.max(0, Math.ceil((to - from - index + 2) / count));
}

export const WHOLE: Shard = { index: 1, count: 1 };
