import { describe, expect, test } from "vitest";
import type { Checker } from "../../../checker/checker.ts";
import { createBankChecker } from "../../../checker/workloads/bank.ts";
import { createCounterChecker } from "../../../checker/workloads/counter.ts";
import { createLockChecker } from "../../../checker/workloads/lock.ts";
import { createQueueChecker } from "../../../checker/workloads/queue.ts";
import { createSetChecker } from "../../../checker/workloads/set.ts";
import { createUniqueIdsChecker } from "../../../checker/workloads/unique-ids.ts";
import { judge, told, type ValueOf } from "./told.ts";

/** A story, and the first sentence about it; none: it is valid. */
type Case = readonly [name: string, story: string, sentence?: string | undefined];

function expectAll(create: () => Checker, cases: readonly Case[], valueOf?: ValueOf): void {
  test.each(cases.map(([name, ...rest]) => ({ name, rest })))("$name", ({ rest }) => {
    const [story, sentence] = rest;
    const checker = create();
    const { verdict, anomalies } = judge(checker, told(story.split(", "), valueOf));
    expect(anomalies[0]?.sentence).toBe(sentence);
    expect(verdict).toBe(sentence === undefined ? "valid" : "invalid");
  });
}

describe("set", () => {
  expectAll(createSetChecker, [
    ["all is there", "0 add x, 0 ok, 1 read, 1 ok x"],
    ["an add that is under way may be seen or not", "0 add x, 1 read, 1 ok x, 0 ok"],
    ["one that is under way may be missed", "1 read, 0 add x, 0 ok, 1 ok"],
    ["an add without an answer may be seen late", "0 add x, 0 info, 1 read, 1 ok, 1 read, 1 ok x"],
    ["or never", "0 add x, 0 info, 1 read, 1 ok, 1 add y, 1 ok, 1 read, 1 ok y"],
    [
      "lost",
      "0 add x, 0 ok, 1 read, 1 ok x, 1 read, 1 ok, 1 read, 1 ok",
      'lost element: "x", acknowledged at 0.01 s, is gone: last seen at 0.03 s, ' +
        "and missing from what was read of k7 from 0.05 s on",
    ],
    [
      "lost before anybody saw it",
      "0 add x, 0 ok, 1 read, 1 ok",
      'lost element: "x", acknowledged at 0.01 s, is gone: never seen, ' +
        "and missing from what was read of k7 from 0.03 s on",
    ],
    [
      "late",
      "0 add x, 0 ok, 1 read, 1 ok, 1 read, 1 ok x",
      'stale read: "x", acknowledged at 0.01 s, is missing from what was read of k7 at 0.03 s, ' +
        "and there again at 0.05 s",
    ],
    [
      "what was seen once counts, answered or not",
      "0 add x, 0 info, 1 read, 1 ok x, 1 read, 1 ok",
      'lost element: "x", seen at 0.03 s, is gone: last seen at 0.03 s, ' +
        "and missing from what was read of k7 from 0.05 s on",
    ],
    [
      "from nowhere",
      "1 read, 1 ok x",
      'element from nowhere: "x" was read of k7 at 0.01 s, and nobody had added it',
    ],
    [
      "refused, and there all the same",
      "0 add x, 1 read, 1 ok x, 0 fail",
      'element that was refused: "x" was read of k7 at 0.02 s, but adding it failed for sure at 0.03 s',
    ],
    [
      "twice",
      "0 add x, 0 ok, 1 read, 1 ok x x",
      'added twice: "x" is twice in what was read of k7 at 0.03 s',
    ],
    [
      "reads that disagree about what came first",
      "0 add x, 1 add y, 2 read, 3 read, 2 ok x, 3 ok y",
      'reads that disagree: one of k7 at 0.04 s saw "x" and not "y", one at 0.05 s "y" and not "x"',
    ],
    [
      "an element seen without one that came before",
      "2 read, 0 add x, 0 ok, 0 add y, 2 ok y",
      'skipped element: a read of k7 at 0.04 s saw "y", but not "x", which was acknowledged at ' +
        '0.02 s, before "y" was added',
    ],
  ]);

  test("is suspicious as soon as something is missing, so that a run can end early", () => {
    const checker = createSetChecker();
    const ops = told(["0 add x", "0 ok", "1 read", "1 ok"]);
    for (const op of ops) checker.observe({ type: "op", op });
    expect(checker.found.map(({ sentence }) => sentence)).toEqual([
      'missing element: "x", acknowledged at 0.01 s, is not in what was read of k7 at 0.03 s',
    ]);
  });
});

