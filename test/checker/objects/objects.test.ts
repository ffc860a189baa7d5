import { describe, expect, test } from "vitest";
import { KeyNames } from "../../../checker/objects/concurrent-object.ts";
import { objectNamed, OBJECTS } from "../../../checker/objects/objects.ts";
import { UnknownObject } from "../../../checker/objects/judge-history.ts";
import { inJson, inSequence, judged, judgedAs, verdictOf } from "./told.ts";

describe("what a history is about is told by its functions, and whether there are keys by its values", () => {
  test.each<[string, string]>([
    [inSequence("read nil → nil", "write 3", "read nil → 3"), "cas-register valid"],
    [inSequence("read nil → nil"), "register valid"],
    [inSequence("cas [nil 3]", "cas [3 4]", "read nil → 4"), "cas-register valid"],
    [inSequence("write [0 3]", "write [1 5]", "read [0 nil] → [0 3]"), "cas-register by key valid"],
    [inSequence("cas [0 [nil 1]]", "cas [1 [nil 1]]"), "cas-register by key valid"],
    [inSequence("delete [0 nil]", "write [0 3]", "read [0 nil] → [0 3]"), "cas-register by key valid"],
    [inSequence('delete ["a" nil]', 'put ["a" "x"]', 'get ["a" nil] → ["a" "x"]'), "kv by key valid"],
    [inSequence("read [nil nil] → [0 nil]", "write [nil 3] → [1 3]", "cas [nil [3 4]] → [2 [3 4]]"), "versioned-register valid"],
    [inSequence("read [7 [nil nil]] → [7 [0 nil]]", "write [7 [nil 3]] → [7 [1 3]]"), "versioned-register by key valid"],
    [inSequence('put ["a" "x"]', 'get ["a" nil] → ["a" "x"]', 'get ["b" nil] → ["b" ""]'), "kv by key valid"],
    [inSequence('put ["a" "x"]', 'append ["a" "y"]', 'get ["a" nil] → ["a" "xy"]'), "kv by key valid"],
    [inSequence("acquire nil", "release nil", "acquire nil"), "mutex valid"],
    [inSequence('acquire ["a" nil]', 'acquire ["b" nil]', 'release ["a" nil]'), "mutex by key valid"],
    [inSequence("txn [[:append 1 2] [:r 1 nil]] → [[:append 1 2] [:r 1 [2]]]"), "list-append valid"],
    [inSequence("txn [[:w 1 2] [:r 1 nil]] → [[:w 1 2] [:r 1 2]]"), "rw-register valid"],
    [inSequence("txn [[:r 1 nil]]", "txn [[:w 1 2]]", "txn [[:r 1 nil]] → [[:r 1 2]]"), "rw-register valid"],
    [inSequence("txn [[:r 1 nil]] → [[:r 1 []]]"), "list-append valid"],
    [inSequence("add 2", "add 1", "read nil → #{1 2}"), "set valid"],
    [inSequence("add [1 2]", "add [3 4]", "read nil → [[3 4] [1 2]]"), "set valid"],
    [inSequence("add [1 2]", "add [3 4]", "read [1 nil] → [1 [2]]"), "set by key valid"],
    [inSequence("enqueue 1", "enqueue 2", "dequeue nil → 1", "dequeue nil → 2", "dequeue nil → nil"), "fifo-queue valid"],
  ])("%j", (told, verdict) => {
    expect(verdictOf(told)).toBe(verdict);
  });
}); // prettier-ignore

describe("what has no order is a violation", () => {
  test.each<[string, string | RegExp]>([
    [inSequence("write 1", "write 2", "read nil → 1"), /^cas-register invalid: lost write: 2, .* is gone: read the register → 1/],
    [inSequence("write 3", "write nil", "read nil → 3"), /^cas-register invalid/],
    [inSequence("write [0 1]", "read [1 nil] → [1 1]"), /^cas-register by key invalid: value from nowhere: read 1 → 1/],
    [inSequence("read [nil nil] → [0 nil]", "write [nil 3] → [2 3]"), /^versioned-register invalid: write 3 \(version 2\) fits nowhere/],
    [inSequence("read [nil nil] → [0 nil]", "write [nil 3] → [1 3]", "cas [nil [4 5]] → [2 [4 5]]"), /^versioned-register invalid: cas from 4 to 5/],
    [inSequence('put ["a" "x"]', 'get ["a" nil] → ["a" ""]'), /^kv by key invalid/],
    [inSequence('append ["a" "x"]', 'append ["a" "y"]', 'get ["a" nil] → ["a" "y"]'), /^kv by key invalid: key a: get "y" fits nowhere/],
    [inSequence("acquire nil", "acquire nil"), /^mutex invalid: acquire fits nowhere/],
    [inSequence("add 1", "read nil → []"), /^set invalid: read \{\} fits nowhere/],
    [inSequence("enqueue 1", "enqueue 2", "dequeue nil → 2"), /^fifo-queue invalid: dequeue → 2 fits nowhere/],
    [inSequence("txn [[:append 1 2]]", "txn [[:r 1 nil]] → [[:r 1 nil]]"), /^list-append invalid/],
    [inSequence("txn [[:w 1 2]]", "txn [[:r 1 nil]] → [[:r 1 nil]]"), /^rw-register invalid: G-single-process/],
    [inSequence("enqueue 1", "dequeue nil → nil"), /^fifo-queue invalid: dequeue → nothing/],
  ])("%j", (told, verdict) => {
    expect(verdictOf(told)).toMatch(verdict);
  });
}); // prettier-ignore

