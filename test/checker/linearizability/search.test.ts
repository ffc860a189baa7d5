import { describe, expect, test } from "vitest";
import { judgeKey } from "../../../checker/linearizability/judge-key.ts";
import {
  type Interval,
  isLinearization,
  type Model,
} from "../../../checker/linearizability/model.ts";
import { intervalOf, registerModel } from "../../../checker/linearizability/register.ts";
import { show } from "../../../checker/linearizability/register-operation.ts";
import { setModel } from "../../../checker/linearizability/models/set.ts";
import { search } from "../../../checker/linearizability/search.ts";
import { createPrng } from "../../../src/base/prng.ts";
import { randomHistory } from "./random-history.ts";

const budget = { nowMs: () => 0, deadlineMs: 1, memoryBytes: 1e9 };

interface QueueInput {
  readonly push?: number;
  readonly pop?: number;
}

/** Another object behind the same interface. Its states are lists, so equality is not identity. */
const queueModel: Model<readonly number[], QueueInput> = {
  init: () => [],
  step: (state, { push, pop }) => {
    if (push !== undefined) return [...state, push];
    return state[0] === pop ? state.slice(1) : undefined;
  },
  equal: (a, b) => a.join() === b.join(),
  describe: ({ push, pop }) => (push === undefined ? `pop ${pop}` : `push ${push}`),
};

const queue = (...rows: [number, number, QueueInput][]): Interval<QueueInput>[] =>
  rows.map(([call, returned, input]) => ({ call, return: returned, input, isCertain: true }));

describe("the search takes any model", () => {
  test("a queue that is linearizable comes with an order that replays", () => {
    const operations = queue(
      [0, 5, { push: 1 }],
      [1, 6, { push: 2 }],
      [7, 8, { pop: 2 }],
      [9, 10, { pop: 1 }],
    );
    const outcome = search(queueModel, operations, { budget });
    expect(outcome).toEqual({ type: "linearizable", order: [1, 0, 2, 3] });
    expect(isLinearization(queueModel, operations, [1, 0, 2, 3])).toBe(true);
  });

  test("one that is not names the operation that could not be placed", () => {
    const operations = queue([0, 1, { push: 1 }], [2, 3, { push: 2 }], [4, 5, { pop: 2 }]);
    expect(search(queueModel, operations, { budget })).toMatchObject({
      type: "not-linearizable",
      stuck: 2,
    });
    expect(queueModel.describe(operations[2]!.input)).toBe("pop 2");
  });

  test("equal configurations are met once only", () => {
    const operations = queue(
      ...Array.from({ length: 9 }, (_, at): [number, number, QueueInput] => [at, 50, { push: 1 }]),
      [60, 61, { pop: 7 }],
    );
    expect(search(queueModel, operations, { budget })).toMatchObject({ usedMemo: true });
    expect(search(queueModel, operations.slice(5), { budget, useMemo: false })).toMatchObject({
      type: "not-linearizable",
      usedMemo: false,
    });
  });
});

describe("an order is a linearization only if", () => {
  const operations = queue([0, 1, { push: 1 }], [2, 5, { push: 2 }], [4, 6, { pop: 1 }]);
  test.each<[string, number[], boolean]>([
    ["it is complete", [0, 1], false],
    ["it keeps the order of time", [1, 0, 2], false],
    ["every step is possible", [0, 2, 1], true],
    ["no step is impossible", [2, 0, 1], false],
    ["nothing happens twice", [0, 1, 1, 2], false],
    ["it names known operations", [0, 1, 2, 7], false],
  ])("%s", (_, order, expected) => {
    expect(isLinearization(queueModel, operations, order)).toBe(expected);
  });
});

describe("a search beyond its budget", () => {
  // Many writers at once and a read that nothing explains: everything has to be tried.
  const operations = Array.from({ length: 24 }, (_, at) => ({
    input: {
      kind: at === 23 ? ("read" as const) : ("write" as const),
      value: `v${at}`,
      expected: null,
    },
    call: at === 23 ? 100 : at,
    return: at === 23 ? 101 : 99,
    isCertain: true,
  }));

  test("of time says so", () => {
    let nowMs = 0;
    const outcome = search(registerModel, operations, {
      budget: { nowMs: () => nowMs++, deadlineMs: 3, memoryBytes: 1e12 },
    });
    expect(outcome).toEqual({ type: "unknown", cause: "the time for checking ran out" });
  });

  test("of memory says so", () => {
    const outcome = search(registerModel, operations, { budget: { ...budget, memoryBytes: 1e6 } });
    expect(outcome).toEqual({ type: "unknown", cause: "the memory for checking ran out" });
  });
});

test("states that grow with the history count with all that they hold", () => {
  const adds = Array.from({ length: 500 }, (_, at) => ({
    input: { f: "add", element: String(at) } as const,
    call: 2 * at,
    return: 2 * at + 1,
    isCertain: true,
  }));
  // All 500 of them hold 500 · 501 / 2 elements.
  const within = (memoryBytes: number) =>
    search(setModel, adds, { budget: { ...budget, memoryBytes } });
  expect(within(5e6).type).toBe("linearizable");
  expect(within(3e6)).toEqual({ type: "unknown", cause: "the memory for checking ran out" });
});

test("the register tells its operations in words", () => {
  const words = (
    [
      ["read", null, null],
      ["write", "a", null],
      ["cas", "b", null],
      ["delete", null, null],
    ] as const
  ).map(([kind, value, expected]) => registerModel.describe({ kind, value, expected }));
  expect(words).toEqual(["read absent", 'write "a"', 'cas absent → "b"', "delete"]);
  expect([show("1"), show(null)]).toEqual(['"1"', "absent"]);
});

test("long histories with cas from absent and deletes are decided within the budget", () => {
  for (let number = 0; number < 10; number++) {
    const seed = `long ${number}`;
    const history = randomHistory(createPrng(seed), {
      size: 600,
      processes: 10,
      unknown: 0.05,
      kinds: ["read", "write", "cas", "delete"],
    });
    expect(judgeKey(history, budget), `seed "${seed}"`).toEqual({
      type: "linearizable",
      by: "search",
    });
    expect(intervalOf(history[0]!).call).toBe(history[0]!.call);
  }
});