describe("counter", () => {
  const numbers: ValueOf = (f, rest, isAnswer) => {
    if (f === "read") return isAnswer ? Number(rest[0]) : null;
    return isAnswer ? undefined : Number(rest[0]);
  };
  expectAll(
    createCounterChecker,
    [
      ["counts", "0 add 3, 0 ok, 1 read, 1 ok 3"],
      ["what is under way may count", "0 add 3, 0 ok, 0 add 4, 1 read, 1 ok 7, 1 read, 1 ok 7"],
      ["what is not known may count late", "0 add 3, 0 info, 1 read, 1 ok 0, 1 read, 1 ok 3"],
      ["what was refused does not", "0 add 3, 0 fail, 1 read, 1 ok 0"],
      [
        "too little",
        "0 add 3, 0 ok, 1 read, 1 ok 2",
        "lost add: read k7 → 2 at 0.03 s, but 3 had been added and acknowledged when it was called",
      ],
      [
        "too much",
        "0 add 3, 0 ok, 1 read, 1 ok 6",
        "added too much: read k7 → 6 at 0.03 s, but all that anyone had asked to add by then comes to 3",
      ],
      [
        "what failed only after it had been read",
        "0 add 2, 0 ok, 0 add 5, 1 read, 1 ok 7, 0 fail",
        "added too much: read k7 → 7 at 0.04 s, but adding 5 failed for sure at 0.05 s, and all else " +
          "that anyone had asked to add by then comes to 2",
      ],
      ["what failed before it was read", "0 add 2, 0 ok, 0 add 5, 0 fail, 1 read, 1 ok 2"],
      [
        "going back",
        "0 add 3, 1 read, 1 ok 3, 1 read, 1 ok 0",
        "counter went back: read k7 → 0 at 0.04 s, but at least 3 was there since the read at 0.02 s",
      ],
      [
        "less than an earlier read and what was added after it",
        "0 add 3, 1 read, 1 ok 3, 2 add 2, 2 ok, 1 read, 1 ok 4",
        "counter went back: read k7 → 4 at 0.06 s, but at least 5 was there since the read at 0.02 s",
      ],
    ],
    numbers,
  );
});

describe("bank", () => {
  const balances: ValueOf = (f, rest, isAnswer) =>
    f === "read" && isAnswer
      ? rest.map((word) => (word === "-" ? null : Number(word)))
      : isAnswer
        ? undefined
        : null;
  expectAll(
    createBankChecker,
    [
      ["the total stays", "1 read, 1 ok - -, 1 read, 1 ok 7 13"],
      [
        "half of a transfer",
        "1 read, 1 ok - -, 1 read, 1 ok 7 -",
        "wrong total: the 2 accounts of k7 hold 17 at 0.03 s, and must hold 20, as they did at 0.01 s",
      ],
      [
        "money that was not there",
        "1 read, 1 ok -1 21",
        "negative balance: account 1 of k7 holds -1 at 0.01 s, and nobody can take what is not there",
      ],
    ],
    balances,
  );
});

describe("unique ids", () => {
  expectAll(
    createUniqueIdsChecker,
    [
      ["each has its own", "0 generate 1, 1 generate 2, 0 ok, 1 ok"],
      ["who got no answer got no id", "0 generate 1, 0 info, 1 generate 1, 1 ok"],
      [
        "one for two",
        "0 generate 1, 0 ok, 1 generate 1, 1 ok",
        "duplicate id: k7 gave 1 at 0.01 s and again at 0.03 s",
      ],
    ],
    (_, rest, isAnswer) => (isAnswer ? undefined : Number(rest[0])),
  );
});