test('values are told apart by type: 1 is not "1", a keyword is not its name', () => {
  expect(verdictOf(inSequence("write 1", 'read nil → "1"'))).toMatch(/^cas-register invalid/);
  expect(verdictOf(inSequence("write :a", 'read nil → "a"'))).toMatch(/^cas-register invalid/);
  expect(verdictOf(inSequence("enqueue 1", 'dequeue nil → "1"'))).toMatch(/^fifo-queue invalid/);
});

test("objects of JSON are equal in whatever order their keys are", () => {
  const write = `"f":"write","value":["k",[{"a":1,"b":{"c":2,"d":3}}]]`;
  const read = `"f":"read","value":["k",[{"b":{"d":3,"c":2},"a":1}]]`;
  const asked = `"type":"invoke","f":"read","value":["k",null]`;
  const register = inJson(
    `"type":"invoke",${write}`,
    `"type":"ok",${write}`,
    asked,
    `"type":"ok",${read}`,
  );
  expect(judgedAs("json", register).result.verdict).toBe("valid");
  const add = `"f":"add","value":{"a":1,"b":2}`;
  const all = `"type":"ok","f":"read","value":[{"b":2,"a":1}]`;
  const elements = inJson(
    `"type":"invoke",${add}`,
    `"type":"ok",${add}`,
    `"type":"invoke","f":"read"`,
    all,
  );
  expect(judgedAs("json", elements).result.verdict).toBe("valid");
  expect(judgedAs("json", elements.replace('"b":2,"a"', '"b":1,"a"')).result.verdict).toBe(
    "invalid",
  );
});

test("clients with names count", () => {
  const write = (by: string): string =>
    `{"process":${by},"type":"invoke","f":"write","value":1}\n{"process":${by},"type":"ok","f":"write","value":1}\n`;
  const read = (by: string, value: number): string =>
    `{"process":${by},"type":"invoke","f":"read"}\n{"process":${by},"type":"ok","f":"read","value":${value}}\n`;
  const verdictOfJson = (text: string): string => judgedAs("json", text).result.verdict;
  expect(verdictOfJson(write("0") + read("0", 1) + read('"c2"', 7))).toBe("invalid");
  expect(verdictOfJson(write('"w1"') + read("0", 1))).toBe("valid");
});

test("large numbers are told apart in JSON as in EDN", () => {
  const [one, other] = ["1767225600000000001", "1767225600000000101"];
  const op = (type: string, f: string, value: string): string =>
    `"type":"${type}","f":"${f}","value":${value}`;
  const writes = [one, other].flatMap((value) => [
    op("invoke", "write", value),
    op("ok", "write", value),
  ]);
  const verdictOfRead = (value: string): string =>
    judgedAs("json", inJson(...writes, op("invoke", "read", "null"), op("ok", "read", value)))
      .result.verdict;
  expect([one, other].map(verdictOfRead)).toEqual(["invalid", "valid"]);
});

test("of a log that was cut in its last answer no violation is told", () => {
  const cut = inSequence("write 12", "read nil → 12").slice(0, -1);
  expect(judgedAs("log", cut).result.verdict).toBe("valid");
  expect(judgedAs("log", `${cut}\n`).result.verdict).toBe("invalid");
});

