import { expect, test } from "vitest";
import type { CheckerRecord } from "../../checker/checker.ts";
import { Feed } from "../../src/run/feed.ts";

const op = (timeMs: number): CheckerRecord => ({
  type: "op",
  op: { index: 0, timeNs: timeMs * 1e6, process: 0, type: "invoke", f: "read", value: null },
});
const trace = (timeMs: number): CheckerRecord => ({
  type: "trace",
  event: { timeNs: timeMs * 1e6, node: "n1", type: "vote", term: 1, candidate: "n1" },
});

function timesOf(records: readonly CheckerRecord[]): number[] {
  return records.map((record) => (record.type === "op" ? record.op : record.event).timeNs / 1e6);
}

test("records that come in by two ways are observed in the order of time", () => {
  const observed: CheckerRecord[] = [];
  const feed = new Feed((record) => observed.push(record));
  for (const record of [op(10), op(30), trace(5), trace(20)]) feed.push(record);
  feed.drain();
  expect(timesOf(observed)).toEqual([5, 10, 20, 30]);
});

test("what is young waits, since something older may still come in", () => {
  const observed: CheckerRecord[] = [];
  const feed = new Feed((record) => observed.push(record));
  feed.push(op(1000));
  feed.push(op(1900));
  feed.pump(2000e6);
  expect(timesOf(observed)).toEqual([1000]);
  feed.push(trace(1800));
  feed.drain();
  expect(timesOf(observed)).toEqual([1000, 1800, 1900]);
});

test("a record that comes very late is observed all the same", () => {
  const observed: CheckerRecord[] = [];
  const feed = new Feed((record) => observed.push(record));
  feed.push(op(1000));
  feed.pump(5000e6);
  feed.push(trace(500));
  feed.pump(5000e6);
  expect(timesOf(observed)).toEqual([1000, 500]);
});
