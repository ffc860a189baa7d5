import { describe, expect, test } from "vitest";
import { createPrng } from "../../src/base/prng.ts";
import type { Completion, Invocation } from "../../src/system/client.ts";
import { type Workload, type WorkloadGenerator } from "../../src/workload/workload.ts";
import { speaking, workloadNamed, WORKLOADS } from "../../src/workload/workloads.ts";

/** The kinds of operation of each workload of objects. */
const KINDS = {
  set: ["add", "read"],
  counter: ["add", "read"],
  bank: ["read", "transfer"],
  queue: ["dequeue", "enqueue"],
  lock: ["acquire", "read", "release"],
  "unique-ids": ["generate"],
} as const;

/** Keys as nodes have them: what a workload asks is executed at once, and none is ever out of reach. */
function plainStore(): (asked: Invocation) => Completion {
  const values = new Map<string, unknown>();
  const step = (op: readonly unknown[]): { readonly result: unknown } | undefined => {
    const [name, key, ...rest] = op as [string, string, ...unknown[]];
    const current = values.get(key) ?? null;
    const list = (current ?? []) as unknown[];
    switch (name) {
      case "r":
        return { result: current };
      case "append":
        values.set(key, [...list, rest[0]]);
        return { result: rest[0] };
      case "take":
        values.set(key, list.slice(1));
        return { result: list[0] ?? null };
      case "add":
        values.set(key, ((current ?? 0) as number) + (rest[0] as number));
        return { result: values.get(key) };
      default:
        if (current !== rest[0]) return undefined;
        values.set(key, rest[1]);
        return { result: null };
    }
  };
  return ({ f, value }) => {
    if (f === "txn") {
      const before = new Map(values);
      const steps = value as readonly (readonly unknown[])[];
      const done = steps.map(step);
      if (done.every((one) => one !== undefined)) {
        const answers = steps.map(([name, key], i) => [name, key, done[i]?.result]);
        return { type: "ok", value: answers };
      }
      for (const [key, held] of before) values.set(key, held);
      return { type: "fail", error: "txn-aborted" };
    }
    const [key, argument] = value as [string, [string | null, string]];
    if (f === "read") return { type: "ok", value: [key, values.get(key) ?? null] };
    if (step(["cas", key, ...argument]) !== undefined) return { type: "ok", value };
    const current = (values.get(key) ?? null) as string | null;
    return { type: "fail", error: "cas-mismatch", current };
  };
}

function perform(
  workload: Workload,
  generator: WorkloadGenerator,
  count: number,
): { readonly invocation: Invocation; readonly completion: Completion }[] {
  const store = plainStore();
  const client = speaking(workload, {
    invoke: (invocation, _, done) => done(store(invocation)),
    close: () => undefined,
  });
  return Array.from({ length: count }, () => {
    const invocation = generator.next();
    let completion: Completion = { type: "info" };
    client.invoke(invocation, 1000, (one) => (completion = one));
    generator.observe(invocation, completion);
    return { invocation, completion };
  });
}

describe.each(Object.entries(KINDS))("the workload %s", (name, kinds) => {
  const workload = workloadNamed(name as keyof typeof KINDS);
  const run = (seed: string, count = 600) =>
    perform(workload, workload.createGenerator(createPrng(seed), ""), count);

  test("asks for all kinds of operation, and by itself most succeed", () => {
    const done = run("kinds");
    const asked = new Set(done.map(({ invocation }) => invocation.f));
    expect([...asked].toSorted((a, b) => a.localeCompare(b))).toEqual([...kinds]);
    for (const kind of kinds) {
      const same = done.filter(({ invocation }) => invocation.f === kind);
      const ok = same.filter(({ completion }) => completion.type === "ok");
      expect(ok.length / same.length, kind).toBeGreaterThan(0.4);
    }
  });

  test("asks the same for the same seed", () => {
    expect(run("a", 100)).toEqual(run("a", 100));
    expect(run("a", 100)).not.toEqual(run("b", 100));
  });

  test("reads at the end what it touched", () => {
    const generator = workload.createGenerator(createPrng("end"), "p-");
    const asked = perform(workload, generator, 300).map(({ invocation }) => invocation);
    const reads = generator.finalReads();
    expect(reads).toEqual(workload.finalReadsOf(asked));
    for (const { value } of [...asked, ...reads]) expect((value as [string])[0]).toMatch(/^p-/);
  });
});

test("what only looks whether a cluster serves is about something of its own with each attempt", () => {
  for (const { probe, name } of WORKLOADS.filter((one) => one.name !== "election")) {
    const keys = [0, 1, 2].map((attempt) => JSON.stringify(probe(0, attempt).value));
    expect(new Set(keys).size, name).toBe(3);
    expect(probe(1, 0).f, name).toMatch(/read|txn|generate/);
  }
});
