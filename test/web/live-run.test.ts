import { describe, expect, test } from "vitest";
import type { CheckerRecord } from "../../checker/checker.ts";
import type { Nemesis } from "../../nemesis/nemesis.ts";
import type { TraceTransition } from "../../src/base/trace.ts";
import { createPlan, DEFAULT_CHOICES } from "../../src/run/plan.ts";
import { LiveRun } from "../../src/web/live-run.ts";

const NODES = ["n1", "n2", "n3"];
const plan = createPlan({ ...DEFAULT_CHOICES, seed: "live", environment: "local", nodeCount: 3 });
const view = {
  elapsedMs: 2000,
  leader: null,
  ok: 0,
  fail: 0,
  info: 0,
  rate: 0,
  p99Ms: null,
  activeFaults: [],
  phase: "load",
  durationMs: 60_000,
  nextFault: null,
  checkers: [],
};

function liveRun(mayControl = true): LiveRun {
  return new LiveRun({
    plan,
    cluster: { nodes: NODES, hasClientLinks: false, surroundings: "local" },
    mayControl,
    stop: () => undefined,
  });
}

function traced(node: string, timeMs: number, transition: TraceTransition): CheckerRecord {
  return { type: "trace", event: { timeNs: timeMs * 1e6, node, ...transition } };
}

function nemesisSays(f: "inject" | "heal", timeMs: number, value: object): CheckerRecord {
  const op = {
    index: 0,
    timeNs: timeMs * 1e6,
    process: "nemesis",
    type: "info",
    f,
    value,
  } as const;
  return { type: "op", op };
}

const PAUSE = {
  id: "p1",
  kind: "pause",
  sentence: "n2 is paused",
  nodes: ["n2"],
  links: [],
  phase: "confirmed",
};

describe("a run as pages watch it", () => {
  test("nothing is shown before there is anything", () => {
    expect(liveRun().message(0)).toBeUndefined();
  });

  test("nodes are as their traces and the nemesis say", () => {
    const run = liveRun();
    for (const node of ["n1", "n2"]) {
      run.observe(
        traced(node, 100, {
          type: "start",
          term: 1,
          votedFor: null,
          lastIndex: 0,
          lastHash: 0,
          members: NODES,
        }),
      );
    }
    run.observe(traced("n1", 200, { type: "role", role: "leader", term: 2, votes: ["n1", "n2"] }));
    run.observe(traced("n2", 200, { type: "vote", term: 2, candidate: "n1" }));
    run.observe(
      traced("n1", 300, {
        type: "append",
        term: 2,
        role: "leader",
        from: 1,
        entries: [
          [2, 7],
          [2, 8],
        ],
      }),
    );
    run.observe(traced("n1", 400, { type: "commit", term: 2, role: "leader", index: 1, hash: 7 }));
    run.observe(nemesisSays("inject", 500, PAUSE));
    run.update(view);
    expect(run.message(0)?.state.nodes).toEqual([
      {
        node: "n1",
        life: "up",
        role: "leader",
        term: 2,
        votedFor: null,
        lastIndex: 2,
        commitIndex: 1,
        silentMs: 1600,
      },
      {
        node: "n2",
        life: "paused",
        role: "follower",
        term: 1,
        votedFor: "n1",
        lastIndex: 0,
        commitIndex: 0,
        silentMs: 1800,
      },
      {
        node: "n3",
        life: "down",
        role: null,
        term: 0,
        votedFor: null,
        lastIndex: 0,
        commitIndex: 0,
        silentMs: null,
      },
    ]);
    expect(run.message(0)?.state.faults).toMatchObject([{ id: "p1", restMs: null }]);
    run.observe(nemesisSays("heal", 600, PAUSE));
    run.observe(traced("n1", 700, { type: "exit", code: null, signal: "SIGKILL", expected: true }));
    expect(run.message(0)?.state).toMatchObject({
      faults: [],
      nodes: [{ life: "down" }, { life: "up" }, { life: "down" }],
    });
  });

  test("a page gets the events that it has not got yet", () => {
    const run = liveRun();
    run.update(view);
    for (let i = 1; i <= 3; i++) run.event({ type: "note", timeNs: i * 1e6, text: `event ${i}` });
    expect(run.message(0)?.events.map(({ text }) => text)).toEqual([
      "event 1",
      "event 2",
      "event 3",
    ]);
    expect(run.message(2)?.events.map(({ id }) => id)).toEqual([3]);
  });
});

describe("orders from a page", () => {
  function underLoad(mayControl = true) {
    const asked: unknown[] = [];
    const nemesis: Nemesis = {
      active: () => [{ ...PAUSE, kind: "pause", phase: "confirmed" } as const],
      asRun: () => plan.schedule,
      inject: (fault, forMs) => {
        asked.push({ fault, forMs });
        return "by-hand-1";
      },
      heal: (ids) => void asked.push({ ids }),
      stop: () => undefined,
    };
    const run = liveRun(mayControl);
    run.begin(0, nemesis);
    return { run, asked };
  }

  test("faults and heals reach the nemesis", () => {
    const { run, asked } = underLoad();
    const kill = { type: "kill", nodes: ["n2"] };
    expect(run.obey({ type: "inject", fault: kill, forMs: null })).toBeUndefined();
    expect(run.obey({ type: "heal", ids: "all" })).toBeUndefined();
    expect(asked).toEqual([{ fault: kill, forMs: null }, { ids: ["p1"] }]);
  });

  test.each([
    ["an unknown kind", { type: "kil" }, /faults\[0\]\.fault.*kil.*did you mean.*kill/],
    ["an unknown node", { type: "kill", nodes: ["n9"] }, /n9/],
    ["a kind that needs containers", { type: "unplug", nodes: ["n1"] }, /unplug/],
    ["no fault", null, /fault/],
  ])("%s is refused in one sentence", (_, fault, wanted) => {
    const { run, asked } = underLoad();
    expect(run.obey({ type: "inject", fault, forMs: null })).toMatch(wanted);
    expect(asked).toEqual([]);
  });

  test("who may only watch is told so", () => {
    const { run, asked } = underLoad(false);
    expect(run.obey({ type: "heal", ids: "all" })).toMatch(/--ui-control/);
    expect(asked).toEqual([]);
  });

  test("before the load and after it there is nothing to break", () => {
    const run = liveRun();
    expect(run.obey({ type: "heal", ids: "all" })).toMatch(/not under load/);
  });
});
