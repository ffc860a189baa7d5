import { describe, expect, test } from "vitest";
import type { CheckBudget } from "../../../checker/checker.ts";
import type { Op } from "../../../checker/history.ts";
import {
  createLinearizability,
  type LinearizabilityMeasures,
} from "../../../checker/linearizability/linearizability.ts";
import { runCheckers } from "../../../checker/run-checkers.ts";
import type { CheckResult } from "../../../checker/verdict.ts";
import { recordsOf, told } from "../told-history.ts";

const budget: CheckBudget = { nowMs: () => 0, deadlineMs: 1, memoryBytes: 1e9 };

const check = (ops: readonly Op[], within = budget): [CheckResult, LinearizabilityMeasures] => {
  const [result] = runCheckers([createLinearizability()], recordsOf(ops), within);
  return [result!, result!.measures as unknown as LinearizabilityMeasures];
};

/** Histories of several keys one after the other. */
function joined(stories: Record<string, readonly Op[]>): Op[] {
  const ops = Object.entries(stories).flatMap(([key, story], at) =>
    story.map((op) => ({
      ...op,
      process: (op.process as number) + 1000 * at,
      value: [key, (op.value as [unknown, unknown])[1]],
    })),
  );
  return ops.map((op, index) => ({ ...op, index, timeNs: index * 10e6 }));
}

const fine = told("0 write a", "0 ok", "1 read", "1 ok a");
const lost = told("0 write a", "0 ok", "1 read", "1 ok absent");

/**
 * Twice as many cas from a to b as back, all at once. Values repeat, so the exact rules say nothing, and
 * that it cannot be is seen only after trying the ways to go to and fro.
 */
function hard(width: number): Op[] {
  const story = ["900 write a", "900 ok", "900 write a", "900 ok"];
  const processes = Array.from({ length: width }, (_, at) => at);
  for (const at of processes) story.push(`${at} cas ${at % 3 === 0 ? "b a" : "a b"}`);
  return told(...story, ...processes.map((at) => `${at} ok`));
}

describe("every key is judged by itself", () => {
  test("a violation of one is not masked by the others", () => {
    const [{ verdict, anomalies, summary }, measures] = check(joined({ fine, lost, other: fine }));
    expect(verdict).toBe("invalid");
    expect(anomalies.map(({ keys }) => keys)).toEqual([["lost"]]);
    expect(summary).toMatch(/^lost write: read lost → absent/);
    expect(measures).toMatchObject({
      keys: 3,
      operations: 6,
      decidedByZones: 2,
      violated: ["lost"],
    });
  });

  test("several violated keys are counted in the summary", () => {
    const [{ summary, anomalies }] = check(joined({ a: lost, b: lost, c: fine }));
    expect(anomalies).toHaveLength(2);
    expect(summary).toContain("(2 of 3 keys are affected)");
  });

  test("of very many violated keys the first twenty are told in full", () => {
    const stories = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`k${at}`, lost]));
    const [{ anomalies }, { violated }] = check(joined(stories));
    expect([anomalies.length, violated.length]).toEqual([20, 30]);
  });
});

describe("a key that is too hard for the budget", () => {
  test("is unknown, named with its operations and the cause; the others are decided", () => {
    let nowMs = 0;
    const within = { nowMs: () => nowMs++, deadlineMs: 20, memoryBytes: 1e9 };
    const [{ verdict, summary }, measures] = check(joined({ fine, hard: hard(28) }), within);
    expect(verdict).toBe("unknown");
    expect(summary).toMatch(
      /^1 of 2 keys are linearizable; key hard \(30 operations\) was not decided: the time for checking ran out\. Give it more/,
    );
    expect(measures.undecided).toEqual([
      { key: "hard", operations: 30, cause: "the time for checking ran out" },
    ]);
  });

  test("does not mask a violation elsewhere", () => {
    const within = { ...budget, memoryBytes: 1e5 };
    const [{ verdict }, measures] = check(
      joined({ lost, hard: hard(28), harder: hard(29) }),
      within,
    );
    expect(verdict).toBe("invalid");
    expect(measures.undecided.map(({ cause }) => cause)).toEqual([
      "the memory for checking ran out",
      "the memory for checking ran out",
    ]);
  });

  test("a small one of its kind is decided by search", () => {
    const [{ verdict }, measures] = check(hard(6));
    expect(verdict).toBe("invalid");
    expect(measures.decidedByZones).toBe(0);
  });
});

describe("while the run goes on", () => {
  test("a violation is found within a second of the history", () => {
    const checker = createLinearizability();
    const later = told(...Array.from({ length: 60 }, () => ["0 read", "0 ok absent"]).flat());
    let foundAtNs: number | undefined;
    for (const record of recordsOf(joined({ lost, later }))) {
      checker.observe(record);
      if (checker.found.length > 0 && record.type === "op") foundAtNs ??= record.op.timeNs;
    }
    expect(foundAtNs).toBeLessThan(1.2e9);
    expect(checker.finish(budget).anomalies).toHaveLength(1);
  });

  test("an operation under way is no violation, whatever comes of it", () => {
    const checker = createLinearizability();
    const waiting = told(...Array.from({ length: 120 }, () => ["0 read", "0 ok a"]).flat());
    const ops = joined({ k: told("0 write a"), other: told("0 write a", "0 ok") });
    const story = [...ops, ...joined({ x: [], y: [], k: waiting })].map((op, index) => ({
      ...op,
      index,
      timeNs: index * 10e6,
    }));
    for (const record of recordsOf(story)) checker.observe(record);
    expect(checker.found).toEqual([]);
    expect(checker.finish(budget).verdict).toBe("valid");
  });
});

describe("a history that is no register history", () => {
  test.each<[string, Partial<Op>]>([
    ["an unknown function", { f: "append" }],
    ["a value without a key", { value: "a" }],
    ["a cas without its pair", { f: "cas", value: ["k", "a"] }],
  ])("%s makes the verdict unknown", (_, wrong) => {
    const [{ verdict, summary }] = check([{ ...fine[0]!, ...wrong }]);
    expect([verdict, summary]).toEqual([
      "unknown",
      "the history is not sound: op 0 is no operation on a register",
    ]);
  });

  test("the nemesis is no client", () => {
    const nemesis: Op = { ...fine[0]!, process: "nemesis", type: "info", f: "inject", value: null };
    expect(check([nemesis])[0].verdict).toBe("valid");
  });

  test("keys and values that are no strings are told apart by type", () => {
    const ops = fine.map((op): Op => ({
      ...op,
      value: [7, op.type === "ok" && op.f === "read" ? "1" : op.f === "write" ? 1 : null],
    }));
    expect(check(ops)[0].summary).toMatch(/^value from nowhere: read 7 → "1"/);
  });
});

test("a cas to the value it expects, without an answer, claims nothing", () => {
  const ops = told("0 cas a a", "0 info", "1 delete", "1 fail", "2 cas b c", "2 fail");
  expect(check(ops)[0].verdict).toBe("valid");
});
