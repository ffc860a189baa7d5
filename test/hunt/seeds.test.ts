import { describe, expect, test } from "vitest";
import {
  countSeeds,
  formatSeeds,
  parseSeeds,
  parseShard,
  seedsOf,
  WHOLE,
} from "../../src/hunt/seeds.ts";

describe("seeds", () => {
  test.each([
    ["7", { from: 7, to: 7 }],
    ["1..500", { from: 1, to: 500 }],
    ["12..", { from: 12, to: null }],
  ])("%s is understood, and written the same way", (text, range) => {
    expect(parseSeeds(text)).toEqual(range);
    expect(formatSeeds(range)).toBe(text);
  });

  test.each(["", "a", "5..1", "..5", "1...5", "-1", "99999999999999999999"])(
    "%j is refused with what to write instead",
    (text) => expect(() => parseSeeds(text)).toThrow(/write a seed such as 7, a range/),
  );

  test.each(["", "0/3", "4/3", "1", "1/0", "x/2"])("so is the shard %j", (text) => {
    expect(() => parseShard(text)).toThrow(/write which of how many/);
  });
});

describe("shards", () => {
  test.each([
    [10, 3],
    [2, 5],
    [1, 1],
    [64, 8],
  ])("%i seeds in %i parts: each in exactly one, none much larger", (seedCount, count) => {
    const range = { from: 100, to: 99 + seedCount };
    const parts = Array.from({ length: count }, (_, i) => [
      ...seedsOf(range, { index: i + 1, count }),
    ]);
    const all = parts.flat().toSorted((a, b) => a - b);
    expect(all).toEqual([...seedsOf(range, WHOLE)]);
    const sizes = parts.map(({ length }) => length);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    expect(sizes).toEqual(parts.map((_, i) => countSeeds(range, { index: i + 1, count })));
  });
});
