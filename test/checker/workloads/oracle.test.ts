import { expect, test } from "vitest";
import type { Checker } from "../../../checker/checker.ts";
import type { Op } from "../../../checker/history.ts";
import { checkLinearizable } from "../../../checker/linearizability/check.ts";
import type { Model } from "../../../checker/linearizability/model.ts";
import { pairOperations } from "../../../checker/operations.ts";
import { createLockChecker, type Grant } from "../../../checker/workloads/lock.ts";
import { createQueueChecker } from "../../../checker/workloads/queue.ts";
import { createSetChecker } from "../../../checker/workloads/set.ts";
import { createPrng, type Prng } from "../../../src/base/prng.ts";
import { broken, type Plain, randomHistory } from "./random-object.ts";
import { judge } from "./told.ts";

/**
 * The rules of sets, queues and locks next to a search through all orders, on thousands of small histories, half of them
 * right by construction. More with RAFTWRECK_ORACLE_HISTORIES=100000.
 */
const COUNT = Number(process.env["RAFTWRECK_ORACLE_HISTORIES"] ?? 1000);

/** An operation with its answer; of one of unknown outcome it is missing. */
interface Input {
  readonly f: string;
  readonly argument: unknown;
  readonly answer?: unknown;
}

/** A state is a list of texts; undefined: it can't have answered that. */
function modelOf(step: (state: readonly string[], input: Input) => readonly string[] | undefined) {
  return {
    init: () => [],
    step,
    equal: (a, b) => a.join() === b.join(),
    describe: ({ f }) => f,
  } satisfies Model<readonly string[], Input>;
}

type Asked = "with refusals" | "without refusals";

function oracle(
  model: Model<readonly string[], Input>,
  ops: readonly Op[],
  asked: Asked = "without refusals",
): string {
  const intervals = pairOperations(ops).flatMap((operation) => {
    const { invocation, completion, call } = operation;
    const [, argument] = invocation.value as [string, unknown];
    const { f } = invocation;
    const interval = { call, return: operation.return };
    if (completion?.type === "ok") {
      const [, answer] = completion.value as [string, unknown];
      return [{ ...interval, input: { f, argument, answer }, isCertain: true }];
    }
    if (completion?.type === "fail") {
      if (asked === "without refusals") return [];
      return [{ ...interval, input: { f: `refused ${f}`, argument }, isCertain: true }];
    }
    return f === "read" ? [] : [{ ...interval, input: { f, argument }, isCertain: false }];
  });
  const budget = { nowMs: () => 0, deadlineMs: 1, memoryBytes: 1e8 };
  return checkLinearizable(intervals, model, budget).verdict;
}

const verdictOf = (create: () => Checker, ops: readonly Op[]): string =>
  judge(create(), ops).verdict;

/** Lists of which one element is gone, added, or exchanged. */
function alterList(answer: unknown, prng: Prng): unknown {
  if (!Array.isArray(answer)) {
    return prng.chance(0.3) ? null : String(prng.int(1, 6));
  }
  const list = answer.map(String);
  const other = String(prng.int(1, 7));
  if (list.length > 0 && prng.chance(0.5)) return list.toSpliced(prng.int(0, list.length - 1), 1);
  return list.includes(other) ? list.toReversed() : [...list, other];
}

const setModel = modelOf((state, { f, argument, answer }) => {
  if (f === "add") return [...state, argument as string].toSorted();
  return (answer as string[]).toSorted().join() === state.join() ? state : undefined;
});

function plainSet(): Plain {
  const elements: string[] = [];
  let count = 0;
  return {
    ask: (prng) =>
      prng.chance(0.5) ? { f: "read", argument: null } : { f: "add", argument: String(++count) },
    answer: (f, argument) => {
      if (f === "read") return [...elements];
      elements.push(argument as string);
      return argument;
    },
  };
}

test("sets: every verdict is that of trying all orders", () => {
  const verdicts = { valid: 0, invalid: 0, unknown: 0 };
  for (let i = 0; i < COUNT; i++) {
    const prng = createPrng(`set ${i}`);
    const right = randomHistory(prng, plainSet(), { operations: 8, infos: i % 2 === 0 });
    expect(verdictOf(createSetChecker, right), `set ${i}`).toBe("valid");
    const ops = broken(prng, right, ["read", "dequeue"], alterList);
    const verdict = oracle(setModel, ops);
    expect(verdictOf(createSetChecker, ops), `set ${i}, broken`).toBe(verdict);
    verdicts[verdict as "valid"]++;
  }
  expect(verdicts.invalid).toBeGreaterThan(COUNT / 3);
  expect(verdicts.valid).toBeGreaterThan(COUNT / 20);
});

const queueModel = modelOf((state, { f, argument, answer }) => {
  if (f === "enqueue") return [...state, argument as string];
  if (f === "read") return (answer as string[]).join() === state.join() ? state : undefined;
  if (answer === undefined) return state.slice(1);
  return (state[0] ?? null) === answer ? state.slice(1) : undefined;
});

