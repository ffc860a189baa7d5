import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeCommand, encodeCommand, type Command } from "../../node/kv/command.ts";
import { applyCommand, createStore, SESSION_COUNT_MAX, type Store } from "../../node/kv/store.ts";
import { RULES } from "../../node/raft/rules.ts";

class Kv {
  readonly store: Store = createStore();
  index = 0;

  apply(command: Command): ReturnType<typeof applyCommand> {
    return applyCommand(this.store, ++this.index, command, RULES.isRetry);
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
    expect(kv.put("a", "1")).toEqual({ result: { type: "written", index: 1 }, tookEffect: true });
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
    expect(kv.put("a", "1", session, 1)).toEqual({ result: first.result, tookEffect: false });
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
    expect(kv.put("a", "1", 99, 1)).toEqual(refused);
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

describe("determinism", () => {
  const key = fc.constantFrom("a", "b");
  const text = fc.constantFrom("1", "2", "");
  const session = fc.record({ session: fc.integer({ min: 1, max: 6 }), sequence: fc.nat(4) });
  const some = <T extends object>(arbitrary: fc.Arbitrary<T>) =>
    fc.oneof(fc.constant({}), session).chain((extra) => arbitrary.map((c) => ({ ...c, ...extra })));
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
      }),
    );
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
