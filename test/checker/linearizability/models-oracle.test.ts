import { describe, expect, test } from "vitest";
import { checkLinearizable } from "../../../checker/linearizability/check.ts";
import type { Interval, Model } from "../../../checker/linearizability/model.ts";
import { MODELS } from "../../../checker/linearizability/models.ts";
import type { ListInput } from "../../../checker/linearizability/models/list.ts";
import type { RegisterInput } from "../../../checker/linearizability/register.ts";
import type { LockInput } from "../../../checker/linearizability/models/lock.ts";
import type { QueueInput } from "../../../checker/linearizability/models/queue.ts";
import type { SetInput } from "../../../checker/linearizability/models/set.ts";
import type { VersionedInput } from "../../../checker/linearizability/models/versioned-register.ts";
import { createPrng, type Prng } from "../../../src/base/prng.ts";

// Every model's verdict next to that of trying every order: on histories that operations on a real object made,
// and on the same with one answer or one interval of another.
const HISTORIES = Number(process.env["RAFTWRECK_ORACLE_HISTORIES"] ?? 400);
const SIZE = 7;
const budget = { nowMs: () => 0, deadlineMs: 1, memoryBytes: 1e9 };

/** An operation as it would be answered in this state. */
type Perform<State, Input> = (prng: Prng, state: State, number: number) => Input;

const performLock: Perform<{ isHeld: boolean; owner: string | null }, LockInput> = (prng, lock) => {
  if (lock.isHeld && prng.chance(0.5)) return { f: "release", owner: lock.owner };
  const owner = prng.pick(["a", "b", "c"]);
  return { f: lock.isHeld ? "refused" : "acquire", owner };
};

const performQueue: Perform<readonly string[], QueueInput> = (prng, queue, number) =>
  prng.chance(0.5)
    ? { f: "enqueue", value: String(prng.chance(0.8) ? number : 0) }
    : { f: "dequeue", value: queue[0] ?? null };

const performSet: Perform<ReadonlySet<string>, SetInput> = (prng, set) => {
  const element = prng.pick(["a", "b"]);
  const isThere = set.has(element);
  return prng.pick<SetInput>([
    { f: "add", element, isChanged: !isThere },
    { f: "remove", element, isChanged: isThere },
    { f: "add", element },
    { f: "contains", element, isThere },
    { f: "read", elements: [...set] },
  ]);
};

const performVersioned: Perform<{ value: string | null; version: number }, VersionedInput> = (
  prng,
  { value, version },
  number,
) =>
  prng.pick<VersionedInput>([
    { f: "read", value, version },
    { f: "write", value: `v${number}`, version: version + 1 },
    { f: "write", value: `v${number}` },
    { f: "cas", expected: version, value: `v${number}` },
    { f: "refused", expected: version + 1 },
  ]);

const performList: Perform<readonly string[], ListInput> = (prng, list, number) =>
  prng.chance(0.5) ? { f: "append", element: `e${number}` } : { f: "read", elements: list };

const performRegister: Perform<string | null, RegisterInput> = (prng, state, number) => {
  const value = `v${number}`;
  return prng.pick<RegisterInput>([
    { kind: "read", value: state, expected: null },
    { kind: "write", value, expected: null },
    { kind: "cas", value, expected: state },
    { kind: "delete", value: null, expected: null },
    { kind: "refused", value: null, expected: state === null ? "v0" : null },
  ]);
};

describe("checkLinearizable agrees with trying every order of operations on", () => {
  test("a lock", () => compare("lock", MODELS.lock, performLock));
  test("a queue", () => compare("queue", MODELS.queue, performQueue));
  test("a set", () => compare("set", MODELS.set, performSet));
  test("a versioned register", () =>
    compare("versioned", MODELS["versioned-register"], performVersioned));
  test("a register", () => compare("register", MODELS.register, performRegister));
  test("a list", () => compare("list", MODELS.list, performList));
});

function compare<State, Input>(
  name: string,
  model: Model<State, Input>,
  perform: Perform<State, Input>,
): void {
  const seen = new Set<string>();
  for (let number = 0; number < HISTORIES; number++) {
    const seed = `${name} ${number}`;
    const prng = createPrng(seed);
    const made = history(prng, model, perform);
    const operations = number % 3 === 0 ? made : broken(prng, made);
    const truth = isLinearizableByTrying(model, operations) ? "valid" : "invalid";
    if (number % 3 === 0) expect(truth, `seed "${seed}": valid by construction`).toBe("valid");
    const { verdict, violations } = checkLinearizable(operations, model, budget);
    expect(verdict, `seed "${seed}"`).toBe(truth);
    for (const { proof } of violations) {
      expect(isLinearizableByTrying(model, proof), `proof, seed "${seed}"`).toBe(false);
    }
    seen.add(truth);
  }
  expect(seen).toEqual(new Set(["valid", "invalid"]));
}

/** Operations with their effect somewhere inside their interval; some never get an answer. */
function history<State, Input>(
  prng: Prng,
  model: Model<State, Input>,
  perform: Perform<State, Input>,
): Interval<Input>[] {
  let state = model.init();
  return Array.from({ length: SIZE }, (_, number) => {
    const input = perform(prng, state, number);
    const isCertain = prng.chance(0.85);
    if (isCertain || prng.chance(0.5)) state = model.step(state, input)!;
    const effect = 10 * number;
    const call = effect - prng.int(0, 25);
    return { input, call, isCertain, return: isCertain ? effect + prng.int(0, 25) : Infinity };
  });
}

function broken<Input>(prng: Prng, operations: readonly Interval<Input>[]): Interval<Input>[] {
  const changed = prng.int(0, operations.length - 1);
  const other = prng.pick(operations);
  return operations.map((operation, at) => {
    if (at !== changed) return operation;
    if (prng.chance(0.5)) return { ...operation, input: other.input };
    return { ...operation, call: other.call, return: other.call + 1, isCertain: true };
  });
}

function isLinearizableByTrying<State, Input>(
  model: Model<State, Input>,
  operations: readonly Interval<Input>[],
): boolean {
  const extend = (rest: readonly Interval<Input>[], state: State): boolean => {
    const certain = rest.filter(({ isCertain }) => isCertain);
    if (certain.length === 0) return true;
    const end = Math.min(...certain.map((one) => one.return));
    return rest.some((one) => {
      if (one.call > end) return false;
      const after = model.step(state, one.input);
      return (
        after !== undefined &&
        extend(
          rest.filter((other) => other !== one),
          after,
        )
      );
    });
  };
  return extend(operations, model.init());
}