function plainQueue(hasReads: boolean): Plain {
  const elements: string[] = [];
  let count = 0;
  return {
    ask: (prng) =>
      hasReads && prng.chance(0.15)
        ? { f: "read", argument: null }
        : prng.chance(0.5)
          ? { f: "dequeue", argument: null }
          : { f: "enqueue", argument: String(++count) },
    answer: (f, argument) => {
      if (f === "read") return [...elements];
      if (f === "dequeue") return elements.shift() ?? null;
      elements.push(argument as string);
      return argument;
    },
  };
}

test("queues: what is found is wrong, and without reads and unknown outcomes all that is wrong is found", () => {
  let found = 0;
  for (let i = 0; i < COUNT; i++) {
    const prng = createPrng(`queue ${i}`);
    const [infos, hasReads] = [i % 2 === 1, i % 4 >= 2];
    const right = randomHistory(prng, plainQueue(hasReads), { operations: 8, infos });
    expect(verdictOf(createQueueChecker, right), `queue ${i}`).toBe("valid");
    const ops = broken(prng, right, ["read", "dequeue"], alterList);
    const verdict = verdictOf(createQueueChecker, ops);
    const isExact = !infos && !hasReads;
    if (verdict === "invalid" || isExact) {
      expect(verdict, `queue ${i}, broken`).toBe(oracle(queueModel, ops));
    }
    if (verdict === "invalid") found++;
  }
  expect(found).toBeGreaterThan(COUNT / 3);
});

/** The last token, and its owner while it is held. */
const lockModel = modelOf(([token = "0", owner], { f, argument, answer }) => {
  const state = owner === undefined ? [token] : [token, owner];
  const grant = (f === "read" ? answer : argument) as Grant;
  const isHeldBy = owner === grant.owner && Number(token) === grant.token;
  const isNext = owner === undefined && Number(token) === grant.token - 1;
  const same = (holds: boolean): readonly string[] | undefined => (holds ? state : undefined);
  switch (f) {
    case "acquire":
      return isNext ? [String(grant.token), grant.owner!] : undefined;
    case "release":
      return isHeldBy ? [token] : undefined;
    case "refused acquire":
      return same(!isNext);
    case "refused release":
      return same(!isHeldBy);
    default:
      return same(Number(token) === grant.token && (owner ?? null) === grant.owner);
  }
});

function plainLock(): Plain {
  let state: Grant = { token: 0, owner: null };
  let count = 0;
  return {
    ask: (prng) => {
      if (prng.chance(0.2)) return { f: "read", argument: null };
      const { token, owner } = state;
      return owner !== null && prng.chance(0.8)
        ? { f: "release", argument: { token, owner } }
        : { f: "acquire", argument: { token: token + 1, owner: `o${++count}` } };
    },
    answer: (f, argument) => {
      if (f === "read") return state;
      const { token, owner } = argument as Grant;
      const fits =
        f === "acquire"
          ? state.owner === null && state.token === token - 1
          : state.owner === owner && state.token === token;
      if (!fits) return undefined;
      state = f === "acquire" ? { token, owner } : { token, owner: null };
      return argument;
    },
  };
}

/** A token more or less, another owner, or none; or a refusal. */
function alterGrant(answer: unknown, prng: Prng): unknown {
  const { token, owner } = answer as Grant;
  return prng.pick<Grant>([
    { token: token + 1, owner },
    { token: Math.max(1, token - 1), owner },
    { token, owner: "o1" },
    { token, owner: owner === null ? "o2" : null },
  ]);
}

/** Grants are what they were asked for, so a read is altered, or another answer becomes a refusal or the other way round. */
function brokenLock(prng: Prng, ops: readonly Op[]): Op[] {
  if (prng.chance(0.5)) return broken(prng, ops, ["read"], alterGrant);
  const answers = ops.filter(({ type, f }) => f !== "read" && (type === "ok" || type === "fail"));
  if (answers.length === 0) return [...ops];
  const { index, type } = prng.pick(answers);
  const other = type === "ok" ? "fail" : "ok";
  return ops.map((op) => (op.index === index ? { ...op, type: other, error: "cas-mismatch" } : op));
}

test("locks: every verdict is that of trying all orders", () => {
  const verdicts = { valid: 0, invalid: 0, unknown: 0 };
  for (let i = 0; i < COUNT; i++) {
    const prng = createPrng(`lock ${i}`);
    const right = randomHistory(prng, plainLock(), { operations: 8, infos: i % 2 === 0 });
    expect(verdictOf(createLockChecker, right), `lock ${i}`).toBe("valid");
    const ops = brokenLock(prng, right);
    const verdict = verdictOf(createLockChecker, ops);
    // What was refused is judged where it is plain; all else exactly.
    if (oracle(lockModel, ops) === "invalid") expect(verdict, `lock ${i}, broken`).toBe("invalid");
    else if (verdict === "invalid") {
      expect(oracle(lockModel, ops, "with refusals"), `lock ${i}, broken`).toBe("invalid");
    }
    verdicts[verdict as "valid"]++;
  }
  expect(verdicts.invalid).toBeGreaterThan(COUNT / 5);
  expect(verdicts.valid).toBeGreaterThan(COUNT / 20);
});
