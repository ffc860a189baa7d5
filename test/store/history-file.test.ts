import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Op } from "../../checker/history.ts";
import { HistoryWriter, readHistory } from "../../src/store/history-file.ts";
import { tempDir } from "./temp-dir.ts";

const HEADER = { workload: "register", startedAt: "2026-11-20T16:40:59.000Z" };
const onFailure = (error: Error): never => {
  throw error;
};

function op(index: number, part: Partial<Op> = {}): Op {
  return {
    index,
    timeNs: index * 1e6,
    process: 0,
    type: "invoke",
    f: "read",
    value: ["k1", null],
    ...part,
  };
}

function written(ops: readonly Op[]): string {
  const path = join(tempDir(), "history.jsonl");
  using writer = new HistoryWriter(path, HEADER, { onFailure });
  for (const each of ops) writer.append(each);
  return path;
}

test("what was written is read back, the header first", () => {
  const ops = [
    op(0),
    op(1, { type: "ok", value: ["k1", "ü\u2028💥\n"] }),
    op(2, {
      process: "nemesis",
      type: "info",
      f: "note",
      value: {
        id: "f1",
        kind: "kill",
        sentence: "n1 is killed",
        nodes: ["n1"],
        links: [],
        phase: "intent",
      },
    }),
  ];
  const path = written(ops);
  const { header, ops: read } = readHistory(path);
  expect(header).toEqual({ format: "raftwreck-history", version: 1, ...HEADER });
  expect([...read]).toEqual(ops);
  expect([...read], "and once more, from the start").toEqual(ops);
});

test("the header is on disk before the first op, so even an empty run has a history", () => {
  const path = join(tempDir(), "history.jsonl");
  using _writer = new HistoryWriter(path, HEADER, { onFailure });
  expect([...readHistory(path).ops]).toEqual([]);
});

test("a history longer than the reading buffer keeps every op, and characters cut by the buffer stay whole", () => {
  const ops = Array.from({ length: 9000 }, (_, i) =>
    op(i, { value: ["k1", "ä€💥".repeat(i % 9)] }),
  );
  expect([...readHistory(written(ops)).ops]).toEqual(ops);
});

test("the unfinished last line of a killed harness is left out", () => {
  const path = written([op(0), op(1)]);
  appendFileSync(path, '{"index":2,"timeNs":12');
  expect([...readHistory(path).ops]).toHaveLength(2);
});

test("a last line that is whole but for its newline counts", () => {
  const path = written([op(0)]);
  appendFileSync(path, JSON.stringify(op(1)));
  expect([...readHistory(path).ops]).toHaveLength(2);
});

test("ops out of order are a defect of ours", () => {
  expect(() => written([op(1)])).toThrow(/op 1 out of order/);
});

test("a second writer does not write over a history", () => {
  const path = written([op(0)]);
  expect(() => new HistoryWriter(path, HEADER, { onFailure })).toThrow(/already exists/);
});

test.each([
  ["an empty file", "", /is empty: a history begins with its header line/],
  ["another file", '{"format":"other"}\n', /line 1: .*no history header/],
  ["no JSON at all", "hello\n", /line 1: this is not JSON/],
  [
    "a later version",
    '{"format":"raftwreck-history","version":9}\n',
    /line 1: version 9 of the history/,
  ],
])("%s is refused with a sentence", (_, text, sentence) => {
  const path = join(tempDir(), "history.jsonl");
  writeFileSync(path, text);
  expect(() => readHistory(path)).toThrow(sentence);
});

test.each([
  ["garbage in the middle", "{{{", /history.jsonl: line 3: this is not JSON/],
  [
    "an op without a type",
    '{"index":1,"timeNs":1,"process":1,"f":"read","value":null}',
    /line 3: "type" must be one of/,
  ],
  ["an op that is missing", JSON.stringify(op(7)), /line 3: "index" is 7, not 1/],
])("%s is refused, naming the line", (_, line, sentence) => {
  const path = written([op(0)]);
  writeFileSync(path, `${readFileSync(path, "utf8")}${line}\n${JSON.stringify(op(2))}\n`);
  expect(() => [...readHistory(path).ops]).toThrow(sentence);
});
