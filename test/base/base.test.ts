import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatAddress, parseAddress, parseCallableAddress } from "../../src/base/address.ts";
import { at, unreachable, valueOf } from "../../src/base/assert.ts";
import { formatDurationMs, formatMomentNs, parseDurationMs } from "../../src/base/duration.ts";
import { mixHash } from "../../src/base/hash.ts";
import { allLinks, linkName, majority } from "../../src/base/node-id.ts";
import { createPrng } from "../../src/base/prng.ts";
import { decodeUtf8, encodeUtf8 } from "../../src/base/utf8.ts";

describe("durations", () => {
  test.each([
    ["300", "s", 300_000],
    [300, "ms", 300],
    ["1.5s", "ms", 1500],
    ["250ms", "s", 250],
    ["5m", "s", 300_000],
    ["2 min", "s", 120_000],
    ["1h", "s", 3_600_000],
    ["soon", "s", undefined],
    ["-3", "s", undefined],
    ["3 days", "s", undefined],
    ["596h", "s", 2_145_600_000],
    ["597h", "s", undefined],
    ["", "s", undefined],
  ] as const)("%s in %s", (text, unit, ms) => {
    expect(parseDurationMs(text, unit)).toBe(ms);
  });

  test.each([
    [340, "340 ms"],
    [9870, "9.87 s"],
    [12_400, "12.4 s"],
    [320_000, "5 min 20 s"],
    [300_000, "5 min"],
  ])("%d ms is told as %s", (ms, text) => {
    expect(formatDurationMs(ms)).toBe(text);
  });

  test("a moment is told in seconds", () => {
    expect(formatMomentNs(88_200_000_000)).toBe("88.20 s");
  });
});

describe("chance", () => {
  test("equal seeds draw equally, other seeds and forks differ", () => {
    const draw = (seed: string): number[] => {
      const prng = createPrng(seed);
      return Array.from({ length: 20 }, () => prng.next());
    };
    expect(draw("a")).toEqual(draw("a"));
    expect(draw("a")).not.toEqual(draw("b"));
    expect(createPrng("a").fork("x").next()).toBe(createPrng("a/x").next());
  });

  test("a fork does not depend on what was drawn before", () => {
    const prng = createPrng("seed");
    const early = prng.fork("x").next();
    prng.next();
    expect(prng.fork("x").next()).toBe(early);
  });

  test("integers stay within their bounds and reach both", () => {
    const prng = createPrng("ints");
    const drawn = new Set(Array.from({ length: 500 }, () => prng.int(3, 6)));
    expect([...drawn].toSorted((a, b) => a - b)).toEqual([3, 4, 5, 6]);
  });

  test("a shuffle keeps every element", () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.string(), (list, seed) => {
        const shuffled = createPrng(seed).shuffle(list);
        const ascending = (a: number, b: number): number => a - b;
        expect(shuffled.toSorted(ascending)).toEqual(list.toSorted(ascending));
      }),
    );
  });

  test("chance is as often true as asked", () => {
    const prng = createPrng("often");
    const hits = Array.from({ length: 4000 }, () => prng.chance(0.25)).filter(Boolean).length;
    expect(hits).toBeGreaterThan(850);
    expect(hits).toBeLessThan(1150);
  });

  test("there is nothing to pick from an empty list", () => {
    expect(() => createPrng("x").pick([])).toThrow(RangeError);
  });
});

describe("UTF-8 without the platform", () => {
  test("is what the platform makes of any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect([...encodeUtf8(text)]).toEqual([...new TextEncoder().encode(text)]);
        expect(decodeUtf8(encodeUtf8(text))).toBe(text);
      }),
    );
  });

  test("replaces lone surrogates", () => {
    expect(decodeUtf8(encodeUtf8("a\ud800b"))).toBe("a\ufffdb");
  });

  test("decodes long texts and makes something of garbage", () => {
    const long = "ä€😀x".repeat(5000);
    expect(decodeUtf8(encodeUtf8(long))).toBe(long);
    expect(() => decodeUtf8(Uint8Array.from([0xff, 0xc3, 0xf8, 0x80]))).not.toThrow();
  });
});

describe("hashes", () => {
  test("are safe integers that tell what was hashed apart", () => {
    const seen = new Set<number>();
    for (let i = 0; i < 20_000; i++) seen.add(mixHash(i % 7, i % 5, `command ${i}`));
    expect(seen.size).toBe(20_000);
    for (const hash of seen) expect(Number.isSafeInteger(hash) && hash >= 0).toBe(true);
  });

  test("depend on what came before, on the term and on the text", () => {
    const hash = mixHash(1, 2, "x");
    expect([mixHash(2, 2, "x"), mixHash(1, 3, "x"), mixHash(1, 2, "y")]).not.toContain(hash);
    expect(mixHash(1, 2, "x")).toBe(hash);
  });

  test("are the same whatever was hashed before, though texts of some length are remembered", () => {
    const text = "long enough to be remembered";
    const hash = mixHash(1, 2, text);
    const others = [
      mixHash(1, 3, text),
      mixHash(1, 2, `${text}!`),
      // With the same last bits: in the place of the first.
      mixHash(1 + 2 ** 20, 2, text),
      mixHash(1 + 2 ** 40, 2, text),
    ];
    expect(new Set([hash, ...others]).size).toBe(5);
    expect(mixHash(1, 2, text)).toBe(hash);
    expect(mixHash(1, 2, text)).toBe(hash);
  });
});

describe("small things", () => {
  test("links are all ordered pairs", () => {
    expect(allLinks(["a", "b", "c"]).map(linkName)).toEqual([
      "a-b",
      "a-c",
      "b-a",
      "b-c",
      "c-a",
      "c-b",
    ]);
  });

  test.each([
    [1, 1],
    [2, 2],
    [3, 2],
    [4, 3],
    [5, 3],
  ])("the majority of %i is %i", (count, most) => {
    expect(majority(count)).toBe(most);
  });

  test("what is leant on is asserted", () => {
    expect(at([1, 2], 1)).toBe(2);
    expect(() => at([1, 2], 2)).toThrow("no element 2");
    expect(valueOf(new Map([["k", 1]]), "k")).toBe(1);
    expect(() => valueOf(new Map(), "k")).toThrow("nothing is known of k");
    expect(() => unreachable("odd" as never)).toThrow('unexpected "odd"');
  });

  test("addresses bracket IPv6", () => {
    expect(formatAddress({ host: "127.0.0.1", port: 80 })).toBe("127.0.0.1:80");
    expect(formatAddress({ host: "::1", port: 80 })).toBe("[::1]:80");
  });

  test.each([
    ["n1.example:80", { host: "n1.example", port: 80 }],
    ["[fe80::1%eth0]:65535", { host: "fe80::1%eth0", port: 65535 }],
    ["127.0.0.1:0", { host: "127.0.0.1", port: 0 }],
    ["日本:80", undefined],
    ["a b:80", undefined],
    ["a/b:80", undefined],
    ["a\r\nb:80", undefined],
    ["a:65536", undefined],
    [":80", undefined],
  ])("%j is read as %j", (text, address) => {
    expect(parseAddress(text)).toEqual(address);
    expect(parseCallableAddress(text)).toEqual(address?.port === 0 ? undefined : address);
  });
});
