import { expect, test } from "vitest";
import { Waiting } from "../../src/sim/waiting.ts";

test("who waits is found by its number, once", () => {
  const waiting = new Waiting<string>();
  const a = waiting.add("a");
  const b = waiting.add("b");
  expect(waiting.take(b)).toBe("b");
  expect(waiting.take(b)).toBeUndefined();
  expect(waiting.take(a)).toBe("a");
});

test("a number that was answered is nobody else's, however many come after", () => {
  const waiting = new Waiting<number>();
  const first = waiting.add(0);
  waiting.take(first);
  for (let i = 1; i < 100; i++) waiting.add(i);
  expect(waiting.take(first)).toBeUndefined();
});

test("those that wait long keep their places beside many that come and go", () => {
  const waiting = new Waiting<string>();
  const long = waiting.add("long");
  for (let i = 0; i < 1000; i++) expect(waiting.take(waiting.add(`${i}`))).toBe(`${i}`);
  expect(waiting.take(long)).toBe("long");
});

test("all at once come in the order in which they began to wait", () => {
  const waiting = new Waiting<number>();
  const numbers = Array.from({ length: 50 }, (_, i) => waiting.add(i));
  for (const number of numbers.filter((_, i) => i % 3 === 0)) waiting.take(number);
  const rest = Array.from({ length: 50 }, (_, i) => i).filter((i) => i % 3 !== 0);
  expect(waiting.takeAll()).toEqual(rest);
  expect(waiting.takeAll()).toEqual([]);
});
