import { describe, expect, test } from "vitest";
import type { Checker } from "../../checker/checker.ts";
import { createCheckers } from "../../checker/checkers.ts";
import { findProperty, PROPERTIES } from "../../checker/properties.ts";
import { CheckerSet, finishSafely, runCheckers, verdictOf } from "../../checker/run-checkers.ts";
import type { Anomaly, CheckResult } from "../../checker/verdict.ts";
import { WORKLOADS } from "../../src/workload/workloads.ts";
import { recordsOf, told } from "./told-history.ts";

const budget = { nowMs: () => 0, deadlineMs: 1, memoryBytes: 1e9 };
const nodes = ["n1", "n2", "n3"];

describe("all checkers of a run", () => {
  test.each(WORKLOADS)("every checker of $name has its place in the catalogue", ({ name }) => {
    const ids = createCheckers({ workload: name, nodes }).map(({ id }) => id);
    expect(ids).toEqual(PROPERTIES.map(({ id }) => id).filter((id) => ids.includes(id)));
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("every entry of the catalogue is checked by some workload", () => {
    const ids = WORKLOADS.flatMap(({ name }) => createCheckers({ workload: name, nodes }));
    expect(new Set(ids.map(({ id }) => id))).toEqual(new Set(PROPERTIES.map(({ id }) => id)));
  });

  test("every property is explained in two to six sentences, with its source", () => {
    for (const { id, title, rule, explanation, source } of PROPERTIES) {
      const sentences = explanation.split(/(?<=[.?!]) /);
      expect(sentences.length, id).toBeGreaterThanOrEqual(2);
      expect(sentences.length, id).toBeLessThanOrEqual(6);
      for (const text of [title, rule, source]) expect(text, id).not.toBe("");
      expect(rule, id).toMatch(/\.$/);
    }
    expect(findProperty("vote-once")?.title).toBe("One vote in a term");
    expect(findProperty("no-such")).toBeUndefined();
  });

  test("a history without a trace leaves the properties of Raft unknown", () => {
    const records = recordsOf(told("0 write a", "0 ok", "0 read", "0 ok a"));
    const results = runCheckers(createCheckers({ workload: "register", nodes }), records, budget);
    const verdicts = Object.fromEntries(results.map(({ checker, verdict }) => [checker, verdict]));
    expect(verdicts["linearizability"]).toBe("valid");
    expect(verdicts["statistics"]).toBe("valid");
    expect(verdicts["election-safety"]).toBe("unknown");
    expect(verdictOf(results)).toBe("unknown");
  });
});

describe("a checker that throws", () => {
  const anomaly: Anomaly = {
    property: "p",
    sentence: "two leaders",
    timeNs: 0,
    nodes: [],
    keys: [],
    evidence: [],
    count: 1,
  };
  const broken = (when: "observe" | "finish", found: Anomaly[] = []): Checker => ({
    id: "broken",
    found,
    observe: () => {
      if (when === "observe") throw new Error("a defect");
    },
    finish: (): CheckResult => {
      if (when === "finish") throw new Error("a defect");
      return { checker: "broken", verdict: "valid", summary: "", anomalies: [] };
    },
  });

  test.each(["observe", "finish"] as const)(
    "in %s is unknown, names itself, hides nothing",
    (when) => {
      const records = recordsOf(told("0 write a", "0 ok"));
      const checkers = [broken(when), ...createCheckers({ workload: "register", nodes })];
      const results = runCheckers(checkers, records, budget);
      expect(results[0]).toMatchObject({
        verdict: "unknown",
        summary: "the checker broken itself failed: a defect",
      });
      expect(results[1]).toMatchObject({ checker: "linearizability", verdict: "valid" });
    },
  );

  test("keeps what it had proved before", () => {
    expect(finishSafely(broken("finish", [anomaly]), budget)).toMatchObject({
      verdict: "invalid",
      summary: "two leaders",
      anomalies: [anomaly],
    });
  });

  test("what was found so far is known by its property, over all checkers", () => {
    const set = new CheckerSet([broken("finish", []), broken("finish", [anomaly])]);
    expect(set.hasFound(null)).toBe(true);
    expect(set.hasFound(anomaly.property)).toBe(true);
    expect(set.hasFound("no-such-property")).toBe(false);
    expect(new CheckerSet([broken("finish", [])]).hasFound(null)).toBe(false);
  });
});
