import type { CheckBudget } from "../../../checker/checker.ts";
import { describe, expect, test } from "vitest";
import {
  checkTransactions,
  type TransactionMeasures,
} from "../../../checker/transactions/check-transactions.ts";
import { MODEL_NAMES } from "../../../checker/transactions/models.ts";
import { transactions } from "./told-transactions.ts";

/** What the history shows (by name), the weakest models that it violates, and the history. */
const LISTS: readonly (readonly [names: string, violates: string, ...story: string[]])[] = [
  ["", "", "0-1 ax1 rx1", "2-3 rx1 ry", "4-5 ay2 rx1 ry2"],
  ["", "", "0-1 ax1 fail", "2-3 rx"],
  ["", "", "0-1 ax1 info", "2-3 rx", "4-5 rx1"],
  ["", "", "0-9 ax1", "1-8 ax2", "2-7 ax3"],
  ["G0", "read-uncommitted", "0-8 ax1 ay1", "1-9 ax2 ay2", "10-11 rx12 ry21"],
  ["G0", "read-uncommitted", "0-8 ax1 ax3", "1-9 ax2", "10-11 rx123"],
  ["G1a", "read-committed", "0-1 ax1 fail", "2-3 rx1"],
  ["G1b G-single", "read-committed", "0-8 ax1 ax2", "1-9 rx1", "10-11 rx12"],
  ["G1c", "read-committed", "0-8 ax1 ry2", "1-9 ay2 rx1"],
  ["G-single", "consistent-view", "0-8 ax1 ay1", "1-9 rx1 ry", "10-11 rx1 ry1"],
  ["lost-update G-single", "consistent-view", "0-8 rx ax1", "1-9 rx ax2", "10-11 rx12"],
  ["G2-item", "serializable", "0-8 rx ay1", "1-9 ry ax2", "10-11 rx2 ry1"],
  ["G2-item", "serializable", "0-8 rx ay1", "1-9 ry ax2"],
  [
    "G-nonadjacent",
    "snapshot-isolation",
    "0-6 ax1",
    "1-7 ay1",
    "2-8 rx1 ry",
    "3-9 rx ry1",
    "10-11 rx1 ry1",
  ],
  ["internal", "read-atomic", "0-1 ax1 rx", "2-3 rx1"],
  ["internal", "read-atomic", "0-8 rx rx1", "1-9 ax1"],
  ["future-read", "read-atomic", "0-1 rx1 ax1"],
  ["duplicate-elements", "read-uncommitted", "0-1 ax1", "2-3 rx11"],
  // Whichever of its places was the right one: nothing is said to come before or after it.
  ["duplicate-elements", "read-uncommitted", "0-1 ax1", "2-3 ax2", "4-5 ax3", "6-7 rx1213"],
  ["duplicate-elements", "read-uncommitted", "0-1 ax2", "2-3 ax1", "4-5 rx121"],
  ["incompatible-order", "read-uncommitted", "0-8 ax1", "1-9 ax2", "10-11 rx12", "12-13 rx21"],
  ["garbage-read", "read-uncommitted", "0-1 rx1"],
  ["G-single-process", "strong-session-snapshot-isolation", "p0 0-1 ax1", "p0 2-3 rx", "4-5 rx1"],
  ["G1c-process", "strong-session-snapshot-isolation", "p0 0-1 rx1", "p0 2-3 ax1"],
  ["G-single-realtime", "strong-snapshot-isolation", "0-1 ax1", "2-3 rx", "4-5 rx1"],
  ["G0-realtime", "strong-snapshot-isolation", "0-1 ax1", "2-3 ax2", "4-5 rx21"],
  ["G1c-realtime", "strong-snapshot-isolation", "0-1 rx1", "2-3 ax1"],
  ["G2-item-realtime", "strict-serializable", "0-9 rx ay1", "1-2 ax2", "3-4 ry"],
  // An unknown outcome that was seen has happened, all of it.
  ["G-single", "consistent-view", "0-1 ax1 ay1 info", "2-9 rx1 ry", "10-11 rx1 ry1"],
];

const REGISTERS: typeof LISTS = [
  ["", "", "0-1 wx1 rx=1", "2-3 rx=1 ry", "4-5 wy2 rx=1 ry=2"],
  ["", "", "0-1 wx1 info", "2-3 rx", "4-5 rx=1"],
  ["G1a", "read-committed", "0-1 wx1 fail", "2-3 rx=1"],
  ["G1b", "read-committed", "0-8 wx1 wx2", "1-9 rx=1"],
  ["G1c", "read-committed", "0-8 wx1 ry=2", "1-9 wy2 rx=1"],
  ["G-single", "consistent-view", "0-8 wx1 wy1", "1-9 rx=1 ry"],
  ["G2-item", "serializable", "0-8 rx wy1", "1-9 ry wx2"],
  ["internal", "read-atomic", "0-1 wx1 rx", "2-3 rx=1"],
  ["future-read", "read-atomic", "0-1 rx=1 wx1"],
  ["garbage-read", "read-uncommitted", "0-1 rx=1"],
  ["G-single-process", "strong-session-snapshot-isolation", "p0 0-1 wx1", "p0 2-3 rx", "4-5 rx=1"],
  ["G-single-realtime", "strong-snapshot-isolation", "0-1 wx1", "2-3 wx2", "4-5 rx=1"],
  ["G1c-realtime", "strong-snapshot-isolation", "0-1 rx=1", "2-3 wx1"],
];

