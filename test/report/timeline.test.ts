import { describe, expect, test } from "vitest";
import type { CheckerRecord } from "../../checker/checker.ts";
import type { NemesisValue, Op } from "../../checker/history.ts";
import type { TraceTransition } from "../../src/base/trace.ts";
import { Timeline } from "../../src/report/timeline.ts";
import type { TimelineData } from "../../src/report/timeline-data.ts";

const S = 1e9;

function timelineOf(records: readonly CheckerRecord[]): TimelineData {
  const timeline = new Timeline();
  for (const record of records) timeline.observe(record);
  return timeline.snapshot();
}

let index = 0;
function op(timeS: number, part: Partial<Op>): CheckerRecord {
  const base = { index: index++, process: 1, type: "invoke", f: "read", value: null } as const;
  return { type: "op", op: { ...base, timeNs: timeS * S, ...part } };
}

function call(
  fromS: number,
  toS: number,
  type: "ok" | "fail" | "info",
  part: Partial<Op> = {},
): CheckerRecord[] {
  return [op(fromS, part), op(toS, { ...part, type })];
}

function nemesis(
  timeS: number,
  f: "inject" | "heal",
  part: Partial<NemesisValue> = {},
): CheckerRecord {
  const value: NemesisValue = {
    id: "f1",
    kind: "kill",
    sentence: "n1 is killed",
    nodes: ["n1"],
    links: [],
    phase: "confirmed",
    ...part,
  };
  return op(timeS, { process: "nemesis", type: "info", f, value });
}

function trace(timeS: number, node: string, event: TraceTransition): CheckerRecord {
  return { type: "trace", event: { timeNs: timeS * S, node, ...event } };
}

const START: TraceTransition = {
  type: "start",
  term: 0,
  votedFor: null,
  lastIndex: 0,
  lastHash: 0,
  members: [],
};

describe("operations", () => {
  test("count where they ended, and their latency where they began", () => {
    const { bins } = timelineOf([...call(0.1, 0.6, "ok"), ...call(0.7, 0.7, "fail"), op(2, {})]);
    expect(bins.map(({ ok, fail }) => [ok, fail]).slice(0, 3)).toEqual([
      [0, 0],
      [0, 0],
      [1, 1],
    ]);
    expect(bins[0]?.latency).toMatchObject({ count: 1, maxMs: 500 });
    expect(bins[2]?.latency).toBeNull();
  });

  test("percentiles are within a tenth of the truth, the maximum is exact", () => {
    const calls = Array.from({ length: 1000 }, (_, i) => call(i, i + (i + 1) / 1000, "ok")).flat();
    const [read] = timelineOf(calls).operations;
    expect(read?.latency?.maxMs).toBeCloseTo(1000);
    for (const [name, exact] of [
      ["p50Ms", 500],
      ["p95Ms", 950],
      ["p99Ms", 990],
    ] as const)
      expect(Math.abs((read?.latency?.[name] ?? 0) / exact - 1), name).toBeLessThan(0.1);
  });

  test("no latency is counted for what failed or is unknown", () => {
    const { operations } = timelineOf([...call(0, 1, "fail"), ...call(1, 2, "info")]);
    expect(operations).toEqual([{ f: "read", ok: 0, fail: 1, info: 1, latency: null }]);
  });

  test("errors are counted by their code, the most frequent first", () => {
    const { errors } = timelineOf([
      ...call(0, 1, "fail", { error: "not-leader" }),
      ...[1, 2].flatMap((at) => call(at, at + 1, "info", { error: "timeout" })),
    ]);
    expect(errors.map(({ error, count }) => [error, count])).toEqual([
      ["timeout", 2],
      ["not-leader", 1],
    ]);
  });

  test("a long run has no more bins than a short one, and loses no operation", () => {
    const calls = Array.from({ length: 3000 }, (_, i) => call(i, i + 0.01, "ok")).flat();
    const { bins, binNs } = timelineOf([...calls, op(3000.5 + 8, {})]);
    expect(bins.length).toBeLessThanOrEqual(400);
    expect(binNs).toBe(8 * S);
    expect(bins.reduce((sum, bin) => sum + bin.ok, 0)).toBe(3000);
    expect(bins.reduce((sum, bin) => sum + (bin.latency?.count ?? 0), 0)).toBe(3000);
  });

  test("a last bin that the run did not fill is no slump", () => {
    const { bins } = timelineOf([
      ...call(0, 0.2, "ok"),
      ...call(0.3, 0.45, "ok"),
      ...call(0.5, 0.51, "ok"),
    ]);
    expect(bins).toHaveLength(2);
  });
});

