import { describe, expect, test } from "vitest";
import { checkLinearizable } from "../../../checker/linearizability/check.ts";
import type { Interval, Model } from "../../../checker/linearizability/model.ts";
import type { RegisterInput } from "../../../checker/linearizability/register.ts";
import type { KeyValueInput } from "../../../checker/linearizability/models/key-value.ts";
import type { ListInput } from "../../../checker/linearizability/models/list.ts";
import type { LockInput } from "../../../checker/linearizability/models/lock.ts";
import type { QueueInput } from "../../../checker/linearizability/models/queue.ts";
import type { SetInput } from "../../../checker/linearizability/models/set.ts";
import type { VersionedInput } from "../../../checker/linearizability/models/versioned-register.ts";
import { MODELS } from "../../../checker/linearizability/models.ts";

const budget = { nowMs: () => 0, deadlineMs: 1, memoryBytes: 1e9 };

/** [call, return, input]; a return of Infinity: nobody knows whether it happened. */
type Row<Input> = readonly [number, number, Input];

function intervals<Input>(rows: readonly Row<Input>[]): Interval<Input>[] {
  return rows.map(([call, returned, input]) => ({
    call,
    return: returned,
    input,
    isCertain: returned !== Infinity,
  }));
}

/** Each row is told as it stands, so a story is checked one after the other unless times overlap. */
function verdictOf<State, Input>(model: Model<State, Input>, rows: readonly Row<Input>[]): string {
  const { verdict, violations } = checkLinearizable(intervals(rows), model, budget);
  return verdict === "invalid" ? `invalid: ${violations[0]!.why}` : verdict;
}

/** One after the other. */
function inSequence<Input>(...inputs: readonly Input[]): Row<Input>[] {
  return inputs.map((input, at) => [2 * at, 2 * at + 1, input]);
}

describe("a lock", () => {
  const { lock } = MODELS;
  const acquire = (owner: string | null, fence?: number): LockInput => ({
    f: "acquire",
    owner,
    ...(fence !== undefined && { fence }),
  });
  const release = (owner: string | null): LockInput => ({ f: "release", owner });
  const refused: LockInput = { f: "refused", owner: "b" };

  test("is held by one at a time, and released by its owner", () => {
    expect(verdictOf(lock, inSequence(acquire("a"), refused, release("a"), acquire("b")))).toBe(
      "valid",
    );
    expect(verdictOf(lock, inSequence(acquire("a"), acquire("b")))).toMatch(
      /^invalid: acquire by b fits nowhere/,
    );
    expect(verdictOf(lock, inSequence(acquire("a"), release("b")))).toMatch(
      /^invalid: release by b/,
    );
    expect(verdictOf(lock, inSequence(acquire(null), release(null), refused))).toMatch(
      /^invalid: acquire by b, refused/,
    );
  });

  test("hands out tokens that grow", () => {
    expect(verdictOf(lock, inSequence(acquire("a", 3), release("a"), acquire("b", 4)))).toBe(
      "valid",
    );
    expect(verdictOf(lock, inSequence(acquire("a", 3), release("a"), acquire("b", 3)))).toMatch(
      /^invalid: acquire by b with token 3/,
    );
  });

  test("may have been released by somebody who got no answer", () => {
    const story: Row<LockInput>[] = [
      [0, 1, acquire("a")],
      [2, Infinity, release("a")],
      [3, 4, acquire("b")],
    ];
    expect(verdictOf(lock, story)).toBe("valid");
    expect(verdictOf(lock, story.toSpliced(1, 1))).toMatch(/^invalid/);
  });
});

describe("a queue", () => {
  const { queue } = MODELS;
  const enqueue = (value: string): QueueInput => ({ f: "enqueue", value });
  const dequeue = (value: string | null | undefined): QueueInput => ({ f: "dequeue", value });

  test("gives back in the order in which it was given", () => {
    expect(
      verdictOf(
        queue,
        inSequence(enqueue("1"), enqueue("2"), dequeue("1"), dequeue("2"), dequeue(null)),
      ),
    ).toBe("valid");
    expect(verdictOf(queue, inSequence(enqueue("1"), enqueue("2"), dequeue("2")))).toMatch(
      /^invalid: dequeue → "2" fits nowhere/,
    );
    expect(verdictOf(queue, inSequence(enqueue("1"), dequeue(null)))).toMatch(
      /^invalid: dequeue → nothing/,
    );
  });

  test("may have lost its head to somebody who got no answer", () => {
    const story: Row<QueueInput>[] = [
      [0, 1, enqueue("1")],
      [2, 3, enqueue("2")],
      [4, Infinity, dequeue(undefined)],
      [5, 6, dequeue("2")],
    ];
    expect(verdictOf(queue, story)).toBe("valid");
    expect(queue.describe(dequeue(undefined))).toBe("dequeue");
  });
});

