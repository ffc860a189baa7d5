import { describe, expect, test } from "vitest";
import { createPrng } from "../../src/base/prng.ts";
import { Chance } from "../../src/sim/chance.ts";
import { Digest } from "../../src/sim/digest.ts";
import { EventQueue } from "../../src/sim/event-queue.ts";

describe("virtual time", () => {
  test("events fire by time, and at one moment in the order in which they were put in", () => {
    const prng = createPrng("queue");
    const queue = new EventQueue(new Digest());
    const expected: { timeNs: number; number: number }[] = [];
    const fired: number[] = [];
    for (let number = 0; number < 3000; number++) {
      const timeNs = prng.int(0, 400);
      expected.push({ timeNs, number });
      queue.at(timeNs, { label: 0, fire: () => fired.push(number) });
    }
    while (queue.step());
    const inOrder = expected.toSorted((a, b) => a.timeNs - b.timeNs || a.number - b.number);
    expect(fired).toEqual(inOrder.map(({ number }) => number));
    expect(queue.eventCount).toBe(3000);
  });

  test("what is put off for ever stays behind all else, and in its order, however much there is", () => {
    for (let count = 1; count < 40; count++) {
      const queue = new EventQueue(new Digest());
      const fired: number[] = [];
      const numbers = Array.from({ length: count }, (_, number) => number);
      // Where others lay before them.
      for (const number of numbers) queue.at(0, { label: 0, fire: () => number });
      while (queue.step());
      for (const number of numbers) {
        const timeNs = number % 3 === 0 ? 5 : Infinity;
        queue.at(timeNs, { label: 0, fire: () => fired.push(number) });
      }
      while (queue.step());
      const soon = numbers.filter((number) => number % 3 === 0);
      expect(fired).toEqual([...soon, ...numbers.filter((number) => number % 3 !== 0)]);
    }
  });

  test("what an event puts in for the same moment fires after all that was there", () => {
    const queue = new EventQueue(new Digest());
    const fired: string[] = [];
    const event = (name: string, then?: () => void): { label: number; fire(): void } => ({
      label: 0,
      fire: () => {
        fired.push(name);
        then?.();
      },
    });
    queue.at(
      5,
      event("first", () => queue.after(0, event("late"))),
    );
    queue.at(5, event("second"));
    while (queue.step());
    expect(fired).toEqual(["first", "second", "late"]);
  });

  test("time never goes back", () => {
    const queue = new EventQueue(new Digest());
    const seen: number[] = [];
    queue.at(10, {
      label: 0,
      fire: () => queue.at(3, { label: 0, fire: () => seen.push(queue.nowNs) }),
    });
    while (queue.step());
    expect(seen).toEqual([10]);
  });
});

describe("keyed chance", () => {
  test("is uniform, and depends on each part of its key", () => {
    const chance = new Chance("seed");
    const draws = Array.from({ length: 20_000 }, (_, i) => chance.draw("sync", i % 7, i));
    expect(draws.reduce((sum, draw) => sum + draw, 0) / draws.length).toBeCloseTo(0.5, 1);
    const tenths = Array.from({ length: 10 }, () => 0);
    for (const draw of draws) tenths[Math.floor(draw * 10)]!++;
    for (const count of tenths) expect(Math.abs(count - 2000)).toBeLessThan(250);
    const keys = [
      chance.draw("sync", 1),
      chance.draw("start", 1),
      chance.draw("sync", 2),
      chance.draw("sync", 1, 1),
      chance.draw("sync", 1, 0, 1),
      chance.draw("sync", 1, 0, 0, 1),
      new Chance("other").draw("sync", 1),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  test("does not depend on what was drawn before", () => {
    const one = new Chance("seed");
    const other = new Chance("seed");
    for (let i = 0; i < 100; i++) other.draw("stall", i);
    expect(other.draw("sync", 1, 2, 3, 4)).toBe(one.draw("sync", 1, 2, 3, 4));
  });
});

test("a digest tells apart what differs in any place", () => {
  const digests = [[1, 2], [2, 1], [1, 3], [1], [1, 2 + 2 ** 32]].map((numbers) => {
    const digest = new Digest();
    for (const number of numbers) digest.number(number);
    return digest.toString();
  });
  expect(new Set(digests).size).toBe(digests.length);
});