describe("faults", () => {
  test("last from the intent until the heal is confirmed", () => {
    const { faults, faultKinds } = timelineOf([
      nemesis(1, "inject", { phase: "intent", sentence: "the leader is killed", nodes: [] }),
      nemesis(1.1, "inject"),
      ...call(2, 3, "ok"),
      nemesis(5, "heal", { phase: "intent" }),
      nemesis(5.2, "heal"),
      ...call(6, 7, "ok"),
    ]);
    expect(faults).toEqual([
      {
        id: "f1",
        kind: "kill",
        sentence: "n1 is killed",
        nodes: ["n1"],
        links: [],
        fromNs: 1 * S,
        confirmedNs: 1.1 * S,
        toNs: 5.2 * S,
        failure: null,
      },
    ]);
    expect(faultKinds[0]).toMatchObject({ injected: 1, confirmed: 1, healed: 1, okDuring: 1 });
  });

  test("of the same entry may come again", () => {
    const { faults } = timelineOf(
      [1, 2].flatMap((at) => [nemesis(at, "inject"), nemesis(at + 0.5, "heal")]),
    );
    expect(faults.map(({ fromNs }) => fromNs)).toEqual([1 * S, 2 * S]);
  });

  test("that failed say why, and are open when never healed", () => {
    const { faults } = timelineOf([
      nemesis(1, "inject", { phase: "failed", reason: "no such process" }),
    ]);
    expect(faults[0]).toMatchObject({ confirmedNs: null, toNs: null, failure: "no such process" });
  });

  test("of a foreign history that are none are ignored", () => {
    const { faults } = timelineOf([
      op(1, { process: "nemesis", type: "info", f: "inject", value: "boom" }),
    ]);
    expect(faults).toEqual([]);
  });

  test("that pause a node show on its lane", () => {
    const { nodes } = timelineOf([
      trace(0, "n1", START),
      nemesis(1, "inject", { kind: "pause" }),
      nemesis(4, "heal", { kind: "pause" }),
    ]);
    expect(nodes[0]?.paused).toEqual([{ fromNs: 1 * S, toNs: 4 * S }]);
  });
});

