import { expect, test } from "vitest";
import { createHistoryParser } from "../../../checker/formats/format.ts";
import { formatEdnOp, opOfKey } from "../../../checker/formats/write-edn.ts";
import type { Op } from "../../../checker/history.ts";

const OPS: readonly Op[] = [
  { index: 0, timeNs: 5.25, process: 0, type: "invoke", f: "cas", value: ["k1", [null, 'a"b']] },
  { index: 1, timeNs: 9, process: 0, type: "fail", f: "cas", value: ["k1", [null, 'a"b']], error: "cas-mismatch", current: "z", node: "n1" },
  { index: 2, timeNs: 10, process: "nemesis", type: "info", f: "inject", value: { id: "f1", kind: "kill", sentence: "n1 is killed", nodes: ["n1"], links: [], phase: "confirmed" } },
  { index: 3, timeNs: 11, process: 3, type: "invoke", f: "delete", value: ["k2", null] },
  { index: 4, timeNs: 12, process: 3, type: "info", f: "delete", value: ["k2", null], error: "socket hang up" },
]; // prettier-ignore

test("a history of ours is written as Jepsen writes its own", () => {
  expect(OPS.map(formatEdnOp)).toEqual([
    '{:index 0, :time 5, :type :invoke, :process 0, :f :cas, :value ["k1" [nil "a\\"b"]]}',
    '{:index 1, :time 9, :type :fail, :process 0, :f :cas, :value ["k1" [nil "a\\"b"]], :error :cas-mismatch, :current "z", :node "n1"}',
    '{:index 2, :time 10, :type :info, :process :nemesis, :f :inject, :value "n1 is killed"}',
    '{:index 3, :time 11, :type :invoke, :process 3, :f :delete, :value ["k2" nil]}',
    '{:index 4, :time 12, :type :info, :process 3, :f :delete, :value ["k2" nil], :error "socket hang up"}',
  ]);
});

test("and read back it is the same, but for the nemesis", () => {
  const parser = createHistoryParser("edn", "");
  const text = OPS.map((op) => formatEdnOp({ ...op, timeNs: Math.round(op.timeNs) })).join("\n");
  const read = [...parser.push(text), ...parser.end()];
  const clients = OPS.filter(({ process }) => process !== "nemesis");
  expect(read).toEqual(clients.map((op) => ({ ...op, timeNs: Math.round(op.timeNs) })));
});

test("one key by itself is a cas-register, in which nothing is deleted but nil is written", () => {
  const lines = OPS.flatMap((op) => opOfKey(op, "k2") ?? []).map(formatEdnOp);
  expect(lines).toEqual([
    "{:index 3, :time 11, :type :invoke, :process 3, :f :write, :value nil}",
    '{:index 4, :time 12, :type :info, :process 3, :f :write, :value nil, :error "socket hang up"}',
  ]);
});
