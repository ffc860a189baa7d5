import { expect, test } from "vitest";
import type { Interval } from "../../../checker/linearizability/model.ts";
import { longestPrefix } from "../../../checker/linearizability/prefix.ts";
import { type RegisterInput, registerModel } from "../../../checker/linearizability/register.ts";

function operation(
  kind: RegisterInput["kind"],
  value: string,
  [call, end]: readonly [number, number],
): Interval<RegisterInput> {
  const isCertain = end !== Infinity;
  return { input: { kind, value, expected: null }, call, return: end, isCertain };
}

test("a stale read: both writes can be told, then the read cannot come next", () => {
  const history = [
    operation("write", "41", [0, 1]),
    operation("write", "42", [2, 3]),
    operation("read", "41", [4, 5]),
  ];
  expect(longestPrefix(registerModel, history)).toEqual({ order: [0, 1], stuck: 2, state: "42" });
});

test("the longest order wins: an unknown write is used where it helps, and left out where it does not", () => {
  const history = [
    operation("write", "1", [0, 1]),
    operation("write", "2", [0, Infinity]),
    operation("read", "2", [2, 3]),
    operation("read", "1", [4, 5]),
  ];
  expect(longestPrefix(registerModel, history)).toEqual({ order: [0, 1, 2], stuck: 3, state: "2" });
});

test("what has an order has no stuck operation", () => {
  const history = [operation("write", "1", [0, 5]), operation("read", "1", [1, 2])];
  expect(longestPrefix(registerModel, history)).toBeUndefined();
});
