import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeCommand, encodeCommand, type Command, type MicroOp } from "../../node/kv/command.ts";
import {
  applyCommand,
  createStore,
  restoreStore,
  RESULTS_CHARS_MAX,
  serializeStore,
  SESSION_COUNT_MAX,
  SESSIONS_CHARS_MAX,
  type Store,
  VALUES_CHARS_MAX,
} from "../../node/kv/store.ts";
import { RULES } from "../../node/raft/rules.ts";

class Kv {
  store: Store = createStore();
  index = 0;

  txn(...ops: MicroOp[]) {
    return this.apply({ op: "txn", ops }).result;
  }

  apply(command: Command): ReturnType<typeof applyCommand> {
    return applyCommand(this.store, ++this.index, encodeCommand(command), RULES);
  }

  put(key: string, value: string, session?: number, sequence?: number) {
    return this.apply({ op: "put", key, value, ...inSession(session, sequence) });
  }

  register(): number {
    this.apply({ op: "register" });
    return this.index;
  }
}

const inSession = (session?: number, sequence?: number) =>
  session === undefined || sequence === undefined ? {} : { session, sequence };

describe("registers", () => {
  test("put writes, and answers with the entry's index", () => {
    const kv = new Kv();
    expect(kv.put("a", "1")).toMatchObject({
      result: { type: "written", index: 1 },
      tookEffect: true,
    });
    expect(kv.store.values).toEqual(new Map([["a", "1"]]));
  });

  test.each([
    { held: "1", expected: "1", result: { type: "written", index: 2 }, becomes: "new" },
    { held: "1", expected: "2", result: { type: "cas-mismatch", current: "1" }, becomes: "1" },
    { held: "1", expected: null, result: { type: "cas-mismatch", current: "1" }, becomes: "1" },
    { held: null, expected: null, result: { type: "written", index: 2 }, becomes: "new" },
    { held: null, expected: "1", result: { type: "cas-mismatch", current: null }, becomes: null },
    { held: "", expected: null, result: { type: "cas-mismatch", current: "" }, becomes: "" },
    { held: "", expected: "", result: { type: "written", index: 2 }, becomes: "new" },
  ])("cas of $expected where $held is held", ({ held, expected, result, becomes }) => {
    const kv = new Kv();
    if (held === null) kv.apply({ op: "register" });
    else kv.put("a", held);
    expect(kv.apply({ op: "cas", key: "a", expected, value: "new" }).result).toEqual(result);
    expect(kv.store.values.get("a") ?? null).toBe(becomes);
  });

  test("delete answers with what was there", () => {
    const kv = new Kv();
    kv.put("a", "1");
    const command = { op: "delete", key: "a" } as const;
    expect(kv.apply(command).result).toEqual({ type: "deleted", index: 2, previous: "1" });
    expect(kv.apply(command).result).toEqual({ type: "deleted", index: 3, previous: null });
    expect(kv.store.values.size).toBe(0);
  });

  test("keys that are words of JavaScript are keys like others", () => {
    const kv = new Kv();
    for (const key of ["__proto__", "constructor", ""]) kv.put(key, key);
    expect([...kv.store.values.keys()]).toEqual(["__proto__", "constructor", ""]);
  });
});

