import { describe, expect, test } from "vitest";
import { formatAddress } from "../../src/base/address.ts";
import { parseAddress, resolveAddress } from "../../src/toxiproxy/address.ts";
import { readJson, writeJson } from "../../src/toxiproxy/json.ts";
import { Turns } from "../../src/toxiproxy/turns.ts";

describe("address", () => {
  test.each([
    ["127.0.0.1:80", "127.0.0.1", 80],
    ["n2:7000", "n2", 7000],
    [":80", "", 80],
    ["", "", 0],
    ["host:", "host", 0],
    ["[::1]:80", "::1", 80],
    ["[::]:0", "::", 0],
  ])("%j", (text, host, port) => {
    expect(parseAddress(text)).toEqual({ host, port });
  });

  test.each([
    ["nonsense", "address nonsense: missing port in address"],
    ["::1:80", "address ::1:80: too many colons in address"],
    ["host:65536", "address 65536: invalid port"],
    ["host:http", "lookup tcp/http: unknown port"],
    ["[::1]", "address [::1]: missing port in address"],
  ])("%j is none", (text, message) => {
    expect(() => parseAddress(text)).toThrow(message);
  });

  test("IPv6 is written in brackets", () => {
    expect(formatAddress({ host: "::1", port: 80 })).toBe("[::1]:80");
  });

  test("a name resolves, to IPv4 if it can", async () => {
    const address = { host: "localhost", port: 80 };
    expect(await resolveAddress(address)).toEqual({ host: "127.0.0.1", port: 80 });
  });
});

describe("the first JSON value", () => {
  test.each<[string, unknown]>([
    ['{"a":1}', { a: 1 }],
    [' {"a":"}"} {"b":2}', { a: "}" }],
    ['{"a":"\\"}"}}}}', { a: '"}' }],
    ["[1,[2]] x", [1, [2]]],
    ["null x", null],
    ['"text" "more"', "text"],
    ["{}{", {}],
  ])("of %j", (text, value) => {
    expect(readJson(text)).toEqual(value);
  });

  test.each([
    ["", "bad request body: EOF"],
    ["  \n", "bad request body: EOF"],
    ["{", "bad request body: unexpected EOF"],
    ['{"a":"}', "bad request body: unexpected EOF"],
    ["[[]", "bad request body: unexpected EOF"],
    ["}", /^bad request body: ./],
    ["{a}", /^bad request body: ./],
  ])("of %j is none", (text, message) => {
    expect(() => readJson(text)).toThrow(message);
  });
});

test("JSON is written safely for HTML", () => {
  expect(writeJson({ a: "<>&\u2028" })).toBe(String.raw`{"a":"\u003c\u003e\u0026\u2028"}`);
});

test("turns: one at a time for a key, keys side by side, and a failure passes the turn on", async () => {
  const turns = new Turns();
  const log: string[] = [];
  const act =
    (name: string, fails = false) =>
    async () => {
      log.push(`${name} in`);
      await new Promise((resolve) => setImmediate(resolve));
      log.push(`${name} out`);
      if (fails) throw new Error(name);
    };
  const acts = [
    turns.take("k", act("a", true)),
    turns.take("k", act("b")),
    turns.take("other", act("c")),
  ];
  await turns.settled();
  const results = await Promise.allSettled(acts);
  expect(results.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled"]);
  expect(log.filter((line) => !line.startsWith("c"))).toEqual(["a in", "a out", "b in", "b out"]);
  expect(log.indexOf("c in")).toBeLessThan(log.indexOf("a out"));
});
