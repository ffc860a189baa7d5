import { expect, test } from "vitest";
import { MinHeap } from "../../../checker/linearizability/min-heap.ts";
import { createPrng } from "../../../src/base/prng.ts";

test("a heap gives back its numbers in order", () => {
  const prng = createPrng("heap");
  for (let size = 0; size < 40; size++) {
    const numbers = Array.from({ length: size }, () => prng.int(0, 50));
    const heap = new MinHeap();
    for (const number of numbers) heap.push(number);
    const sorted = numbers.toSorted((a, b) => a - b);
    expect(heap.size).toBe(size);
    expect(sorted.map(() => [heap.top(), heap.pop()])).toEqual(sorted.map((one) => [one, one]));
  }
});
