import { describe, expect, test } from "vitest";
import {
  formatHeader,
  formatOp,
  nemesisValueOf,
  parseHistory,
  parseOpLine,
} from "../../checker/history-file.ts";
import type { NemesisValue, Op } from "../../checker/history.ts";
import { Unreadable } from "../../checker/json-shape.ts";
import { told } from "./told-history.ts";

const header = formatHeader({ workload: "register", startedAt: "2026-11-20T16:40:59.000Z" });
const nemesis: NemesisValue = {
  id: "kill-1",
  kind: "kill",
  sentence: "n1 is killed",
  nodes: ["n1"],
  links: [],
  phase: "failed",
  reason: "no such process",
};

describe("a history file", () => {
  test("what was written is read again", () => {
    const story = told("0 write a", "0 ok", "1 cas b c", "1 found a", "1 read", "1 info");
    const fault: Op = {
      index: 6,
      timeNs: 1,
      process: "nemesis",
      type: "info",
      f: "inject",
      value: nemesis,
    };
    const ops = [...story, fault];
    const text = [header, ...ops.map(formatOp)].join("\n") + "\n";
    const read = parseHistory(text);
    expect(read.header).toEqual(JSON.parse(header));
    expect(read.ops).toEqual(ops);
    expect(read.complaints).toEqual([]);
    expect(read.unfinished).toBeUndefined();
    expect(nemesisValueOf(fault)).toEqual(nemesis);
    expect(nemesisValueOf(story[0]!)).toBeUndefined();
    expect(nemesisValueOf({ ...fault, value: "hello" })).toBeUndefined();
  });

  test.each([
    ["", "this is not JSON"],
    ["[]\n", "the first line must be a JSON object"],
    ['{"format":"other"}\n', "is no history header"],
    ['{"format":"raftwreck-history","version":2}\n', "version 2 of the history is not known"],
    ['{"format":"raftwreck-history","version":1}\n', '"workload" must be a string'],
  ])("first line %j is refused", (text, reason) => {
    const { header: found, complaints, ops } = parseHistory(text);
    expect(found).toBeUndefined();
    expect(ops).toEqual([]);
    expect(complaints).toEqual([{ line: 1, reason: expect.stringContaining(reason) }]);
  });

  test.each<[string, Record<string, unknown>, string]>([
    ["index", { index: -1 }, '"index" must be a whole number from 0'],
    ["order", { index: 5 }, '"index" is 5, but 0 was due'],
    ["time", { timeNs: "now" }, '"timeNs" must be a number'],
    ["process", { process: "client" }, '"process" must be a whole number from 0'],
    ["type", { type: "done" }, '"type" must be one of invoke, ok, fail, info'],
    ["function", { f: 1 }, '"f" must be a string'],
    ["error", { error: 1 }, '"error" must be a string'],
    ["current", { current: 1 }, '"current" must be a string'],
    ["nemesis type", { process: "nemesis" }, 'the nemesis writes ops of type "info" only'],
    [
      "nemesis value",
      { process: "nemesis", type: "info", value: { ...nemesis, nodes: [1] } },
      '"nodes" must be a list of strings',
    ],
    [
      "nemesis links",
      { process: "nemesis", type: "info", value: { ...nemesis, links: "n1-n2" } },
      '"links" must be a list',
    ],
  ])("a wrong %s is complained about with its line", (_, wrong, reason) => {
    const op = { ...told("0 write a")[0], ...wrong };
    const { complaints } = parseHistory(`${header}\n${JSON.stringify(op)}\n`);
    expect(complaints).toEqual([{ line: 2, reason }]);
  });

  test("a line that is no JSON is complained about, and the rest is read", () => {
    const [first, second] = told("0 write a", "0 ok");
    const lines = [header, formatOp(first!), "{oops", formatOp(second!), ""];
    const { ops, complaints } = parseHistory(lines.join("\n"));
    expect(ops).toHaveLength(2);
    expect(complaints).toEqual([{ line: 3, reason: "this is not JSON" }]);
  });

  test("a last line cut off by the harness's death is told, and no complaint", () => {
    const [first, second] = told("0 write a", "0 ok");
    const text = `${header}\n${formatOp(first!)}\n${formatOp(second!).slice(0, 20)}`;
    const { ops, complaints, unfinished } = parseHistory(text);
    expect(ops).toEqual([first]);
    expect(complaints).toEqual([]);
    expect(unfinished).toEqual({ line: 3, reason: expect.stringContaining("not written to its") });
  });

  test("a whole last line without its line feed counts", () => {
    const [first] = told("0 write a");
    expect(parseHistory(`${header}\n${formatOp(first!)}`).ops).toEqual([first]);
  });

  test("a missing value is read as null", () => {
    const { value: _, ...bare } = told("0 write a")[0]!;
    const op = parseOpLine(JSON.stringify(bare));
    expect(op instanceof Unreadable ? op : op.value).toBeNull();
  });
});
