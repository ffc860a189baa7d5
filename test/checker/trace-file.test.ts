import { describe, expect, test } from "vitest";
import { Unreadable } from "../../checker/json-shape.ts";
import { parseTrace, parseTraceLine } from "../../checker/trace-file.ts";
import type { TraceEvent, TraceTransition } from "../../src/base/trace.ts";

const MARK = { index: 8, entryTerm: 1, hash: 5, stateHash: 4 };
const EXIT: TraceTransition = { type: "exit", code: null, signal: "SIGKILL", expected: true };
const STARTED = { term: 0, votedFor: null, lastIndex: 0, lastHash: 0, members: ["n1"] };
const LOG: TraceTransition = { type: "log", level: "fatal", text: "out of luck" };
const transitions: TraceTransition[] = [
  { type: "start", term: 0, votedFor: null, lastIndex: 0, lastHash: 0, members: ["n1"] },
  { type: "role", role: "leader", term: 1, votes: ["n1"] },
  { type: "role", role: "follower", term: 2 },
  { type: "vote", term: 1, candidate: "n1" },
  { type: "append", term: 1, role: "leader", from: 1, entries: [[1, 77]] },
  { type: "truncate", term: 1, role: "follower", from: 1 },
  { type: "durable", index: 1, hash: 77 },
  { type: "commit", term: 1, role: "leader", index: 1, hash: 77 },
  { type: "apply", from: 1, hashes: [5], effects: [[1, 2, 3]] },
  { type: "apply", from: 2, hashes: [] },
  {
    type: "start",
    term: 1,
    votedFor: null,
    lastIndex: 9,
    lastHash: 7,
    members: ["n1"],
    learners: ["n2"],
    snapshot: MARK,
  },
  { type: "snapshot", ...MARK },
  { type: "install", ...MARK, term: 2, lastIndex: 9 },
  { type: "append", term: 2, role: "follower", from: 10, entries: [[2, 3]], configurations: [10] },
  { type: "configuration", index: 10, voters: ["n1", "n3"], learners: [] },
  { type: "read-ticket", ticket: 1, index: 9 },
  { type: "read-answer", ticket: 1, appliedIndex: 9 },
  EXIT,
  { type: "exit", code: -1, signal: null, expected: false },
  LOG,
];
const events = transitions.map((one, at): TraceEvent => ({ timeNs: at, node: "n1", ...one }));

describe("a trace file", () => {
  test("every kind of event is read as it was written", () => {
    const text = events.map((event) => `${JSON.stringify(event)}\n`).join("");
    expect(parseTrace(text)).toEqual({ items: events, complaints: [], unfinished: undefined });
  });

  test("a header is no event", () => {
    const text = `{"format":"raftwreck-trace","version":1}\n${JSON.stringify(events[2])}\n`;
    expect(parseTrace(text)).toMatchObject({ items: [events[2]], complaints: [] });
  });

  test.each<[Record<string, unknown>, string]>([
    [{ type: "dance" }, '"type" must be one of start, role'],
    [{ timeNs: null }, '"timeNs" must be a number'],
    [{ node: 1 }, '"node" must be a string'],
    [{ ...transitions[0], votedFor: 3 }, '"votedFor" must be a string'],
    [{ ...transitions[0], members: "n1" }, '"members" must be a list'],
    [{ ...transitions[1], role: "king" }, '"role" must be one of follower, candidate, leader'],
    [{ ...transitions[4], from: 0 }, '"from" must be a whole number from 1'],
    [{ ...transitions[4], entries: [[1]] }, '"entries" must be a list of lists of 2 numbers'],
    [{ ...transitions[4], entries: [[1, 0.5]] }, 'every number of "entries" must be a whole'],
    [{ ...transitions[8], hashes: ["x"] }, 'every number of "hashes" must be a whole'],
    [{ ...transitions[8], effects: [1] }, '"effects" must be a list of lists of 3 numbers'],
    [{ type: "start", ...STARTED, learners: [1] }, '"learners" must be a list of strings'],
    [{ type: "start", ...STARTED, snapshot: 8 }, '"snapshot" must be a JSON object'],
    [{ type: "start", ...STARTED, snapshot: { ...MARK, index: 0 } }, '"index" must be a whole'],
    [{ type: "snapshot", ...MARK, stateHash: null }, '"stateHash" must be a whole number'],
    [{ type: "install", ...MARK, term: 2 }, '"lastIndex" must be a whole number from 1'],
    [{ ...transitions[4], configurations: [0] }, 'every number of "configurations" must be'],
    [{ type: "configuration", index: 1, voters: [] }, '"learners" must be a list'],
    [{ type: "read-ticket", ticket: 1 }, '"index" must be a whole number'],
    [{ type: "read-answer", ticket: 1 }, '"appliedIndex" must be a whole number'],
    [{ ...EXIT, expected: "yes" }, '"expected" must be true or false'],
    [{ ...LOG, level: "info" }, '"level" must be one of error, fatal'],
  ])("%j is refused", (wrong, reason) => {
    const read = parseTraceLine(JSON.stringify({ timeNs: 1, node: "n1", ...wrong }));
    expect(read).toBeInstanceOf(Unreadable);
    expect((read as Unreadable).reason).toContain(reason);
  });

  test("a torn last line is told, a torn line before it is complained about", () => {
    const line = JSON.stringify(events[3]);
    const { items, complaints, unfinished } = parseTrace(`${line}\n{"ti\n\n${line}\n{"timeN`);
    expect(items).toHaveLength(2);
    expect(complaints).toEqual([{ line: 2, reason: "this is not JSON" }]);
    expect(unfinished?.line).toBe(5);
  });
});