describe("nodes", () => {
  const lead = (term: number): TraceTransition => ({
    type: "role",
    role: "leader",
    term,
    votes: ["n1", "n2"],
  });
  const follow = (term: number): TraceTransition => ({ type: "role", role: "follower", term });

  test("lead until they step down, are killed, or the run ends", () => {
    const { leaders, leaderChanges } = timelineOf([
      trace(1, "n1", lead(1)),
      trace(2, "n1", follow(2)),
      trace(2.5, "n2", lead(2)),
      trace(3, "n2", { type: "exit", code: null, signal: "SIGKILL", expected: true }),
      trace(4, "n3", lead(3)),
    ]);
    expect(
      leaders.map(({ node, term, fromNs, toNs }) => [node, term, fromNs / S, toNs && toNs / S]),
    ).toEqual([
      ["n1", 1, 1, 2],
      ["n2", 2, 2.5, 3],
      ["n3", 3, 4, null],
    ]);
    expect(leaderChanges).toBe(3);
  });

  test("are down between exit and start", () => {
    const { nodes, exits } = timelineOf([
      trace(0, "n1", START),
      trace(3, "n1", { type: "exit", code: 1, signal: null, expected: false }),
      trace(5, "n1", START),
    ]);
    expect(nodes[0]?.conditions.map(({ condition, fromNs }) => [condition, fromNs / S])).toEqual([
      ["follower", 0],
      ["down", 3],
      ["follower", 5],
    ]);
    expect(exits).toEqual([{ timeNs: 3 * S, node: "n1", code: 1, signal: null, expected: false }]);
  });

  test("keep their commit index from bin to bin, and have none while they are down", () => {
    const commit = (timeS: number, commitIndex: number): CheckerRecord =>
      trace(timeS, "n1", {
        type: "commit",
        term: 1,
        role: "follower",
        index: commitIndex,
        hash: 0,
      });
    const { nodes, binNs } = timelineOf([
      commit(0.1, 3),
      commit(0.6, 9),
      trace(1.1, "n1", { type: "exit", code: null, signal: "SIGKILL", expected: true }),
      op(199, {}),
    ]);
    expect(binNs).toBe(0.5 * S);
    expect(nodes[0]?.commits).toEqual([3, 9, null]);
  });

  test("show snapshots, and the commit index that comes with them", () => {
    const mark = { index: 7, entryTerm: 1, hash: 1, stateHash: 1 };
    const { nodes } = timelineOf([
      trace(0, "n1", { ...START, snapshot: mark }),
      trace(0.6, "n1", { type: "snapshot", ...mark, index: 8 }),
      trace(1.1, "n1", { type: "install", ...mark, index: 9, term: 1, lastIndex: 9 }),
      op(199, {}),
    ]);
    expect(nodes[0]?.snapshots).toEqual([
      { timeNs: 0.6 * S, index: 8, isInstalled: false },
      { timeNs: 1.1 * S, index: 9, isInstalled: true },
    ]);
    expect(nodes[0]?.commits).toEqual([7, 7, 9]);
  });

  test("are in the order that people count in", () => {
    const { nodes } = timelineOf(["n10", "n2", "n1"].map((node) => trace(0, node, START)));
    expect(nodes.map(({ node }) => node)).toEqual(["n1", "n2", "n10"]);
  });

  test("that flap without end do not fill the memory, and what is left out is counted", () => {
    const flapping = Array.from({ length: 5000 }, (_, i) =>
      trace(i / 100, "n1", i % 2 === 0 ? follow(i) : { type: "role", role: "candidate", term: i }),
    );
    const { nodes, omittedIntervals } = timelineOf(flapping);
    expect(nodes[0]?.conditions).toHaveLength(2000);
    expect(omittedIntervals).toBe(3000);
  });
});

describe("the clients' lanes", () => {
  const op = (timeS: number, process: number, type: Op["type"]): CheckerRecord => ({
    type: "op",
    op: { index: 0, timeNs: timeS * 1e9, process, type, f: "read", value: ["k", null] },
  });

  test("show what weighs most in each quarter of a second, from the call to the answer", () => {
    const { clients } = timelineOf([
      op(0.1, 0, "invoke"),
      op(0.2, 0, "ok"),
      op(0.3, 0, "invoke"),
      op(0.3, 1, "invoke"),
      op(0.35, 1, "fail"),
      op(0.9, 0, "info"),
      op(0.95, 1, "invoke"),
      op(0.96, 1, "ok"),
    ]);
    expect(clients).toEqual(["oiii", " f o"]);
  });

  test("are so many at most, and whoever has none is counted", () => {
    const records = Array.from({ length: 33 }, (_, process) => [
      op(0, process, "invoke"),
      op(0.1, process, "ok"),
    ]).flat();
    const calls = records.toSorted((a, b) => timeOf(a) - timeOf(b));
    const { clients, omittedClients } = timelineOf(calls);
    expect([clients.length, omittedClients]).toEqual([30, 3]);
  });

  test("join with their neighbours as the run goes on", () => {
    const { clients, binNs } = timelineOf([
      op(0.3, 0, "invoke"),
      op(0.4, 0, "fail"),
      op(150, 0, "invoke"),
      op(150.1, 0, "ok"),
    ]);
    expect(clients[0]?.trimEnd()).toMatch(/^f +o$/);
    expect(clients[0]?.length).toBe(Math.floor(150.1e9 / binNs) + 1);
  });

  test("whoever is new after an unknown outcome goes on in the same lane", () => {
    const records = [op(0, 0, "invoke"), op(0, 1, "invoke"), op(0.1, 0, "info")];
    const { clients } = timelineOf([...records, op(0.3, 2, "invoke"), op(0.4, 2, "ok")]);
    expect(clients).toEqual(["io", ""]);
  });
});

function timeOf(record: CheckerRecord): number {
  return record.type === "op" ? record.op.timeNs : record.event.timeNs;
}