describe("sessions (§8; thesis §6.3)", () => {
  test("a retry is answered as the first time and changes nothing", () => {
    const kv = new Kv();
    const session = kv.register();
    const first = kv.put("a", "1", session, 1);
    kv.put("a", "2");
    expect(kv.put("a", "1", session, 1)).toMatchObject({ result: first.result, tookEffect: false });
    expect(kv.store.values.get("a")).toBe("2");
  });

  test("a retry of a cas that failed fails again, even if it would succeed now", () => {
    const kv = new Kv();
    const session = kv.register();
    const cas = { op: "cas", key: "a", expected: "1", value: "2", session, sequence: 1 } as const;
    expect(kv.apply(cas).result).toEqual({ type: "cas-mismatch", current: null });
    kv.put("a", "1");
    expect(kv.apply(cas).result).toEqual({ type: "cas-mismatch", current: null });
  });

  test("of a command before the newest the answer is forgotten, but it is not executed", () => {
    const kv = new Kv();
    const session = kv.register();
    kv.put("a", "1", session, 1);
    kv.put("a", "2", session, 5);
    expect(kv.put("a", "1", session, 1).result).toEqual({ type: "stale-sequence" });
    expect(kv.put("a", "x", session, 3).result).toEqual({ type: "stale-sequence" });
    expect(kv.store.values.get("a")).toBe("2");
  });

  test("sessions do not mix", () => {
    const kv = new Kv();
    const [one, other] = [kv.register(), kv.register()];
    kv.put("a", "1", one, 1);
    expect(kv.put("a", "2", other, 1).tookEffect).toBe(true);
  });

  test("an unknown session is refused", () => {
    const kv = new Kv();
    const refused = { result: { type: "session-expired" }, tookEffect: false };
    expect(kv.put("a", "1", 99, 1)).toMatchObject(refused);
    expect(kv.store.values.size).toBe(0);
  });

  test("the session used longest ago makes room for a new one", () => {
    const kv = new Kv();
    const first = kv.register();
    const second = kv.register();
    for (let i = 2; i < SESSION_COUNT_MAX; i++) kv.register();
    kv.put("a", "1", first, 1);
    kv.register();
    expect(kv.store.sessions.size).toBe(SESSION_COUNT_MAX);
    expect(kv.put("a", "2", second, 1).result).toEqual({ type: "session-expired" });
    expect(kv.put("a", "3", first, 2).tookEffect).toBe(true);
  });
});

describe("transactions", () => {
  test("later steps see what earlier ones did, at one index", () => {
    const kv = new Kv();
    expect(kv.txn(["w", "a", "1"], ["r", "a"], ["append", "l", "x"], ["r", "l"])).toEqual({
      type: "txn-done",
      index: 1,
      results: [null, "1", null, ["x"]],
    });
    expect(kv.txn(["append", "l", "y"], ["r", "l"], ["add", "n", 2], ["add", "n", -5])).toEqual({
      type: "txn-done",
      index: 2,
      results: [null, ["x", "y"], 2, -3],
    });
  });

  test("a take has the first of a list, and null where there is none", () => {
    const kv = new Kv();
    kv.txn(["append", "l", "x"], ["append", "l", "y"]);
    expect(kv.txn(["take", "l"], ["r", "l"], ["take", "l"], ["take", "l"], ["take", "m"])).toEqual({
      type: "txn-done",
      index: 2,
      results: ["x", ["y"], "y", null, null],
    });
    expect(kv.store.values.get("l")).toEqual([]);
  });

  test.each<[string, MicroOp, unknown]>([
    ["a cas of another value", ["cas", "a", "2", "3"], "1"],
    ["a cas of an absent key that is there", ["cas", "a", null, "3"], "1"],
    ["an append to a text", ["append", "a", "x"], "1"],
    ["a take from a text", ["take", "a"], "1"],
    ["an add to a text", ["add", "a", 1], "1"],
    ["an add to a list", ["add", "l", 1], ["x"]],
    ["an add beyond what numbers hold", ["add", "n", Number.MAX_SAFE_INTEGER], 7],
  ])("%s takes all other steps back as well", (_, step, current) => {
    const kv = new Kv();
    kv.txn(["w", "a", "1"], ["append", "l", "x"], ["add", "n", 7]);
    const before = new Map(kv.store.values);
    expect(kv.txn(["w", "b", "9"], ["add", "n", 0], step)).toEqual({
      type: "txn-aborted",
      step: 2,
      current,
    });
    expect(kv.store.values).toEqual(before);
  });

  test("a retry within a session is not executed again", () => {
    const kv = new Kv();
    const session = kv.register();
    const add = { op: "txn", ops: [["add", "n", 1]], session, sequence: 1 } as const;
    const first = kv.apply(add);
    expect(kv.apply(add)).toMatchObject({ result: first.result, tookEffect: false });
    expect(kv.store.values.get("n")).toBe(1);
  });
});

