import { expect, test } from "vitest";
import { createPrng } from "../../src/base/prng.ts";
import type { Invocation } from "../../src/system/client.ts";
import { register } from "../../src/workload/register.ts";
import type { WorkloadGenerator } from "../../src/workload/workload.ts";

function generate(
  count: number,
  seed = "register",
): { generator: WorkloadGenerator; drawn: Invocation[] } {
  const generator = register.createGenerator(createPrng(seed), "");
  const drawn = Array.from({ length: count }, () => {
    const invocation = generator.next();
    generator.observe(invocation, { type: "ok" });
    return invocation;
  });
  return { generator, drawn };
}

function writtenBy({ f, value }: Invocation): unknown {
  const [, argument] = value as [string, unknown];
  if (f === "write") return argument;
  return f === "cas" ? (argument as [unknown, unknown])[1] : undefined;
}

test("every value written is unique, so that a read tells which write it saw", () => {
  const written = generate(5000)
    .drawn.map(writtenBy)
    .filter((value) => value !== undefined);
  expect(new Set(written).size).toBe(written.length);
});

test("all four kinds of operation are drawn", () => {
  const kinds = new Set(generate(500).drawn.map(({ f }) => f));
  expect([...kinds].toSorted((a, b) => a.localeCompare(b))).toEqual([
    "cas",
    "delete",
    "read",
    "write",
  ]);
});

test("a key is retired after some hundred operations, which keeps its check small", () => {
  const counts = new Map<unknown, number>();
  for (const { value } of generate(20_000).drawn) {
    const [key] = value as [string];
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  expect(Math.max(...counts.values())).toBeLessThanOrEqual(400);
});

test("every key that was used is read at the end", () => {
  const { generator, drawn } = generate(10_000);
  const used = new Set(drawn.map(({ value }) => (value as [string])[0]));
  const read = new Set(generator.finalReads().map(({ value }) => (value as [string])[0]));
  for (const key of used) expect(read).toContain(key);
});

test("a compare-and-set expects what was seen last, so that some succeed", () => {
  const generator = register.createGenerator(createPrng("cas"), "");
  const held = new Map<string, string | null>();
  let matching = 0;
  for (let i = 0; i < 2000; i++) {
    const invocation = generator.next();
    const [key, argument] = invocation.value as [string, unknown];
    if (invocation.f === "cas" && (argument as [string])[0] === held.get(key)) matching++;
    const value = writtenBy(invocation);
    if (typeof value === "string") held.set(key, value);
    if (invocation.f === "delete") held.set(key, null);
    const seen = invocation.f === "read" ? [key, held.get(key) ?? null] : invocation.value;
    generator.observe(invocation, { type: "ok", value: seen });
  }
  expect(matching).toBeGreaterThan(100);
});

test("equal seeds draw equal operations", () => {
  expect(generate(300, "a").drawn).toEqual(generate(300, "a").drawn);
  expect(generate(300, "a").drawn).not.toEqual(generate(300, "b").drawn);
});
