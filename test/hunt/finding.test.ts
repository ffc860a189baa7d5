import { describe, expect, test } from "vitest";
import type { Anomaly, CheckResult } from "../../checker/verdict.ts";
import {
  causeOf,
  type Finding,
  findingsOf,
  normalised,
  undecidedBecause,
} from "../../src/hunt/finding.ts";
import type { Trouble } from "../../src/run/life.ts";

function anomaly(property: string, timeNs: number, sentence = property): Anomaly {
  return { property, sentence, timeNs, nodes: [], keys: [], evidence: [], count: 1 };
}

function check(checker: string, rest: Partial<CheckResult> = {}): CheckResult {
  return { checker, verdict: "valid", summary: checker, anomalies: [], ...rest };
}

describe("findings have one cause", () => {
  test.each([
    [
      "n2 voted twice in term 3: for n2 at 2.99 s and for n3 at 2.99 s",
      "n11 voted twice in term 10: for n1 at 22.74 s and for n2 at 22.75 s",
    ],
    [
      "the majority of n1, n2 and n6 did not come to rest",
      "the majority of n1, n2, n3 and n4 did not come to rest",
    ],
    ['read k4 → "40" at 4.17 s', 'read k12 → "7" at 10.00 s'],
  ])("when they differ in names and numbers only: %s", (one, other) => {
    expect(normalised(one)).toBe(normalised(other));
  });

  test("when a checker says that they are of one kind, or the reasons are the same, of however many nodes", () => {
    const [cut, whole] = ["behind n2", "behind n10"].map((kind, i) => ({
      ...anomaly("liveness", 1, `while ${i} of all are cut off, …`),
      kind,
    }));
    const unhealed = (...reasons: string[]): Trouble => {
      return { sentence: `could not be healed (${reasons.join("; ")})`, reasons };
    };
    const [late, mute] = ["the last change of members is not committed", "it has no vote yet"];
    const causes = (findings: readonly Finding[]): number => new Set(findings.map(causeOf)).size;
    const found = findingsOf({
      checks: [check("liveness", { anomalies: [cut!, whole!] })],
      troubles: [
        unhealed(`membership of n1: ${late}`, `membership of n3: ${mute}`),
        unhealed(
          `membership of n2: ${mute}`,
          `membership of n3: ${late}`,
          `membership of n7: ${late}`,
        ),
      ],
    });
    expect(causes(found)).toBe(2);
    const others = findingsOf({
      checks: [check("liveness", { anomalies: [{ ...cut!, kind: "not served" }] })],
      troubles: [unhealed(`membership of n1: ${late}`)],
    });
    expect(causes([...found, ...others])).toBe(4);
  });

  test("of checkers that name no kind, when the sentences are alike", () => {
    const of = (sentence: string) => ({ ...anomaly("mine", 1, sentence), kind: "" });
    const found = findingsOf({
      checks: [check("mine", { anomalies: [of("k1 is odd"), of("k2 is odd"), of("k2 is even")] })],
      troubles: [],
    });
    expect(new Set(found.map(causeOf)).size).toBe(2);
  });

  test("not when another property is violated, or another thing is said", () => {
    const base = { kind: "violation", checker: "c", property: "p", sentence: "n1 did it" } as const;
    expect(causeOf({ ...base, property: "q" })).not.toBe(causeOf(base));
    expect(causeOf({ ...base, sentence: "n1 left it" })).not.toBe(causeOf(base));
  });
});

test("what leaves a run undecided is said by its first check that is unknown", () => {
  const checks = [check("fine"), check("a", { verdict: "unknown", summary: "no delete" })];
  expect(undecidedBecause({ verdict: "unknown", checks })).toBe("no delete");
  expect(undecidedBecause({ verdict: "invalid", checks })).toBeUndefined();
});

test("that the user's own workload fails is no finding about the cluster", () => {
  const sentence = "the workload w failed: next: oops";
  expect(findingsOf({ checks: [], troubles: [{ sentence, isOfWorkload: true }] })).toEqual([]);
});

test("of a run, what shows first comes first: violations, then failed checkers, then trouble", () => {
  const found = findingsOf({
    checks: [
      check("late", { anomalies: [anomaly("late", 900)] }),
      check("broken", { verdict: "unknown", measures: { defect: "oops" }, summary: "it failed" }),
      check("early", { anomalies: [anomaly("early", 10), anomaly("early", 950)] }),
    ],
    troubles: [{ sentence: "a message storm" }],
  });
  expect(found.map(({ kind, property }) => `${kind} ${property}`)).toEqual([
    "violation early",
    "violation late",
    "violation early",
    "defect broken",
    "trouble trouble",
  ]);
});