describe("what is too much for a snapshot never comes into the state", () => {
  const MEBI = "x".repeat(1024 * 1024);

  test("a full store takes nothing more, and lets go of what it has", () => {
    const kv = new Kv();
    for (let i = 0; i < 31; i++) kv.put(`k${i}`, MEBI);
    kv.put("last", MEBI.slice(0, VALUES_CHARS_MAX - kv.store.valuesChars - "last".length));
    expect(kv.store.valuesChars).toBe(VALUES_CHARS_MAX);
    const full = { type: "store-full" };
    expect(kv.put("more", "").result).toEqual(full);
    expect(kv.txn(["w", "k0", ""], ["append", "l", MEBI], ["append", "m", "x"])).toEqual(full);
    expect(kv.apply({ op: "cas", key: "n", expected: null, value: "1" }).result).toEqual(full);
    expect([...kv.store.values.keys()].at(-1)).toBe("last");
    expect(kv.put("k0", "less").result.type).toBe("written");
    expect(kv.put("more", "1").result.type).toBe("written");
    expect(kv.apply({ op: "delete", key: "k1" }).result.type).toBe("deleted");
    expect(kv.txn(["append", "l", MEBI]).type).toBe("txn-done");
    expect(serializeStore(kv.store).length).toBeLessThan(2 ** 29 / 6);
  });

  test("a transaction that reads too much is refused, and nothing of it is kept", () => {
    const kv = new Kv();
    kv.put("a", MEBI.slice(0, RESULTS_CHARS_MAX / 2));
    expect(kv.txn(["r", "a"], ["r", "a"]).type).toBe("txn-done");
    expect(kv.txn(["w", "b", "1"], ["r", "a"], ["r", "a"], ["r", "b"])).toEqual({
      type: "result-too-large",
    });
    expect(kv.store.values.has("b")).toBe(false);
  });

  test("sessions that remember too much make room, and the one that is used stays", () => {
    const kv = new Kv();
    kv.put("a", MEBI);
    const sessions = Array.from({ length: 17 }, () => kv.register());
    for (const session of sessions)
      kv.apply({ op: "txn", ops: [["r", "a"]], session, sequence: 1 });
    expect(kv.store.sessionsChars).toBe(SESSIONS_CHARS_MAX);
    expect([...kv.store.sessions.keys()]).toEqual(sessions.slice(1));
  });

  test("what a restored store counts is what the other one counts", () => {
    const key = fc.constantFrom("a", "b", "ü");
    const value = fc.string({ maxLength: 5 });
    const op = fc.oneof<fc.Arbitrary<MicroOp>[]>(
      fc.tuple(fc.constant("w" as const), key, value),
      fc.tuple(fc.constant("append" as const), key, value),
      fc.tuple(fc.constant("take" as const), key),
      fc.tuple(fc.constant("add" as const), key, fc.integer()),
      fc.tuple(fc.constant("r" as const), key),
    );
    const command = fc.oneof(
      fc.record({ op: fc.constant("txn" as const), ops: fc.array(op, { minLength: 1 }) }),
      fc.record({ op: fc.constant("put" as const), key, value }),
      fc.record({ op: fc.constant("delete" as const), key }),
    );
    fc.assert(
      fc.property(fc.array(command), (commands) => {
        const kv = new Kv();
        const session = kv.register();
        for (const [i, one] of commands.entries()) kv.apply({ ...one, session, sequence: i + 1 });
        expect(restoreStore(serializeStore(kv.store))).toEqual(kv.store);
      }),
    );
  });
});

