import { Script } from "node:vm";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { Op } from "../../checker/history.ts";
import { createPrng } from "../../src/base/prng.ts";
import { type Filterable, matchesFilter, parseFilter } from "../../src/report/explore/filter.ts";
import { keepLogs } from "../../src/report/explore/kept-logs.ts";
import { linesOfLane, type LogLine, parseLogLine } from "../../src/report/explore/log-lines.ts";
import { decodeOperations, encodeOperations } from "../../src/report/explore/operation-columns.ts";
import { OperationRows, VALUE_MAX } from "../../src/report/explore/operation-rows.ts";
import { type PackedRecords, packRecords } from "../../src/report/explore/pack.ts";
import { exploreSections } from "../../src/report/explore/sections.ts";
import { EXPLORE_SCRIPT } from "../../src/report/explore/script.ts";
import { groupDigits } from "../../src/report/verdict-text.ts";
import { SCRIPT } from "../../src/report/page/script.ts";
import { timelineOf } from "./fixtures.ts";

function op(index: number, part: Partial<Op>): Op {
  return {
    index,
    timeNs: index * 1e6,
    process: 1,
    type: "invoke",
    f: "read",
    value: null,
    ...part,
  };
}

/** So many reads and writes, one after the other, a millisecond each. */
function rowsOf(
  count: number,
  { max, near = [] }: { readonly max?: number; readonly near?: readonly number[] } = {},
): OperationRows {
  const rows = new OperationRows(near, max);
  const prng = createPrng("rows");
  for (let i = 0; i < count; i++) {
    const f = prng.pick(["read", "write"]);
    const key = `k${prng.int(0, 5)}`;
    const asked = f === "write" ? String(i) : null;
    rows.observe(op(2 * i, { f, value: [key, asked] }));
    const answer = f === "write" ? asked : String(prng.int(0, i));
    const type = prng.pick(["ok", "ok", "fail", "info"] as const);
    const value = [key, type === "ok" ? answer : asked];
    rows.observe(op(2 * i + 1, { f, type, value, node: prng.pick(["n1", "n2"]) }));
  }
  return rows;
}

describe("operations", () => {
  test("an operation is its call and its answer; a fail may say what it found; one without an answer is open", () => {
    const rows = new OperationRows([]);
    rows.observe(op(0, { f: "cas", value: ["k1", ["1", "2"]] }));
    rows.observe(
      op(3, {
        f: "cas",
        type: "fail",
        value: ["k1", ["1", "2"]],
        error: "cas-mismatch",
        current: "7",
      }),
    );
    rows.observe(op(4, { process: "nemesis", type: "info", f: "inject" }));
    rows.observe(
      op(5, {
        f: "txn",
        value: [
          ["r", "x", null],
          ["append", "y", 1],
        ],
      }),
    );
    const [cas, txn] = rows.finish().rows;
    expect(cas).toMatchObject({ index: 0, type: "fail", key: "k1", argument: '["1","2"]' });
    expect(cas).toMatchObject({ answer: '"7"', error: "cas-mismatch", returnNs: 3e6 });
    expect(txn).toMatchObject({ type: "open", returnNs: null, key: ["x", "y"] });
  });

  test("columns come out of the page as they went in", () => {
    const kept = rowsOf(2000).finish();
    const table = decodeOperations(encodeOperations(kept));
    expect(table.size).toBe(2000);
    for (const [at, row] of kept.rows.entries()) {
      const { index, f, key, process, node, type, argument, answer, error } = row;
      const told = [table.f(at), table.key(at), table.process(at), table.node(at), table.type(at)];
      expect([table.index[at], ...told]).toEqual([index, f, key, process, node, type]);
      expect([table.argument(at), table.answer(at), table.error(at)]).toEqual([
        argument,
        answer,
        error,
      ]);
      expect(table.callMs[at]).toBeCloseTo(row.callNs / 1e6, 2);
      expect(table.tookMs[at]).toBeCloseTo((row.returnNs! - row.callNs) / 1e6, 2);
    }
  });

  test("numbers as text, counted up or not, are told from numbers and from what only looks like one", () => {
    const rows = new OperationRows([]);
    const values = ["5", 5, "05", "-1", "9007199254740993", "3", "", '"', null];
    for (const [at, value] of values.entries()) {
      rows.observe(op(2 * at, { f: "write", value: ["k", value] }));
      rows.observe(op(2 * at + 1, { f: "write", type: "ok", value: ["k", value] }));
    }
    const table = decodeOperations(encodeOperations(rows.finish()));
    expect(values.map((_, at) => JSON.parse(table.argument(at)) as unknown)).toEqual(values);
  });

  test("of too many all near a violation are kept, and every so many of the rest; it is said", () => {
    const kept = rowsOf(40_000, { max: 10_000, near: [20e9] }).finish();
    const near = kept.rows.filter(({ callNs }) => callNs >= 19.9e9 && callNs <= 20.1e9);
    expect(kept.rows.length).toBeLessThanOrEqual(10_000);
    expect(kept.total).toBe(40_000);
    expect(kept.every).toBeGreaterThan(1);
    expect(near.length).toBeGreaterThan(0);
    const timeline = timelineOf([]);
    const packed = packRecords({ operations: kept, logs: keepLogs([], []) }, timeline, 1, 5000);
    expect(packed.text.length).toBeLessThanOrEqual(5000);
    const { rows, every } = packed.records.operations;
    const text = exploreSections(packed).text;
    expect(text).toContain(`! Showing ${groupDigits(rows.length)} of ${groupDigits(40_000)}`);
    expect(text).toContain(`one in ${every} of the others`);
  });

  test("a value that is too long is cut, and counted", () => {
    const rows = new OperationRows([]);
    rows.observe(op(0, { f: "write", value: ["k", "x".repeat(500)] }));
    const kept = rows.finish();
    expect(kept.rows[0]?.argument).toHaveLength(VALUE_MAX + 1);
    expect(kept.cutValues).toBe(1);
  });
});

