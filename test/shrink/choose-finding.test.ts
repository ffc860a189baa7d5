import { expect, test } from "vitest";
import type { CheckResult } from "../../checker/verdict.ts";
import { chooseFinding } from "../../src/commands/choose-finding.ts";

const check = (property: string, timeNs: number): CheckResult => ({
  checker: property,
  verdict: "invalid",
  summary: "",
  anomalies: [
    { property, sentence: property, timeNs, nodes: [], keys: [], evidence: [], count: 1 },
  ],
});
const checks = [check("linearizability", 30), check("vote-once", 10), check("durability", 20)];
const choose = (property: string | undefined, expected: string | null = null): string => {
  const plan = { expect: { verdict: "violation", property: expected } } as const;
  return chooseFinding({ id: "run-1", plan, checks, property }).anomaly.property;
};

test("what shows first is kept, unless another violation is asked for or was expected", () => {
  expect(choose(undefined)).toBe("vote-once");
  expect(choose(undefined, "durability")).toBe("durability");
  expect(choose("linearizability", "durability")).toBe("linearizability");
});

test("a property that was not violated is refused with those that were", () => {
  expect(() => choose("election-safety")).toThrow(
    "run-1 does not violate election-safety, but vote-once, durability, linearizability",
  );
});
