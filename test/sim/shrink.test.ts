import { describe, expect, test } from "vitest";
import type { CheckerRecord } from "../../checker/checker.ts";
import { sameAs, seek } from "../../src/run/seek.ts";
import { simulate } from "../../src/run/simulate.ts";
import { swarmPlan } from "../../src/run/swarm.ts";
import { shrinkPlan, type Shrunk } from "../../src/shrink/shrink-plan.ts";
import { sizeOf } from "../../src/shrink/size.ts";
import { storyOf, type Seen } from "../../src/shrink/story.ts";
import type { TestPlan } from "../../src/store/plan.ts";

function shrinkFirst(plan: TestPlan, property: string): { shrunk: Shrunk; story: string[] } {
  const found = simulate(plan).checks.flatMap(({ checker, anomalies }) =>
    anomalies.map((anomaly) => ({ checker, anomaly })),
  );
  const first = found.find(({ anomaly }) => anomaly.property === property);
  if (first === undefined) throw new Error(`${plan.seed} does not show ${property}`);
  const sought = sameAs(first);
  const shrunk = shrinkPlan(plan, {
    attempt: (candidate, options) => seek(candidate, sought, options),
    isTimeUp: () => false,
  });
  if (shrunk === undefined) throw new Error("it does not show it again");
  const deviations: Seen["deviations"][number][] = [];
  const records: CheckerRecord[] = [];
  const seen = seek(shrunk.plan, sought, {
    onDeviation: (deviation, timeNs) => deviations.push({ deviation, timeNs }),
    onRecord: (record) => records.push(record),
  });
  if (seen === undefined) throw new Error("shrunk, it does not show it");
  return { shrunk, story: storyOf({ plan: shrunk.plan, ...seen, deviations, records }) };
}

describe("a violation shrinks to its core", () => {
  const plan = swarmPlan("m0", {
    durationMs: 20_000,
    mutant: "read-any-node",
    workloads: ["register"],
  });
  const { shrunk, story } = shrinkFirst(plan, "linearizability");

  test("with hardly anything left of it", () => {
    expect(shrunk.isDone).toBe(true);
    expect(sizeOf(shrunk.plan).events).toBeLessThanOrEqual(5);
    expect(sizeOf(shrunk.plan).faults).toBeLessThanOrEqual(1);
    expect(shrunk.plan.deviations?.map(({ type }) => type)).toContain("operation");
  });

  test("and is still the same violation in a run with everything", () => {
    const { checks } = simulate(shrunk.plan);
    const properties = checks.flatMap(({ anomalies }) => anomalies.map((one) => one.property));
    expect(properties).toContain("linearizability");
  });

  test("of which nothing can be left out", () => {
    const { deviations = [] } = shrunk.plan;
    const sought = sameAs({ checker: "linearizability", anomaly: shrunk.anomaly });
    const rests = deviations.map((_, i) => deviations.toSpliced(i, 1));
    expect(rests.filter((rest) => seek({ ...shrunk.plan, deviations: rest }, sought))).toEqual([]);
  });

  test("and is not there without the bug", () => {
    expect(simulate({ ...shrunk.plan, mutant: null }).verdict).not.toBe("invalid");
  });

  test("told in the order of time, with what became of it", () => {
    expect(story.join("\n")).toMatch(/client 0 writes k1 = 1 — ok at/);
    expect(story.join("\n")).toMatch(/· .* n1 leads in term 1/);
    expect(story[0]).toMatch(/^ ?\d?1?[.·]? /);
  });
});

test("a run shrinks the same way every time", () => {
  const plan = swarmPlan("m0", {
    durationMs: 20_000,
    mutant: "vote-not-durable",
    workloads: ["register"],
  });
  const { shrunk } = shrinkFirst(plan, "vote-once");
  expect(sizeOf(shrunk.plan)).toEqual({ events: 1, faults: 1, operations: 0 });
  expect(shrinkFirst(plan, "vote-once").shrunk).toEqual(shrunk);
});

test("a plan that shows nothing of it is not shrunk", () => {
  const plan = swarmPlan("m0", { durationMs: 2000, mutant: null });
  expect(shrinkPlan(plan, { attempt: () => undefined, isTimeUp: () => false })).toBeUndefined();
});
