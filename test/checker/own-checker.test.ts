import { describe, expect, test } from "vitest";
import type { Model } from "../../checker/linearizability/model.ts";
import { createOwnChecker, type OwnChecker } from "../../checker/own-checker.ts";
import { linearizable } from "../../checker/own-linearizability.ts";
import type { CheckResult } from "../../checker/verdict.ts";
import { recordsOf, told } from "./told-history.ts";

const budget = { nowMs: () => 0, deadlineMs: 1, memoryBytes: 1e9 };

function judge(own: OwnChecker, ...lines: string[]): CheckResult {
  const checker = createOwnChecker(own);
  for (const record of recordsOf(told(...lines))) checker.observe(record);
  return checker.finish(budget);
}

/** A register that holds the last value written, null at first. */
const model: Model<unknown, { readonly f: string; readonly value: unknown }> = {
  init: () => null,
  step: (state, { f, value }) => {
    if (f === "write") return value;
    return value === undefined || value === state ? state : undefined;
  },
  equal: (a, b) => a === b,
  describe: ({ f, value }) => `${f} ${String(value)}`,
};
const own = linearizable({
  name: "one-register",
  rule: "A read sees the last write.",
  model,
  inputOf: ({ f, value }, ok) => ({
    f,
    value: ((f === "read" ? ok?.value : value) as readonly unknown[] | undefined)?.[1],
  }),
});

describe("an object of one's own", () => {
  test("is linearizable where its model can follow", () => {
    const result = judge(own, "0 write a", "1 read", "0 ok", "1 ok a", "0 write b", "0 fail x");
    expect(result).toMatchObject({ checker: "one-register", verdict: "valid" });
    expect(result.summary).toBe("2 operations, linearizable");
  });

  test("what may have happened may be seen, or not", () => {
    expect(judge(own, "0 write a", "0 info timeout", "1 read", "1 ok a").verdict).toBe("valid");
    expect(judge(own, "0 write a", "0 info timeout", "1 read", "1 ok absent").verdict).toBe(
      "valid",
    );
  });

  test("is not, and the operations that prove it are told", () => {
    const result = judge(own, "0 write a", "0 ok", "0 write b", "0 ok", "1 read", "1 ok a");
    expect(result.verdict).toBe("invalid");
    const [anomaly] = result.anomalies;
    expect(anomaly?.sentence).toContain("read a fits nowhere");
    expect(anomaly?.evidence.map(({ who }) => who)).toContain("process 1");
  });

  test("is not judged by what looks in the end whether the rest of a cluster serves", () => {
    const checker = createOwnChecker(own);
    const at = { index: 0, timeNs: 0 };
    const value = { id: "serve", kind: "liveness", phase: "confirmed" };
    const begin = { ...at, process: "nemesis", type: "info", f: "liveness", value } as const;
    for (const record of recordsOf(told("0 write a", "0 ok"))) checker.observe(record);
    checker.observe({ type: "op", op: begin });
    for (const record of recordsOf(told("1 read", "1 ok absent"))) checker.observe(record);
    expect(checker.finish(budget)).toMatchObject({
      verdict: "valid",
      summary: "1 operations, linearizable",
    });
  });

  test("that can't be decided in time is unknown, with the cause", () => {
    const checker = createOwnChecker(own);
    const count = 14;
    const calls = Array.from({ length: count }, (_, i) => [`${i} write v${i}`, `${20 + i} read`]);
    const answers = Array.from({ length: count }, (_, i) => [`${i} ok`, `${20 + i} ok v${13 - i}`]);
    const lines = [...calls, ...answers].flat();
    for (const record of recordsOf(told(...lines))) checker.observe(record);
    let nowMs = 0;
    const result = checker.finish({ ...budget, nowMs: () => nowMs++ });
    expect(result.verdict).toBe("unknown");
    expect(result.summary).toMatch(/^the object, 28 operations: /);
  });
});

describe("a checker of one's own", () => {
  const twice: OwnChecker = {
    name: "never-twice",
    rule: "Nothing is written twice.",
    create: (report) => {
      const seen = new Set<string>();
      return {
        observe(op) {
          if (op.type !== "invoke" || op.f !== "write") return;
          const text = JSON.stringify(op.value);
          if (seen.has(text)) report({ sentence: `${text} again`, ops: [op] });
          seen.add(text);
        },
      };
    },
  };

  test("says its rule where there is nothing to report", () => {
    expect(judge(twice, "0 write a", "0 ok")).toEqual({
      checker: "never-twice",
      verdict: "valid",
      summary: "Nothing is written twice.",
      anomalies: [],
    });
  });

  test("is invalid from its first report on; what is the same is counted", () => {
    const checker = createOwnChecker(twice);
    const lines = ["0 write a", "0 ok", "0 write a", "0 ok", "0 write a", "0 ok"];
    for (const record of recordsOf(told(...lines))) checker.observe(record);
    expect(checker.found).toHaveLength(1);
    const { verdict, anomalies } = checker.finish(budget);
    expect(verdict).toBe("invalid");
    expect(anomalies[0]).toMatchObject({ property: "never-twice", count: 2 });
  });
});