describe("a set", () => {
  const { set } = MODELS;
  const add = (element: string, isChanged?: boolean): SetInput => ({
    f: "add",
    element,
    ...(isChanged !== undefined && { isChanged }),
  });
  const remove = (element: string): SetInput => ({ f: "remove", element });
  const contains = (element: string, isThere: boolean): SetInput => ({
    f: "contains",
    element,
    isThere,
  });
  const read = (...elements: string[]): SetInput => ({ f: "read", elements });

  test("keeps what was added until it is removed", () => {
    expect(
      verdictOf(
        set,
        inSequence(
          add("a"),
          add("b", true),
          read("b", "a"),
          remove("a"),
          read("b"),
          add("b", false),
        ),
      ),
    ).toBe("valid");
    expect(verdictOf(set, inSequence(add("a"), read()))).toMatch(/^invalid: read {} fits nowhere/);
    expect(verdictOf(set, inSequence(add("a"), remove("a"), contains("a", true)))).toMatch(
      /^invalid: contains a → yes/,
    );
    expect(verdictOf(set, inSequence(add("a"), add("a", true)))).toMatch(/^invalid: add a/);
  });

  test("is judged by element unless all of it was read", () => {
    const rows = inSequence(add("a"), add("b"), contains("a", true));
    expect(checkLinearizable(intervals(rows), set, budget).keys).toBe(2);
    expect(
      checkLinearizable(intervals(inSequence(add("a"), add("b"), read("a", "b"))), set, budget)
        .keys,
    ).toBe(1);
  });
});

describe("a versioned register", () => {
  const versioned = MODELS["versioned-register"];
  const write = (value: string, version?: number): VersionedInput => ({
    f: "write",
    value,
    ...(version !== undefined && { version }),
  });
  const read = (value: string | null, version: number): VersionedInput => ({
    f: "read",
    value,
    version,
  });
  const cas = (expected: number, value: string): VersionedInput => ({ f: "cas", expected, value });
  const refused = (expected: number): VersionedInput => ({ f: "refused", expected });

  test("counts its changes", () => {
    expect(
      verdictOf(
        versioned,
        inSequence(
          read(null, 0),
          write("a", 1),
          cas(1, "b"),
          refused(1),
          read("b", 2),
          { f: "delete", value: null },
          read(null, 3),
        ),
      ),
    ).toBe("valid");
    expect(verdictOf(versioned, inSequence(write("a", 1), read("a", 2)))).toMatch(
      /^invalid: read "a" \(version 2\)/,
    );
    expect(verdictOf(versioned, inSequence(write("a"), write("b"), cas(1, "c")))).toMatch(
      /^invalid: cas from version 1 to "c"/,
    );
    expect(verdictOf(versioned, inSequence(write("a"), refused(1)))).toMatch(
      /^invalid: cas from version 1, refused/,
    );
    expect(versioned.describe({ f: "delete", value: null })).toBe("delete");
  });
});

describe("a list", () => {
  const { list } = MODELS;
  const append = (element: string): ListInput => ({ f: "append", element });
  const read = (...elements: string[]): ListInput => ({ f: "read", elements });

  test.each<[string, string, ...ListInput[]]>([
    ["grows at its end", "valid", append("a"), append("b"), read("a", "b")],
    [
      "keeps its order",
      "invalid: neither of two lists",
      append("a"),
      append("b"),
      read("a", "b"),
      read("b"),
    ],
    [
      "keeps the order of time",
      "invalid: no order explains what was read: ",
      append("a"),
      append("b"),
      read("b", "a"),
    ],
    [
      "keeps what was appended",
      "invalid: no order explains what was read: append a; read []",
      append("a"),
      read(),
    ],
    ["keeps what is appended unseen", "invalid: ", read("a"), append("b"), append("a"), read("a")],
    ["holds nothing from nowhere", 'invalid: "x" was never appended', append("a"), read("a", "x")],
    ["holds nothing twice", 'invalid: "a" was read twice', append("a"), read("a", "a")],
    ["may be appended the same twice", "valid", append("a"), append("a"), read("a", "a")],
    [
      "is no longer than that",
      "invalid: read [a] fits nowhere",
      append("a"),
      append("a"),
      read("a"),
    ],
  ])("%s", (_, expected, ...inputs) => {
    expect(verdictOf(list, inSequence(...inputs))).toContain(expected);
  });

  test("may hold what nobody acknowledged", () => {
    const rows: Row<ListInput>[] = [
      [0, Infinity, append("a")],
      [1, 2, read()],
      [3, 4, read("a")],
      [5, Infinity, append("b")],
      [6, 7, read("a")],
    ];
    expect(verdictOf(list, rows)).toBe("valid");
    expect(list.describe(append("a"))).toBe("append a");
  });
});

