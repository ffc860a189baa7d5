import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  Char,
  type Edn,
  EdnSet,
  EdnSymbol,
  formatEdn,
  Keyword,
  Ratio,
  Tagged,
} from "../../../checker/formats/edn.ts";
import { EdnReader, parseEdn } from "../../../checker/formats/edn-reader.ts";
import { MalformedHistory } from "../../../checker/formats/malformed.ts";

const k = (name: string): Keyword => Keyword.of(name);

test.each<[string, Edn]>([
  ["nil", null],
  ["true", true],
  ["-12", -12],
  ["+7", 7],
  ["-0", 0],
  ["12345678901234567890", 12345678901234567890n],
  ["42N", 42],
  ["1.5e3", 1500],
  ["2.5M", 2.5],
  ["-1/3", new Ratio(-1n, 3n)],
  ["##Inf", Infinity],
  ['"a\\n\\u00fc\\"b"', 'a\nü"b'],
  [":f", k("f")],
  [":jepsen/op", k("jepsen/op")],
  ["\\a", new Char("a")],
  ["\\newline", new Char("\n")],
  ["\\u00fc", new Char("ü")],
  ["\\(", new Char("(")],
  ["java.util.concurrent.TimeoutException", new EdnSymbol("java.util.concurrent.TimeoutException")],
  ["-", new EdnSymbol("-")],
  ["#{1 2}", new EdnSet([1, 2])],
  ['#inst "2026-11-20"', new Tagged("inst", "2026-11-20")],
  ["#jepsen.history.Op{:f :read}", new Tagged("jepsen.history.Op", new Map([[k("f"), k("read")]]))],
  ["#:op{:f 1, :x/y 2, \"s\" 3}", new Map<Edn, Edn>([[k("op/f"), 1], [k("x/y"), 2], ["s", 3]])], // prettier-ignore
  ["{:a [1 (2 3)], nil {}}", new Map<Edn, Edn>([[k("a"), [1, [2, 3]]], [null, new Map()]])], // prettier-ignore
  ["{:a 1 ; a comment with ] and }\n :b #_ #_ 2 {3 4} 5}", new Map<Edn, Edn>([[k("a"), 1], [k("b"), 5]])], // prettier-ignore
  ['#object[Foo 0x1f "x"]', new Tagged("object", [new EdnSymbol("Foo"), 31, "x"])],
])("%s", (text, value) => {
  expect(parseEdn(`{:v ${text}}`)).toEqual([new Map([[k("v"), value]])]);
});

test("one value after the other, or one vector or list of them, is the same", () => {
  const maps = [new Map([[k("f"), 1]]), new Map([[k("f"), 2]])];
  expect(parseEdn("{:f 1}\n{:f 2}\n")).toEqual(maps);
  expect(parseEdn("; a history\n[{:f 1}\n {:f 2}]")).toEqual(maps);
  expect(parseEdn("({:f 1} {:f 2})")).toEqual(maps);
});

test.each([
  ["\n{:a 1\n {:b 2", 2, "the text ends in the middle of a value"],
  ["{:a 1}\n\n{:a }", 3, "a map has a key without a value"],
  ["{:a [1 2}}", 1, '"[" is closed with "}"'],
  ["\n}", 2, 'there is a "}" that closes nothing'],
  ["[1 2", 1, 'there is no "]" at the end'],
  ["12ab ", 1, '"12ab" is no number'],
  ['"\\x"', 1, 'a string has "\\x", which means nothing'],
  ['"\\u12g4"', 1, 'a string has "\\u" without four hexadecimal digits'],
  ["\\nope ", 1, "there is no character \\nope"],
  ["{: 1}", 1, 'there is a stray ": "'],
  ["#<Foo>", 1, '"#<" is no EDN'],
  ["##Nope ", 1, "there is no number ##Nope"],
])("what is wrong is said with its line: %j", (text, line, reason) => {
  expect(() => parseEdn(text)).toThrow(new MalformedHistory(line, reason));
});

test.each(["[", "#a ", "#_ ", "{"])(
  "a tower of %s is refused before the stack is full",
  (storey) => {
    const refusal = new MalformedHistory(1, "values are nested deeper than 500");
    expect(() => parseEdn(storey.repeat(100_000))).toThrow(refusal);
  },
);

const word = fc.stringMatching(/^[a-zA-Z*!?][a-zA-Z0-9.*!?_-]{0,8}$/);
const scalar: fc.Arbitrary<Edn> = fc.oneof(
  fc.constantFrom(null, true, false),
  fc.integer(),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 80n }),
  fc.double().map((number) => number + 0),
  fc.string({ unit: "binary" }),
  word.map((name) => Keyword.of(name)),
  word.filter((name) => !["nil", "true", "false"].includes(name)).map((name) => new EdnSymbol(name)),
  fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 1 }).map((one) => new Char(one)),
  fc.tuple(fc.bigInt({ min: -9n, max: 9n }), fc.bigInt({ min: 1n, max: 9n })).map(([a, b]) => new Ratio(a, b)),
); // prettier-ignore
const { value: anyEdn } = fc.letrec<{ value: Edn }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    scalar,
    fc.array(tie("value"), { maxLength: 4 }),
    fc.array(tie("value"), { maxLength: 4 }).map((items) => new EdnSet(items)),
    fc.tuple(word, tie("value")).map(([tag, value]) => new Tagged(tag, value)),
    fc.uniqueArray(fc.tuple(word.map((name) => Keyword.of(name)), tie("value")), { selector: ([key]) => key.name, maxLength: 4 }).map((entries) => new Map<Edn, Edn>(entries)),
  ),
})); // prettier-ignore

function readInPieces(text: string, cuts: readonly number[]): unknown {
  const reader = new EdnReader();
  const values = [];
  let start = 0;
  for (const cut of [...cuts].sort((a, b) => a - b)) {
    const end = Math.max(start, cut % (text.length + 1));
    values.push(...reader.push(text.slice(start, end)));
    start = end;
  }
  values.push(...reader.push(text.slice(start)), ...reader.end());
  return values;
}

describe("any text", () => {
  test("what is written is read back, in whatever pieces it arrives", () => {
    fc.assert(
      fc.property(fc.array(anyEdn, { maxLength: 5 }), fc.array(fc.nat(300)), (values, cuts) => {
        const text = `[${values.map(formatEdn).join("\n")}]`;
        expect(parseEdn(text)).toEqual(values);
        expect(readInPieces(text, cuts)).toEqual(readInPieces(text, []));
      }),
      { numRuns: 300 },
    );
  });

  test("is read or refused with one sentence, the same in whatever pieces it arrives", () => {
    const piece = fc.oneof(
      fc.constantFrom(
        ...Array.from("()[]{}\"\\#_:;,/^@'`~ \n\t0-+.eNM"),
        "#_",
        "#{",
        "#:a{",
        "\\u",
        "##",
        "nil",
      ),
      fc.string({ unit: "binary", maxLength: 3 }),
      anyEdn.map(formatEdn),
    );
    const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(""));
    const outcome = (read: () => unknown): unknown => {
      try {
        return read();
      } catch (error) {
        if (error instanceof MalformedHistory) return "refused";
        throw error;
      }
    };
    fc.assert(
      fc.property(text, fc.array(fc.nat(100), { maxLength: 5 }), (given, cuts) => {
        const whole = outcome(() => readInPieces(given, []));
        expect(outcome(() => readInPieces(given, cuts))).toEqual(whole);
      }),
      { numRuns: 1000 },
    );
  });
});
