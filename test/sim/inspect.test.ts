import { describe, expect, test } from "vitest";
import { Inspection } from "../../src/run/inspection.ts";
import { createPlan, DEFAULT_CHOICES } from "../../src/run/plan.ts";
import { swarmPlan } from "../../src/run/swarm.ts";

const PLAN = swarmPlan("look", { durationMs: 4000, mutant: null });

describe("a simulated run that is looked into", () => {
  test("stands before the first event after that moment", () => {
    const inspection = new Inspection(PLAN);
    inspection.runUntil(2000);
    const text = inspection.describe();
    const [, atS] = /^at (\d+\.\d+) /.exec(text) ?? [];
    const [, nextS] = /next: (\d+\.\d+) /.exec(text) ?? [];
    expect(Number(atS)).toBeLessThanOrEqual(2);
    expect(Number(nextS)).toBeGreaterThanOrEqual(2);
  });

  test("shows every node, the logs' ends and what is on its way", () => {
    const inspection = new Inspection(PLAN);
    inspection.runUntil(2500);
    const text = inspection.describe();
    for (let i = 1; i <= PLAN.nodeCount; i++) expect(text).toMatch(new RegExp(`^n${i} +\\w+`, "m"));
    expect(text).toMatch(/^log of n1, the last \d+ of \d+ entries$/m);
    expect(text).toMatch(/^messages in flight: \d+$/m);
  });

  test("goes on event by event, as it would have", () => {
    const stepped = new Inspection(PLAN);
    stepped.runUntil(2000);
    const steps = Array.from({ length: 400 }, () => stepped.step());
    const endMs =
      1000 * Number(/^at ([\d. ]+) s/.exec(stepped.describe())?.[1]?.replaceAll(" ", ""));
    const ran = new Inspection(PLAN);
    ran.runUntil(endMs + 5e-7);
    expect(ran.describe()).toBe(stepped.describe());
    expect(steps.join("\n")).toMatch(/ → .* of term \d+ after \d+/);
  });

  test("ends where the run ends", () => {
    const inspection = new Inspection(PLAN);
    inspection.runUntil(1e9);
    expect(inspection.isOver).toBe(true);
  });

  test("is a simulated one", () => {
    const plan = createPlan({ ...DEFAULT_CHOICES, seed: "1" });
    expect(() => new Inspection(plan)).toThrow("only a simulated one can be stopped");
  });
});