describe("a register", () => {
  const { register } = MODELS;
  const input = (
    kind: RegisterInput["kind"],
    value: string | null,
    expected: string | null = null,
  ) => ({ kind, value, expected }) satisfies RegisterInput;
  const refused = (expected: string | null): RegisterInput => input("refused", null, expected);

  test.each<[string, string, ...RegisterInput[]]>([
    ["holds what was written", "valid", input("write", "a"), input("read", "a")],
    [
      "holds what was written last",
      'invalid: a value came and went while another had to hold: write "a"; write "b"; read "a"',
      input("write", "a"),
      input("write", "b"),
      input("read", "a"),
    ],
    ["refuses a cas from another value", "valid", input("write", "a"), refused("b"), refused(null)],
    ["refuses no cas from its value", "invalid: no order", input("write", "a"), refused("a")],
    [
      "refuses no cas from absent at first",
      "invalid: no order",
      refused(null),
      input("write", "a"),
    ],
  ])("%s", (_, expected, ...inputs) => {
    expect(verdictOf(register, inSequence(...inputs))).toContain(expected);
  });

  test("a refusal may be all that is seen of a write that got no answer", () => {
    const rows: Row<RegisterInput>[] = [
      [0, 1, input("write", "a")],
      [2, Infinity, input("write", "b")],
      [3, 4, refused("a")],
    ];
    expect(verdictOf(register, rows)).toBe("valid");
    expect(verdictOf(register, rows.toSpliced(1, 1))).toMatch(/^invalid/);
  });
});

describe("keys and values", () => {
  const kv = MODELS["key-value"];
  const write = (key: string, value: string): KeyValueInput => ({
    key,
    kind: "write",
    value,
    expected: null,
  });
  const read = (key: string, value: string | null): KeyValueInput => ({
    key,
    kind: "read",
    value,
    expected: null,
  });
  const remove = (key: string): KeyValueInput => ({
    key,
    kind: "delete",
    value: null,
    expected: null,
  });

  test("are judged key by key, and a key that vanished is a violation", () => {
    const rows = inSequence(write("x", "1"), write("y", "2"), read("x", null), read("y", "2"));
    const { verdict, keys, violations } = checkLinearizable(intervals(rows), kv, budget);
    expect([verdict, keys, violations.map(({ key }) => key)]).toEqual(["invalid", 2, ["x"]]);
    expect(verdictOf(kv, inSequence(write("x", "1"), remove("x"), read("x", null)))).toBe("valid");
  });

  test("are one object with many keys to whoever asks the model alone", () => {
    const state = kv.step(kv.step(kv.init(), write("x", "1"))!, write("y", "2"))!;
    expect(kv.step(state, read("x", "1"))).toBe(state);
    expect(kv.equal(kv.step(state, remove("x"))!, kv.step(kv.init(), write("y", "2"))!)).toBe(true);
    expect(kv.describe(write("x", "1"))).toBe('x: write "1"');
  });
});

test("a model of one's own needs no more than init, step, equal and describe", () => {
  const counter: Model<number, number | "add"> = {
    init: () => 0,
    step: (state, input) => (input === "add" ? state + 1 : state === input ? state : undefined),
    equal: (a, b) => a === b,
    describe: (input) => (input === "add" ? "add" : `read ${input}`),
  };
  expect(verdictOf(counter, inSequence<number | "add">("add", 1, "add", 2))).toBe("valid");
  expect(verdictOf(counter, inSequence<number | "add">("add", "add", 1, "add", 3))).toBe(
    "invalid: read 1 fits nowhere: no order of these 3 operations explains all answers",
  );
});

test("a key beyond the budget is named with its cause, and the others are decided", () => {
  const { set } = MODELS;
  const change = (at: number): Row<SetInput> => [
    at,
    100,
    { f: at % 3 === 0 ? "add" : "remove", element: "hard", isChanged: true },
  ];
  const rows: Row<SetInput>[] = [
    [0, 1, { f: "contains", element: "lost", isThere: true }],
    ...Array.from({ length: 40 }, (_, at) => change(at)),
  ];
  const within = { ...budget, memoryBytes: 1e5 };
  expect(checkLinearizable(intervals(rows), set, within)).toMatchObject({
    verdict: "invalid",
    violations: [{ key: "lost" }],
    undecided: [{ key: "hard", operations: 40, cause: "the memory for checking ran out" }],
  });
});
