import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { reduceGroups, reduceList } from "../../src/shrink/reduce-list.ts";

const isSubset = (small: readonly number[], big: readonly number[]): boolean =>
  small.every((one) => big.includes(one));

const numbers = fc.integer({ min: 0, max: 120 }).map((n) => Array.from({ length: n }, (_, i) => i));

describe("a list is reduced", () => {
  test("to exactly what is needed, where that is the same whatever else is there", () => {
    fc.assert(
      fc.property(numbers, fc.infiniteStream(fc.boolean()), (items, coins) => {
        const needed = items.filter(() => coins.next().value === true);
        expect(reduceList(items, (rest) => isSubset(needed, rest))).toEqual(needed);
      }),
    );
  });

  test("to something of which no single item can go, whatever decides", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 24 }), (seed, length) => {
        const items = Array.from({ length }, (_, i) => i);
        const holds = (rest: readonly number[]): boolean =>
          rest.length === items.length ||
          (rest.reduce((hash, n) => Math.imul(hash ^ n, 0x01000193), seed) >>> 3) % 3 === 0;
        const left = reduceList(items, holds);
        expect(holds(left)).toBe(true);
        expect(left.some((_, i) => holds(left.toSpliced(i, 1)))).toBe(false);
      }),
    );
  });

  test("in few tries, if little of much is needed", () => {
    const items = Array.from({ length: 10_000 }, (_, i) => i);
    let tries = 0;
    const left = reduceList(items, (rest) => {
      tries++;
      return isSubset([17, 4711, 9999], rest);
    });
    expect(left).toEqual([17, 4711, 9999]);
    expect(tries).toBeLessThan(120);
  });

  test("and asked about no more often than the square of its length", () => {
    fc.assert(
      fc.property(numbers, fc.infiniteStream(fc.boolean()), (items, coins) => {
        let tries = 0;
        reduceList(items, () => {
          tries++;
          return coins.next().value === true;
        });
        expect(tries).toBeLessThanOrEqual(2 + items.length * (items.length + 3));
      }),
    );
  });
});

test("groups go whole or stay whole", () => {
  const items = ["a1", "a2", "b1", "b2", "c1"];
  const left = reduceGroups(
    items,
    (item) => item[0]!,
    (rest) => rest.includes("b2"),
  );
  expect(left).toEqual(["b1", "b2"]);
});