describe("queue", () => {
  const filled = "0 enqueue x, 0 ok, 0 enqueue y, 0 ok";
  expectAll(createQueueChecker, [
    ["first in, first out", `${filled}, 1 dequeue, 1 ok x, 1 dequeue, 1 ok y, 1 dequeue, 1 ok`],
    ["what is still in is not lost", `${filled}, 1 dequeue, 1 ok x, 1 read, 1 ok y`],
    [
      "a dequeue without an answer may have taken it",
      `${filled}, 1 dequeue, 1 info, 2 read, 2 ok y`,
    ],
    [
      "an enqueue without an answer may come late",
      "0 enqueue x, 0 info, 1 dequeue, 1 ok, 1 dequeue, 1 ok x",
    ],
    ["empty while one is going in", "0 enqueue x, 1 dequeue, 1 ok, 0 ok"],
    [
      "twice",
      `${filled}, 1 dequeue, 1 ok x, 1 dequeue, 1 ok x`,
      'element twice: "x" was taken from k7 at 0.05 s, and was taken from k7 at 0.07 s again',
    ],
    [
      "taken, and still there",
      `${filled}, 1 dequeue, 1 ok x, 1 read, 1 ok x y`,
      'element twice: "x" was taken from k7 at 0.05 s, and was in k7 at 0.07 s again',
    ],
    [
      "from nowhere",
      "1 dequeue, 1 ok x",
      'element from nowhere: "x" was in k7 at 0.01 s, and nobody had added it',
    ],
    [
      "refused, and there all the same",
      "0 enqueue x, 0 fail, 1 dequeue, 1 ok x",
      'element that was refused: "x" was in k7 at 0.03 s, but adding it failed for sure at 0.01 s',
    ],
    [
      "overtaken",
      `${filled}, 1 dequeue, 1 ok y, 1 dequeue, 1 ok x`,
      'out of order: "x" was in k7 before "y" was added, but "y" was taken at 0.05 s, when "x" was still in',
    ],
    [
      "overtaken, as a read shows",
      `${filled}, 1 read, 1 ok y x`,
      'out of order: "x" was in k7 before "y" was added, but "y" stood in front of it at 0.05 s, ' +
        'when "x" was still in',
    ],
    [
      "empty, though one was in",
      `${filled}, 1 dequeue, 1 ok, 1 dequeue, 1 ok x, 1 dequeue, 1 ok y`,
      'empty though it was not: a dequeue of k7 found nothing at 0.05 s, but "y" was in all the time',
    ],
    [
      "empty, though one or the other was in",
      "0 enqueue x, 0 ok, 1 dequeue, 0 enqueue y, 0 ok, 2 dequeue, 2 ok x, 1 ok, 2 dequeue, 2 ok y",
      'empty though it was not: a dequeue of k7 found nothing at 0.07 s, but one of "x", "y" was in all the time',
    ],
    [
      "lost, as one that came later shows",
      `${filled}, 1 dequeue, 1 ok y`,
      'lost element: "x", added to k7 and acknowledged at 0.01 s, is gone, and nobody was given it: ' +
        '"y", which was added after it, was taken at 0.05 s',
    ],
    [
      "lost, as a read shows",
      `${filled}, 1 read, 1 ok y`,
      'lost element: "x", added to k7 and acknowledged at 0.01 s, is gone, and nobody was given it: ' +
        "missing from what was read of k7 at 0.05 s",
    ],
    [
      "two are gone, and one dequeue got no answer",
      `${filled}, 1 dequeue, 1 info, 2 dequeue, 2 ok`,
      'lost element: "x", added to k7 and acknowledged at 0.01 s, is gone, and nobody was given it: ' +
        "k7 was empty at 0.07 s (the one dequeue without an answer until then can have taken only others)",
    ],
    [
      "missing from a read, and still in",
      `${filled}, 1 read, 1 ok x, 1 dequeue, 1 ok x, 1 dequeue, 1 ok y`,
      'stale read: "y", added at 0.03 s, is missing from what was read of k7 at 0.05 s, and was still in at 0.09 s',
    ],
  ]);
});