describe.each([...LISTS, ...REGISTERS])('"%s" violates %s', (names, violates, ...story) => {
  const operations = transactions(...story);
  const { verdict, measures, anomalies } = checkTransactions(operations);
  const found = measures as unknown as TransactionMeasures;

  test("is found, no more and no less", () => {
    expect(Object.keys(found.anomalies).join(" ")).toBe(names);
    expect(found.violates.join(" ").split(" ")[0]).toBe(violates);
    expect(verdict).toBe(names === "" ? "valid" : "invalid");
  });

  test("is a violation of what is as strong, and of nothing weaker", () => {
    const [weakest] = found.violates;
    const from = weakest === undefined ? MODEL_NAMES.length : MODEL_NAMES.indexOf(weakest);
    for (const model of MODEL_NAMES.slice(0, from)) {
      expect(checkTransactions(operations, { model }).verdict, model).toBe("valid");
    }
    if (weakest !== undefined) {
      expect(checkTransactions(operations, { model: weakest }).verdict).toBe("invalid");
    }
  });

  test("is told with the transactions that prove it", () => {
    for (const { sentence, evidence } of anomalies) {
      expect(sentence).toMatch(/^[A-Za-z0-9-]+ \(.+\): .+/);
      expect(sentence).not.toMatch(/undefined/);
      expect(evidence.length).toBeGreaterThan(0);
    }
  });
});

test("an explanation names what every edge leans on", () => {
  const { summary } = checkTransactions(transactions("0-1 ax1", "2-3 rx", "4-5 rx1"));
  expect(summary).toBe(
    "G-single-realtime (read skew: a transaction saw the effects of another and missed those of one before " +
      "it, against the order of real time): T1 read [] of x without 1, which T2 appended; T2 was answered " +
      "at 0.01 s, before T1 was invoked at 0.02 s (the weakest model that this violates: " +
      "strong-snapshot-isolation)",
  );
});

test.each([
  [
    ["0-8 ax1 ax2", "1-9 rx1", "10-11 rx12"],
    "T1 read [1] of x without 2, which T2 appended; T1 read 1 of x, which T2 had appended",
  ],
  [
    ["0-8 ax1 ax3", "1-9 ax2", "10-11 rx123"],
    "T1 appended 1 to x before T2 appended 2; T2 appended 2 to x before T1 appended 3",
  ],
])("%j names the elements that the order is told by", (story, told) => {
  const sentences = checkTransactions(transactions(...story)).anomalies.map((one) => one.sentence);
  expect(
    sentences.some((sentence) => sentence.endsWith(told)),
    sentences.join("\n"),
  ).toBe(true);
});

describe("beyond the budget it says what was left undecided, and why", () => {
  const skewed = transactions("0-8 ax1 ay1", "1-9 rx1 ry", "10-11 rx1 ry1");
  /** Time is up when it has been looked at so often. */
  const looks = (count: number): CheckBudget => {
    let looked = 0;
    return { nowMs: () => ++looked, deadlineMs: count, memoryBytes: 1e9 };
  };

  test.each([1, 2, 3])("of time, when it is looked at for the %ith time", (count) => {
    const { verdict, summary, anomalies } = checkTransactions(skewed, {}, looks(count));
    expect({ verdict, anomalies }).toEqual({ verdict: "unknown", anomalies: [] });
    expect(summary).toBe(
      "whether 3 transactions on 2 keys are strict-serializable was not decided: the time for checking ran " +
        "out. Give it more with --check-timeout or --check-memory, or use fewer transactions",
    );
  });

  test("of time, but what was found until then counts", () => {
    expect(checkTransactions(skewed, {}, looks(5)).verdict).toBe("invalid");
    const twice = transactions("0-1 ax1", "2-3 rx11", "4-5 ry2");
    expect(checkTransactions(twice, {}, looks(1)).verdict).toBe("invalid");
  });

  test("of memory", () => {
    const budget = { ...looks(100), memoryBytes: 1000 };
    const { verdict, summary } = checkTransactions(skewed, {}, budget);
    expect(verdict).toBe("unknown");
    expect(summary).toContain("the memory for checking would not suffice");
  });
});
