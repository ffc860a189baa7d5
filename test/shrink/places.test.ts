import { describe, expect, test } from "vitest";
import { sameAs } from "../../src/run/seek.ts";
import { everyTime } from "../../src/shrink/every-time.ts";
import { movedUp } from "../../src/shrink/log-places.ts";
import type { Deviation } from "../../src/sim/deviation.ts";

const sync = (number: number, value: number): Deviation => {
  return { type: "chance", of: "sync", node: "n1", key: [number, 0, 0], value };
};
const late = (index: number, byMs: number): Deviation => {
  const message = { from: "n1", to: "n2", kind: "append-entries", term: 2, index, occurrence: 1 };
  return { type: "delay", message, byMs } as Deviation;
};

describe("where entries before it are gone, what is listed moves up", () => {
  test.each([
    ["a sync by its number", sync(9, 0.5), sync(6, 0.5)],
    ["a message by its index", late(9, 20), late(6, 20)],
    ["unless nothing is left before it", late(3, 20), late(3, 20)],
  ])("%s", (_, before, after) => {
    expect(movedUp(before, 3)).toEqual(after);
  });

  test("but an election timeout is listed by lives and terms", () => {
    const timeout: Deviation = {
      type: "chance",
      of: "election timeout",
      node: "n1",
      key: [9, 9, 0],
      value: 0,
    };
    expect(movedUp(timeout, 3)).toBe(timeout);
  });
});

describe("one that is so every time", () => {
  test("takes the largest or the middle of many", () => {
    const message = { from: "n1", to: "n2", kind: "append-entries" };
    expect(everyTime([late(1, 5), late(2, 40), late(3, 10)])).toEqual([
      { type: "delay", message, byMs: 40 },
      { type: "delay", message, byMs: 10 },
    ]);
  });

  test("is not tried where it is one already", () => {
    const [every] = everyTime([sync(4, 0.9)]);
    expect(every).toEqual({ type: "chance", of: "sync", node: "n1", value: 0.9 });
    expect(everyTime([every!])).toEqual([]);
  });
});

test("the same violation is of the same property in the same way, in whichever term", () => {
  const anomaly = { sentence: "", timeNs: 0, nodes: [], keys: [], evidence: [], count: 1 };
  const { isIt } = sameAs({
    checker: "vote-once",
    anomaly: { ...anomaly, property: "vote-once", kind: "twice in 3" },
  });
  expect(isIt({ ...anomaly, property: "vote-once", kind: "twice in 7" })).toBe(true);
  expect(isIt({ ...anomaly, property: "vote-once", kind: "forgotten in 3" })).toBe(false);
  expect(isIt({ ...anomaly, property: "election-safety", kind: "twice in 3" })).toBe(false);
});
