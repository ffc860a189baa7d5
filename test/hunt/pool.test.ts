import { Worker } from "node:worker_threads";
import { describe, test } from "vitest";
import { WorkerPool, type Outcome } from "../../src/hunt/pool.ts";
import { swarmPlan } from "../../src/run/swarm.ts";
import type { TestPlan } from "../../src/store/plan.ts";

/** A thread that does what the seed says. */
const SCRIPT = `
  const { parentPort } = require("node:worker_threads");
  parentPort.on("message", ({ seed }) => {
    if (seed === "hang") Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    if (seed === "throw") throw new Error("out of order");
    if (seed === "exit") process.exit(7);
    if (seed === "memory") { const all = []; for (;;) all.push(new Array(1000).fill(seed)); }
    parentPort.postMessage({ findings: [], behaviours: [seed] });
  });`;
const base = swarmPlan("1", { durationMs: 1000, mutant: null });
const planOf = (seed: string): TestPlan => ({ ...base, seed });

function pool(deadlineMs: number): WorkerPool {
  const resourceLimits = { maxOldGenerationSizeMb: 16 };
  const start = (): Worker => new Worker(SCRIPT, { eval: true, resourceLimits });
  return new WorkerPool({ size: 2, deadlineMs, start });
}

function told(outcome: Outcome): string {
  if (outcome.type === "done") return `done ${outcome.probed.behaviours.join()}`;
  if (outcome.type === "lost") return `${outcome.finding.kind}: ${outcome.finding.sentence}`;
  return outcome.type;
}

describe.concurrent("threads", () => {
  test("that die over a plan are replaced, and every plan has an outcome", async ({ expect }) => {
    await using threads = pool(20_000);
    const seeds = ["a", "throw", "b", "exit", "memory", "c", "d"];
    const outcomes = await Promise.all(seeds.map((seed) => threads.probe(planOf(seed))));
    expect(outcomes.map(told)).toEqual([
      "done a",
      "crash: the simulator failed: out of order",
      "done b",
      "crash: the simulator failed: its thread ended with code 7",
      expect.stringMatching(/^crash: .*memory/),
      "done c",
      "done d",
    ]);
  });

  test("that hang are ended at the deadline", async ({ expect }) => {
    await using threads = pool(4000);
    const outcomes = await Promise.all(["hang", "a"].map((seed) => threads.probe(planOf(seed))));
    expect(told(outcomes[0]!)).toBe("hang: the run was not over after 4.00 s of this host's time");
    expect(told(await threads.probe(planOf("b")))).toBe("done b");
  });

  test("are given up at once when told so, also in the middle of a plan, and begin no other", async ({
    expect,
  }) => {
    await using threads = pool(60_000);
    const outcomes = ["hang", "hang", "a"].map((seed) => threads.probe(planOf(seed)));
    threads.drop({ atOnce: true });
    expect((await Promise.all(outcomes)).map(told)).toEqual(["dropped", "dropped", "dropped"]);
    expect(told(await threads.probe(planOf("b")))).toBe("dropped");
  });

  test("go on with what is under way when only the rest is dropped", async ({ expect }) => {
    await using threads = pool(60_000);
    const outcomes = ["a", "b", "c"].map((seed) => threads.probe(planOf(seed)));
    threads.drop();
    expect((await Promise.all(outcomes)).map(told)).toEqual(["done a", "done b", "dropped"]);
    expect(told(await threads.probe(planOf("d")))).toBe("done d");
  });
});