describe('in a store "" is nothing, also for cas', () => {
  test.each<[string, string | RegExp]>([
    [inSequence('get ["k" nil] → ["k" ""]', 'cas ["k" ["" "a"]]', 'get ["k" nil] → ["k" "a"]'), "kv by key valid"],
    [inSequence('put ["k" "a"]', 'cas ["k" ["a" ""]]', 'get ["k" nil] → ["k" ""]'), "kv by key valid"],
    [inSequence('put ["k" "a"]', 'cas ["k" ["a" nil]]', 'get ["k" nil]', 'cas ["k" [nil "b"]]', 'delete ["k" nil]', 'get ["k" nil]'), "kv by key valid"],
    [inSequence('put ["k" "a"]', 'cas ["k" ["a" ""]]', 'get ["k" nil] → ["k" "a"]'), /^kv by key invalid: key k: read "a" fits nowhere/],
    [inSequence('put ["k" "a"]', 'cas ["k" ["" "b"]]', 'get ["k" nil] → ["k" "b"]'), /^kv by key invalid/],
    [inSequence('put ["k" "a"]', 'cas ["k" ["a" ""]]', 'swap ["k" 3]'), /op 4 \(swap\): a store has get, put, delete and cas/],
    [inSequence('put ["k" "a"]', 'cas ["k" ["a" ""]]', 'cas ["k" 3]'), /op 4 \(cas\): its value 3 is not \[old, new\]/],
  ])("%j", (told, verdict) => {
    expect(verdictOf(told)).toMatch(verdict);
  });

  test("and where a refused cas says what it found", () => {
    const told = inJson(
      `"type":"invoke","f":"get","key":"k"`,
      `"type":"ok","f":"get","key":"k"`,
      `"type":"invoke","f":"cas","key":"k","value":["a","b"]`,
      `"type":"fail","f":"cas","key":"k","value":["a","b"],"error":"cas-mismatch","current":""`,
    );
    expect(judgedAs("json", told).result.verdict).toBe("valid");
  });
}); // prettier-ignore

test("a versioned register that does not repeat what it was asked tells no version", () => {
  const ops = [
    `"type":"invoke","f":"read","value":[null,null]`,
    `"type":"ok","f":"read","value":[0,null]`,
    `"type":"invoke","f":"write","value":[null,5]`,
    `"type":"ok","f":"write"`,
    `"type":"invoke","f":"cas","value":[null,[5,6]]`,
    `"type":"ok","f":"cas"`,
    `"type":"invoke","f":"read","value":[null,null]`,
  ];
  const verdictOfRead = (value: string): string =>
    judgedAs("json", inJson(...ops, `"type":"ok","f":"read","value":${value}`)).result.verdict;
  expect(["[2,6]", "[2,5]", "[1,6]"].map(verdictOfRead)).toEqual(["valid", "invalid", "invalid"]);
  const keyed = [
    "read [7 [nil nil]] → [7 [0 nil]]",
    "write [7 [nil 5]] → nil",
    "read [7 [nil nil]] → [7 [1 5]]",
  ];
  expect(verdictOf(inSequence(...keyed))).toBe("versioned-register by key valid");
});

test('keys are told apart by type, too: 1 is not "1"', () => {
  const register = [
    "write [1 7]",
    'write ["1" 8]',
    "read [1 nil] → [1 7]",
    'read ["1" nil] → ["1" 8]',
  ];
  expect(verdictOf(inSequence(...register))).toBe("cas-register by key valid");
  expect(verdictOf(inSequence(...register, "read [1 nil] → [1 8]"))).toMatch(/ read 1 → 8 at/);
  expect(verdictOf(inSequence(...register, 'read ["1" nil] → ["1" 7]'))).toMatch(
    / read "1" → 7 at/,
  );
  const queue = ["enqueue [1 7]", 'enqueue ["1" 8]', 'dequeue ["1" nil] → ["1" 8]'];
  expect(verdictOf(inSequence(...queue))).toBe("fifo-queue by key valid");
});

test("names of keys are names of one key each, whatever keys there are", () => {
  const names = new KeyNames();
  const keys = ["1", 1, '"1"', "null", null, "1 (not a text)", [1], "[1]", "k"];
  const named = keys.map((key) => names.nameOf(key));
  expect(named).toEqual([
    "1",
    "1 (not a text)",
    '"1"',
    "null",
    "null (not a text)",
    '"1 (not a text)"',
    "[1]",
    '"[1]"',
    "k",
  ]);
  expect(keys.map((key) => names.nameOf(key))).toEqual(named);
});