describe("filter", () => {
  const ROW: Filterable = {
    word: (field) =>
      ({ f: "write", key: ["k7"], type: "info", node: "n2", client: "3" })[field as "f"],
    number: (field) => (field === "t" ? 22.5 : 620),
    text: () => "write k7 42 connection-refused n2",
  };

  test.each([
    ["", true],
    ["f:write", true],
    ["f:read", false],
    ["f:read,write", true],
    ["f:read f:write", true],
    ["!f:write", false],
    ["key:7", true],
    ["key:k7", true],
    ["key:77", false],
    ["type:info node:n2 client:3", true],
    ["type:info node:n1", false],
    ["!type:ok", true],
    ["t:20..25", true],
    ["t:..22", false],
    ["t:22..", true],
    ["!t:20..25", false],
    ["lat>500", true],
    ["lat<500", false],
    ["level:warn", false],
    ["refused 42", true],
    ['"k7 42"', true],
    ['!"k7 42"', false],
    ["http://x", false],
  ])("%s", (text, isHit) => {
    expect(matchesFilter(parseFilter(text), ROW)).toBe(isHit);
  });

  test("a range that is none is complained of, not passed over in silence", () => {
    expect(parseFilter("t:abc lat>").complaints).toEqual([
      "t:abc is no range: say t:20..25, t>20 or t<25",
      "lat> is no range: say lat:20..25, lat>20 or lat<25",
    ]);
  });
});

describe("logs", () => {
  const base = { startedAtMs: Date.parse("2026-11-26T10:20:48.000Z"), lastMs: 77 };

  test.each([
    [
      '{"level":30,"time":"2026-11-26T10:20:49.250Z","msg":"follower in term 1"}',
      1250,
      "info",
      "follower in term 1",
    ],
    ['{"level":"warn","ts":1795688449.5,"msg":"slow","took":3}', 1500, "warn", 'slow {"took":3}'],
    ["panic: runtime error", 77, "error", "panic: runtime error"],
    ["{ no json", 77, "info", "{ no json"],
    [
      '{"level":30,"f":"inject","value":{"sentence":"n1 is paused","phase":"intent"},"msg":"nemesis"}',
      77,
      "info",
      "nemesis inject, intent: n1 is paused",
    ],
  ])("%s", (line, timeMs, level, text) => {
    expect(parseLogLine(line, "n1", base)).toEqual({ timeMs, source: "n1", level, text });
  });

  test("a node without a log is told of by its conditions", () => {
    const timeline = timelineOf([
      { type: "trace", event: { timeNs: 1e9, node: "n1", type: "role", role: "leader", term: 2 } },
    ]);
    expect(timeline.nodes.flatMap(linesOfLane).at(-1)).toMatchObject({
      timeMs: 1000,
      text: "leader in term 2",
    });
  });

  test("of too many lines debugging goes first, then what is neither loud nor near a violation; never silently", () => {
    const line = (timeMs: number, level: LogLine["level"]): LogLine => ({
      timeMs,
      source: "n1",
      level,
      text: "",
    });
    const lines = Array.from({ length: 90 }, (_, i) =>
      line(i * 1000, (["debug", "info", "warn"] as const)[i % 3]!),
    );
    expect(keepLogs(lines, [], { max: 100 })).toMatchObject({ total: 90, omitted: "" });
    expect(keepLogs(lines, [], { max: 60 }).omitted).toBe("debug lines");
    const loud = keepLogs(lines, [50_000], { max: 45 });
    expect(loud.lines.length).toBeGreaterThan(30);
    expect(loud.omitted).toContain("within 5 s of a violation");
    expect(keepLogs(lines, [], { max: 10 }).lines).toHaveLength(0);
    const long = keepLogs(lines, [], { unread: 5 });
    expect(long).toMatchObject({ total: 95, omitted: "the ends of very long logs" });
    const errors = lines.map((each) => ({ ...each, level: "error" as const }));
    expect(keepLogs(errors, [], { max: 10 })).toMatchObject({
      omitted: "everything after the first 10 lines",
    });
  });
});

test("what the page unpacks is what was packed, and its script is one that runs without the rest of this project", () => {
  const records = { operations: rowsOf(100).finish(), logs: keepLogs([], []) };
  const packed = packRecords(records, timelineOf([]), 1);
  const json = gunzipSync(Buffer.from(packed.text, "base64")).toString();
  expect(decodeOperations((JSON.parse(json) as PackedRecords).operations).size).toBe(100);
  expect(SCRIPT + EXPLORE_SCRIPT).not.toMatch(/__vi|import\(|<\/script/);
  expect(() => new Script(SCRIPT + EXPLORE_SCRIPT)).not.toThrow();
});
