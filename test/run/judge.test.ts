import { describe, expect, test } from "vitest";
import type { Anomaly, CheckResult, Verdict } from "../../checker/verdict.ts";
import { judge } from "../../src/run/judge.ts";
import { createPlan, DEFAULT_CHOICES, type PlanChoices } from "../../src/run/plan.ts";

const plan = (choices: Partial<PlanChoices> = {}): ReturnType<typeof createPlan> =>
  createPlan({ ...DEFAULT_CHOICES, seed: "judge", kinds: [], ...choices });

const NO_TROUBLE = { interruptedBy: null, environmentTrouble: null };

function check(
  checker: string,
  verdict: Verdict,
  measures: CheckResult["measures"] = {},
): CheckResult {
  const anomaly: Anomaly = {
    property: checker,
    sentence: "it broke",
    timeNs: 0,
    nodes: [],
    keys: [],
    evidence: [],
    count: 1,
  };
  const anomalies = verdict === "invalid" ? [anomaly] : [];
  return { checker, verdict, summary: `${checker} is ${verdict}`, anomalies, measures };
}

describe("the exit code", () => {
  test.each([
    ["all valid", ["valid", "valid"], 0],
    ["one unknown", ["valid", "unknown"], 2],
    ["one invalid", ["valid", "invalid"], 1],
    ["invalid beats unknown", ["unknown", "invalid"], 1],
  ] as const)("%s", (_name, verdicts, exitCode) => {
    const checks = verdicts.map((verdict, i) => check(`check-${i}`, verdict));
    expect(judge(plan(), checks, NO_TROUBLE).exitCode).toBe(exitCode);
  });

  test.each([
    [{ interruptedBy: "SIGINT", environmentTrouble: null }, 130],
    [{ interruptedBy: "SIGTERM", environmentTrouble: null }, 143],
    [{ interruptedBy: null, environmentTrouble: "the disk is full" }, 69],
  ])("of a run that was cut short: %o", (ending, exitCode) => {
    expect(judge(plan(), [check("a", "valid")], ending).exitCode).toBe(exitCode);
    expect(judge(plan(), [check("a", "unknown")], ending).exitCode).toBe(exitCode);
    // A proven violation is never masked.
    expect(judge(plan(), [check("a", "invalid")], ending).exitCode).toBe(1);
  });

  test("--allow-unknown accepts nodes without a trace, but no checker that ran out", () => {
    const allowing = plan({ allowUnknown: true });
    const traceless = check("election-safety", "unknown", { transitions: 0 });
    expect(judge(plan(), [traceless], NO_TROUBLE).exitCode).toBe(2);
    expect(judge(allowing, [check("a", "valid"), traceless], NO_TROUBLE).exitCode).toBe(0);
    const ranOut = check("log-matching", "unknown", { transitions: 17 });
    expect(judge(allowing, [check("a", "valid"), ranOut], NO_TROUBLE).exitCode).toBe(2);
  });

  test("of an expected violation", () => {
    const expecting = (property: string | null): ReturnType<typeof plan> =>
      plan({ expect: { verdict: "violation", property } });
    const broken = [check("election-safety", "invalid"), check("statistics", "valid")];
    expect(judge(expecting(null), broken, NO_TROUBLE).exitCode).toBe(0);
    expect(judge(expecting("election-safety"), broken, NO_TROUBLE).exitCode).toBe(0);
    const other = judge(expecting("log-matching"), broken, NO_TROUBLE);
    expect(other.exitCode).toBe(1);
    expect(other.conclusion).toContain("election-safety");
    expect(judge(expecting(null), [check("a", "valid")], NO_TROUBLE).exitCode).toBe(1);
  });

  test("of too little availability is 3, and only when all is safe", () => {
    const served = check("availability", "valid", { share: 0.9 });
    expect(judge(plan({ availability: 0.95 }), [served], NO_TROUBLE).exitCode).toBe(3);
    expect(judge(plan({ availability: 0.85 }), [served], NO_TROUBLE).exitCode).toBe(0);
    const broken = [served, check("log-matching", "invalid")];
    expect(judge(plan({ availability: 0.95 }), broken, NO_TROUBLE).exitCode).toBe(1);
  });

  test.each([
    ["no fault", check("fault-coverage", "valid", { byKind: {} }), "Every check passed."],
    [
      "a fault that was felt",
      check("fault-coverage", "valid", { byKind: { kill: {} } }),
      "Every check passed, and the chaos bit.",
    ],
    [
      "faults that nobody felt, which was allowed",
      check("fault-coverage", "unknown", { byKind: { kill: {} } }),
      "Every check passed.",
    ],
    ["nobody who looked at faults", check("log-matching", "valid"), "Every check passed."],
  ])("with %s: no more is said of the chaos than there was", (_what, coverage, conclusion) => {
    expect(judge(plan({ allowUnknown: true }), [coverage], NO_TROUBLE)).toMatchObject({
      exitCode: 0,
      conclusion,
    });
  });

  test("a run without a bite counts only when that is allowed", () => {
    const checks = [check("fault-coverage", "unknown"), check("linearizability", "valid")];
    expect(judge(plan(), checks, NO_TROUBLE).exitCode).toBe(2);
    expect(judge(plan({ allowUnknown: true }), checks, NO_TROUBLE).exitCode).toBe(0);
  });
});