describe("what is not known to have happened may have, at any later time", () => {
  test.each([
    ["0 :invoke :write 1\n0 :info :write :timed-out\n1 :invoke :read nil\n1 :ok :read nil\n1 :invoke :read nil\n1 :ok :read 1"],
    ["0 :invoke :acquire nil\n0 :info :acquire nil\n1 :invoke :acquire nil\n1 :ok :acquire nil"],
    ["0 :invoke :enqueue 1\n0 :ok :enqueue 1\n1 :invoke :dequeue nil\n1 :info :dequeue nil\n2 :invoke :dequeue nil\n2 :ok :dequeue nil"],
    ["0 :invoke :add 1\n0 :info :add 1\n1 :invoke :read nil\n1 :ok :read #{}\n1 :invoke :read nil\n1 :ok :read #{1}"],
    ["0 :invoke :write 1\n1 :invoke :read nil\n1 :ok :read 1"],
  ])("%j", (told) => {
    expect(judged(told).result.verdict).toBe("valid");
  });

  test("what failed did not", () => {
    const told = "0 :invoke :write 1\n0 :fail :write 1 :refused\n1 :invoke :read nil\n1 :ok :read 1";
    expect(verdictOf(told)).toMatch(/^cas-register invalid: aborted read/);
  });
}); // prettier-ignore

describe("nothing is called valid that was not understood", () => {
  test.each<[string, string, RegExp]>([
    [inSequence("add 1"), "register", /^register unknown: the history is not sound: op 0/],
    [inSequence("write 1"), "mutex", /^mutex unknown: the history is not sound: op 0 \(write\): a mutex has acquire and release/],
    [inSequence("cas [1 nil]"), "cas-register", /op 0 \(cas\): a cas to nil is not known here/],
    [inSequence("txn [[:w 1 2]]"), "list-append", /op 0 \(txn\): its step \[":w",1,2\] is neither append nor r/],
    [inSequence("txn [[:append 1 2]]"), "rw-register", /op 0 \(txn\): its step \[":append",1,2\] is neither w nor r/],
    [inSequence("cas 1"), "cas-register", /op 0 \(cas\): its value 1 is not \[old, new\]/],
    [inSequence("read nil → 3"), "set", /op 0 \(read\): 3 is no list of elements/],
    [inSequence("enqueue nil"), "fifo-queue", /op 0 \(enqueue\): nil can't be enqueued/],
    [inSequence("write 3"), "versioned-register", /op 0 \(write\): its value 3 is not \[version, value\]/],
    ["0 :invoke :write 1\n0 :invoke :write 2\n0 :ok :write 2", "register", /op 1: process 0 invokes before/],
    ["0 :invoke :write 1\n0 :info :write :timeout", "register", /no operation of this history succeeded/],
  ])("%j as %s", (told, name, summary) => {
    expect(verdictOf(told, { object: objectNamed(name) })).toMatch(summary);
  });

  test("nor invalid, where what was not understood may explain it", () => {
    const told = ["write 1", "cas [1 nil]", "read nil"];
    expect(verdictOf(inSequence(...told))).toBe("cas-register unknown: the history is not sound: op 2 (cas): a cas to nil is not known here");
    expect(judged(inSequence(...told)).result.anomalies).toEqual([]);
  });

  test("a value that names no key, where keys are asked for", () => {
    const told = inSequence("write 1");
    expect(verdictOf(told, { isKeyed: true })).toMatch(/op 0 \(write\): its value 1 is not \[key, value\]/);
  });

  test("functions that tell nothing", () => {
    expect(() => judged(inSequence("generate nil → 1"))).toThrow(new UnknownObject(["generate"]));
  });
}); // prettier-ignore

test("of transactions less may be promised", () => {
  const told = inSequence("txn [[:append 1 2]]", "txn [[:r 1 nil]] → [[:r 1 nil]]");
  expect(verdictOf(told, { consistency: "serializable" })).toBe("list-append valid");
});

test("of registers, too: what each session saw must have one order", () => {
  const stale = "0 :invoke :write 1\n0 :ok :write 1\n1 :invoke :read nil\n1 :ok :read nil";
  expect(verdictOf(stale)).toMatch(/^cas-register invalid: /);
  expect(verdictOf(stale, { consistency: "session" })).toBe("cas-register valid");
  const own = inSequence("write [0 1]", "read [0 nil] → [0 nil]");
  expect(verdictOf(own, { consistency: "session" })).toMatch(
    /^cas-register by key invalid: no order of what 0 held keeps read your writes/,
  );
});

test("what is not promised of an object at all is refused", () => {
  expect(() => verdictOf(inSequence("acquire nil"), { consistency: "session" })).toThrow(
    "of mutex can be judged: nothing but linearizability",
  );
  expect(() => verdictOf(inSequence("write 1"), { consistency: "serializable" })).toThrow(
    "of cas-register can be judged: session",
  );
});

test("every object has a name of its own and is told in one line", () => {
  expect(new Set(OBJECTS.map(({ name }) => name)).size).toBe(OBJECTS.length);
  for (const { description } of OBJECTS) expect(description).not.toContain("\n");
});
