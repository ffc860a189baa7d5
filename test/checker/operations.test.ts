import { expect, test } from "vitest";
import { pairOperations, Pairing } from "../../checker/operations.ts";
import { told } from "./told-history.ts";

test("an operation spans from its invocation to its completion, by position in the history", () => {
  const operations = pairOperations(told("0 write a", "1 read", "0 ok", "1 fail", "2 read"));
  expect(operations.map((one) => [one.invocation.f, one.call, one.return])).toEqual([
    ["write", 0, 2],
    ["read", 1, 3],
    ["read", 4, Infinity],
  ]);
  expect(operations[2]!.completion).toBeUndefined();
});

test("an operation of unknown outcome never returns", () => {
  const [operation] = pairOperations(told("0 write a", "0 info"));
  expect(operation!.return).toBe(Infinity);
  expect(operation!.completion!.type).toBe("info");
});

test("operations under way are known at any time", () => {
  const pairing = new Pairing();
  for (const op of told("3 write a", "1 read", "3 ok")) pairing.observe(op);
  expect(pairing.open().map(({ call }) => call)).toEqual([1]);
});

test("a history that contradicts itself is complained about", () => {
  const [invocation, completion] = told("0 write a", "0 ok");
  const pairing = new Pairing();
  expect(pairing.observe(completion!)).toBeUndefined();
  pairing.observe(invocation!);
  pairing.observe({ ...invocation!, index: 2 });
  pairing.observe({ ...completion!, index: 3, f: "read" });
  expect(pairing.complaints).toEqual([
    "op 1: process 0 completes an operation that was never invoked",
    "op 2: process 0 invokes before operation 0 is complete",
    'op 3: process 0 completes "read", but invoked "write"',
  ]);
});