describe("lock", () => {
  const grants: ValueOf = (f, [token, owner], isAnswer) => {
    if (f === "read" && !isAnswer) return null;
    if (f !== "read" && isAnswer) return undefined;
    return { token: Number(token), owner: owner ?? null };
  };
  const held = "0 acquire 1 a, 0 ok";
  expectAll(
    createLockChecker,
    [
      [
        "one after the other",
        `${held}, 0 release 1 a, 0 ok, 1 acquire 2 b, 1 ok, 2 read, 2 ok 2 b`,
      ],
      [
        "a release that is under way may have happened",
        `${held}, 0 release 1 a, 1 acquire 2 b, 1 ok, 0 ok`,
      ],
      [
        "who got no answer may have it",
        "0 acquire 1 a, 0 info, 1 release 1 a, 1 ok, 1 read, 1 ok 1",
      ],
      ["and may not", "0 acquire 1 a, 0 info, 1 acquire 1 b, 1 ok"],
      ["free at first", "0 read, 0 ok 0"],
      [
        "who was refused does not stand in the way of who may have had it",
        "0 acquire 1 a, 0 fail, 0 release 1 a, 0 info, 1 acquire 1 b, 1 info, 2 release 1 b, 2 info, " +
          "3 acquire 2 c, 3 ok",
      ],
      [
        "a token that is far too large",
        "1 read, 1 ok 900000000 x",
        "token from nowhere: read k7 → held by x with token 900000000 was answered at 0.01 s, so " +
          "somebody must have been given token 1; but nobody had asked for it",
      ],
      [
        "two holders",
        `${held}, 1 acquire 2 b, 1 ok, 0 release 1 a, 0 ok`,
        "two holders: b was given token 2 of k7 at 0.03 s, before a asked to release token 1, which it held",
      ],
      [
        "two holders, one of which never asks for its release",
        `${held}, 1 acquire 2 b, 1 ok`,
        "two holders: a was given token 1 of k7 at 0.01 s and had not asked to release it, but " +
          "b was given token 2 at 0.03 s",
      ],
      [
        "one token for two",
        `${held}, 1 acquire 1 b, 1 ok`,
        "two holders: token 1 of k7 belongs to a at 0.01 s and to b at 0.03 s",
      ],
      [
        "gone from who holds it",
        `${held}, 0 release 1 a, 0 fail`,
        "lost lock: a was given token 1 of k7 at 0.01 s, and nobody asked to release it, but it no " +
          "longer held it at 0.03 s",
      ],
      [
        "free though nobody released it",
        `${held}, 1 read, 1 ok 1`,
        "lost lock: a was given token 1 of k7 at 0.01 s and had not asked to release it, but it was " +
          "free at 0.03 s",
      ],
      [
        "an older state",
        `${held}, 1 read, 1 ok 0`,
        "token went back: acquire k7 with token 1 as a was answered at 0.01 s, before read k7 → free " +
          "after token 0 was asked, which must come before it",
      ],
      [
        "refused, and given all the same",
        "0 acquire 1 a, 0 fail, 1 read, 1 ok 1 a",
        "token from nowhere: read k7 → held by a with token 1 was answered at 0.03 s, so somebody " +
          "must have been given token 1; but a, who asked for it, was refused for sure at 0.01 s",
      ],
    ],
    grants,
  );
});

test.each<[name: string, create: () => Checker, answer: unknown, shown: string]>([
  ["set", createSetChecker, "x y", '"x y"'],
  ["queue", createQueueChecker, 7, "7"],
  ["bank", createBankChecker, [], "[]"],
  ["bank", createBankChecker, [10, "x"], '[10,"x"]'],
  ["lock", createLockChecker, { token: Number.NaN, owner: null }, '{"token":null,"owner":null}'],
  ["lock", createLockChecker, null, "null"],
])(
  "an answer to a %s that is none is told, and nothing else is made of it",
  (...[, create, answer, shown]) => {
    const ops = told(["0 read", "0 ok"], (_f, _words, isAnswer) => (isAnswer ? answer : null));
    const { verdict, anomalies } = judge(create(), ops);
    expect(verdict).toBe("invalid");
    expect(anomalies.map(({ sentence }) => sentence)).toEqual([
      `no answer: read k7 → ${shown} at 0.01 s`,
    ]);
  },
);

test("a history that contradicts itself proves nothing; what it seems to show is told", () => {
  const [, answer] = told(["0 read", "0 ok x"]);
  const { verdict, anomalies, summary } = judge(createSetChecker(), [
    ...told(["1 read", "1 ok x"]),
    { ...answer!, index: 2 },
  ]);
  expect([verdict, anomalies]).toEqual(["unknown", []]);
  expect(summary).toBe(
    "the history is not sound: op 2: process 0 completes an operation that was never invoked; as it " +
      'stands it would show: element from nowhere: "x" was read of k7 at 0.01 s, and nobody had added it',
  );
});