describe("snapshots of the state (§7)", () => {
  test("what is restored is equal, and goes on equally", () => {
    const kv = new Kv();
    const session = kv.register();
    kv.put("a", "ü\u0000\ud800", session, 1);
    kv.txn(["append", "l", "x"], ["add", "n", 3]);
    const other = new Kv();
    other.store = restoreStore(serializeStore(kv.store));
    other.index = kv.index;
    expect(other.store).toEqual(kv.store);
    expect(other.put("a", "again", session, 1)).toEqual(kv.put("a", "again", session, 1));
    expect(other.store.stateHash).toBe(kv.store.stateHash);
  });

  test("the order in which sessions make room for new ones is part of it", () => {
    const kv = new Kv();
    const [first, second] = [kv.register(), kv.register()];
    kv.put("a", "1", first, 1);
    const restored = restoreStore(serializeStore(kv.store));
    expect([...restored.sessions.keys()]).toEqual([second, first]);
  });
});

describe("determinism", () => {
  const key = fc.constantFrom("a", "b");
  const text = fc.constantFrom("1", "2", "");
  const session = fc.record({ session: fc.integer({ min: 1, max: 6 }), sequence: fc.nat(4) });
  const some = <T extends object>(arbitrary: fc.Arbitrary<T>) =>
    fc.oneof(fc.constant({}), session).chain((extra) => arbitrary.map((c) => ({ ...c, ...extra })));
  const steps: fc.Arbitrary<MicroOp> = fc.oneof(
    key.map((k): MicroOp => ["r", k]),
    fc.tuple(key, text).map(([k, v]): MicroOp => ["w", k, v]),
    fc.tuple(key, text).map(([k, v]): MicroOp => ["append", k, v]),
    key.map((k): MicroOp => ["take", k]),
    fc.tuple(key, fc.option(text), text).map(([k, e, v]): MicroOp => ["cas", k, e, v]),
    fc.tuple(key, fc.integer({ min: -2, max: 2 })).map(([k, n]): MicroOp => ["add", k, n]),
  );
  const commands: fc.Arbitrary<Command[]> = fc.array(
    fc.oneof(
      fc.constant<Command>({ op: "register" }),
      some(fc.record({ op: fc.constant("put" as const), key, value: text })),
      some(
        fc.record({
          op: fc.constant("cas" as const),
          key,
          expected: fc.option(text),
          value: text,
        }),
      ),
      some(fc.record({ op: fc.constant("delete" as const), key })),
      some(fc.record({ op: fc.constant("txn" as const), ops: fc.array(steps, { maxLength: 4 }) })),
    ),
    { maxLength: 30 },
  );

  test("equal commands in equal order give equal states, read from the log or not", () => {
    fc.assert(
      fc.property(commands, (list) => {
        const [one, other] = [new Kv(), new Kv()];
        for (const command of list) {
          const first = one.apply(command);
          expect(other.apply(decodeCommand(encodeCommand(command)))).toEqual(first);
          expect(other.store.stateHash).toBe(one.store.stateHash);
        }
        expect(other.store).toEqual(one.store);
        expect(restoreStore(serializeStore(one.store))).toEqual(one.store);
      }),
    );
  });

  test("a command is read as it stands, also where another had its place among those remembered", () => {
    // More than are remembered, so that they come upon each other's places.
    const puts = Array.from({ length: 2000 }, (_, i): Command => {
      return { op: "put", key: `k${i % 40}`, value: `v${i}` };
    });
    const texts = puts.map(encodeCommand);
    expect(texts.map(decodeCommand)).toEqual(puts);
    expect(texts.toReversed().map(decodeCommand)).toEqual(puts.toReversed());
  });

  test("another command, order or place gives another hash", () => {
    const hashOf = (...values: readonly string[]): number => {
      const kv = new Kv();
      for (const value of values) kv.put("a", value);
      return kv.store.stateHash;
    };
    const hashes = [hashOf(), hashOf("1"), hashOf("2"), hashOf("1", "2"), hashOf("2", "1")];
    expect(new Set(hashes).size).toBe(5);
  });
});
