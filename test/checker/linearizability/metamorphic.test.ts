import { describe, expect, test } from "vitest";
import { judgeKey } from "../../../checker/linearizability/judge-key.ts";
import type {
  RegisterOperation,
  Value,
} from "../../../checker/linearizability/register-operation.ts";
import { createPrng, type Prng } from "../../../src/base/prng.ts";
import { MIXES } from "./mixes.ts";
import { breakOnce, randomHistory } from "./random-history.ts";

// What must not change the verdict, or can only change it to one side, on histories too large for an oracle.
const budget = { nowMs: () => 0, deadlineMs: 1, memoryBytes: 1e9 };
const HISTORIES = Number(process.env["RAFTWRECK_METAMORPHIC_HISTORIES"] ?? 30);

type History = readonly RegisterOperation[];
type Change = (prng: Prng, history: History) => History;

const verdictOf = (history: History): string => judgeKey(history, budget).type;

/** Histories by turns as they were made, and broken in one place. */
function* histories(name: string): Generator<{ seed: string; prng: Prng; history: History }> {
  for (const [kind, mix] of Object.entries(MIXES)) {
    // Where values repeat or refusals are silent, a large history can be beyond any search.
    const size = mix.repeatedValues !== undefined || mix.kinds.includes("refused") ? 14 : 60;
    for (let number = 0; number < HISTORIES; number++) {
      const seed = `${name} ${kind} ${number}`;
      const prng = createPrng(seed);
      const valid = randomHistory(prng, { ...mix, size });
      yield { seed, prng, history: number % 2 === 0 ? valid : breakOnce(prng, valid) };
    }
  }
}

describe("the verdict stays the same", () => {
  test.each<[string, Change]>([
    ["in whatever order the operations are listed", (prng, history) => prng.shuffle(history)],
    ["whatever the values are called", (_, history) => history.map(renamed)],
    [
      "whatever the unit of time",
      (_, history) => history.map((one) => retimed(one, (t) => 2 ** (t / 8) - 5)),
    ],
    [
      "with more reads of what a read saw, at the same time",
      (prng, history) => [...history, ...certainReads(history).filter(() => prng.chance(0.3))],
    ],
    [
      "with a write that got no answer and that nobody saw",
      (prng, history) => withUnseenWrite(prng, history),
    ],
  ])("%s", (name, change) => {
    for (const { seed, prng, history } of histories(name)) {
      expect(verdictOf(change(prng, history)), `seed "${seed}"`).toBe(verdictOf(history));
    }
  });
});

describe("a linearizable history stays linearizable", () => {
  test.each<[string, Change]>([
    ["without one of its observers", (prng, history) => without(prng, history, isObserver)],
    ["with an operation that takes longer", (prng, history) => widened(prng, history)],
    ["with an answer that got lost", (prng, history) => unanswered(prng, history)],
    ["up to any moment", (prng, history) => upTo(prng.pick(history).return, history)],
  ])("%s", (name, change) => {
    let tried = 0;
    for (const { seed, prng, history } of histories(name)) {
      if (verdictOf(history) !== "linearizable") continue;
      tried++;
      expect(verdictOf(change(prng, history)), `seed "${seed}"`).toBe("linearizable");
    }
    expect(tried).toBeGreaterThan(HISTORIES * 3);
  });
});

function renamed({ value, expected, ...rest }: RegisterOperation): RegisterOperation {
  const rename = (name: Value): Value => (name === null ? null : `x${name}`);
  return { ...rest, value: rename(value), expected: rename(expected) };
}

function retimed(operation: RegisterOperation, time: (t: number) => number): RegisterOperation {
  return { ...operation, call: time(operation.call), return: time(operation.return) };
}

function certainReads(history: History): RegisterOperation[] {
  return history.filter(({ kind, isCertain }) => kind === "read" && isCertain);
}

function withUnseenWrite(prng: Prng, history: History): History {
  if (history.some(({ kind }) => kind === "refused")) return history;
  const { call } = prng.pick(history);
  const write = { kind: "write", value: "unseen", expected: null, isCertain: false } as const;
  return [...history, { ...write, call, return: Infinity, id: -1 }];
}

function isObserver({ kind }: RegisterOperation): boolean {
  return kind === "read" || kind === "refused";
}

function without(
  prng: Prng,
  history: History,
  isOne: (operation: RegisterOperation) => boolean,
): History {
  const candidates = history.filter(isOne);
  if (candidates.length === 0) return history;
  const one = prng.pick(candidates);
  return history.filter((other) => other !== one);
}

function widened(prng: Prng, history: History): History {
  const one = prng.pick(history);
  const wider = { ...one, call: one.call - prng.int(0, 30), return: one.return + prng.int(0, 30) };
  return history.map((other) => (other === one ? wider : other));
}

/** Of an observer nothing is left then; a change may have happened or not. */
function unanswered(prng: Prng, history: History): History {
  const one = prng.pick(history);
  if (isObserver(one)) return history.filter((other) => other !== one);
  const lost = { ...one, isCertain: false, return: Infinity };
  return history.map((other) => (other === one ? lost : other));
}

function upTo(end: number, history: History): History {
  return history
    .filter(({ call }) => call <= end)
    .filter((one) => one.return <= end || !isObserver(one))
    .map((one) => (one.return <= end ? one : { ...one, isCertain: false, return: Infinity }));
}
