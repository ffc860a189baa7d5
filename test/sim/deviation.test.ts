import { describe, expect, test } from "vitest";
import { RULES } from "../../node/raft/rules.ts";
import type { NodeId } from "../../src/base/node-id.ts";
import type { TraceTransition } from "../../src/base/trace.ts";
import { createPlan, DEFAULT_CHOICES } from "../../src/run/plan.ts";
import { simulate, withDeviations } from "../../src/run/simulate.ts";
import { swarmPlan } from "../../src/run/swarm.ts";
import type { Deviation } from "../../src/sim/deviation.ts";
import { DEFAULT_SIM_OPTIONS } from "../../src/sim/options.ts";
import { formatScheduleFile, parseScheduleFile } from "../../src/sim/schedule-file.ts";
import { World } from "../../src/sim/world.ts";
import type { TestPlan } from "../../src/store/plan.ts";
import { seedCount } from "./sweep.ts";

/** More seeds with RAFTWRECK_LISTED=500. */
const COUNT = seedCount("RAFTWRECK_LISTED", 12);

/**
 * To the byte. The digest also knows the order of events that happen at the same nanosecond and have nothing to
 * do with each other; when operations are listed, that may differ (measured: in 1 of 600 seeds).
 */
describe("a random run is a benign one with deviations: history and traces are the same", () => {
  test.each(Array.from({ length: COUNT }, (_, i) => `listed${i + 1}`))("seed %s", (seed) => {
    expectSameWhenListed(swarmPlan(seed, { durationMs: 5000, mutant: null }));
  });

  test("also where nodes refuse to start, because bits of their disks have flipped", () => {
    const plan = swarmPlan("rot127", {
      durationMs: 5000,
      mutant: null,
      workloads: ["register"],
    });
    const exits = expectSameWhenListed(plan).filter((line) => line.includes('"exit","code":69'));
    expect(exits.length).toBeGreaterThan(0);
  });
});

function expectSameWhenListed(plan: TestPlan): string[] {
  const lines = recorded(plan);
  const listed = JSON.parse(JSON.stringify(withDeviations(plan))) as TestPlan;
  // Nothing is drawn from it any more.
  expect(recorded({ ...listed, seed: "another" })).toEqual(lines);
  return lines;
}

function recorded(plan: TestPlan): string[] {
  const lines: string[] = [];
  const { digest } = simulate(plan, { onRecord: (record) => lines.push(JSON.stringify(record)) });
  if (process.env["RAFTWRECK_DIGESTS"] !== undefined) lines.push(digest);
  return lines;
}

describe("in the benign world", () => {
  const leaders = (deviations: readonly Deviation[], options?: { ms?: number }): string[] => {
    const terms = new Map<number, NodeId>();
    const world = benignWorld(deviations, (node, transition) => {
      if (transition.type === "role" && transition.role === "leader") {
        terms.set(transition.term, node);
      }
    });
    runFor(world, options?.ms ?? 2000);
    return [...terms].map(([term, node]) => `${term}: ${node}`);
  };

  test("n1 leads, because it times out first, and goes on to lead", () => {
    expect(leaders([])).toEqual(["1: n1"]);
  });

  test.each<{ what: string; deviations: Deviation[]; expected: string[] }>([
    {
      what: "the node whose timer fires asks to lead, and pre-votes of those who hear a leader stop it",
      deviations: [{ type: "timeout", node: "n3", atMs: 500 }],
      expected: ["1: n1"],
    },
    {
      what: "a node that times out before all others leads",
      deviations: [
        { type: "chance", of: "election timeout", node: "n1", value: 0.5 },
        { type: "chance", of: "election timeout", node: "n3", value: 0 },
      ],
      expected: ["1: n3"],
    },
    {
      what: "a candidate whose first requests are lost is asked again",
      deviations: [{ type: "drop", message: { from: "n1", kind: "pre-vote", occurrence: 1 } }],
      expected: ["1: n1"],
    },
    {
      what: "a candidate that nobody hears tries again in the next term",
      deviations: [{ type: "drop", message: { from: "n1", kind: "request-vote", term: 1 } }],
      expected: ["2: n1"],
    },
    {
      what: "a leader whose heartbeats are all late is replaced",
      deviations: [
        { type: "delay", message: { from: "n1", kind: "heartbeat", term: 1 }, byMs: 900 },
        { type: "delay", message: { from: "n1", kind: "append-entries", term: 1 }, byMs: 900 },
      ],
      expected: ["1: n1", "2: n2"],
    },
    {
      what: "what nothing agrees with does nothing",
      deviations: [
        { type: "drop", message: { from: "n2", kind: "append-entries", term: 77 } },
        { type: "duplicate", message: { kind: "request-vote" } },
      ],
      expected: ["1: n1"],
    },
  ])("$what", ({ deviations, expected }) => {
    expect(leaders(deviations)).toEqual(expected);
  });

  test("a clock that jumps makes a follower's timer due", () => {
    const world = benignWorld(
      [{ type: "clock-jump", node: "n2", atMs: 650, byMs: 5000 }],
      () => undefined,
    );
    runFor(world, 600);
    const before = world.nodeAt(1).replica?.raft.nowMs ?? 0;
    runFor(world, 100);
    expect(world.nodeAt(1).replica?.raft.nowMs).toBeGreaterThan(before + 5000);
  });

  test("messages are counted by what their pattern says", () => {
    const lost: string[] = [];
    for (const occurrence of [1, 2, 3]) {
      const message = { to: "n3", kind: "append-entries", occurrence } as const;
      const world = benignWorld([{ type: "drop", message }], () => undefined);
      runFor(world, 400);
      const heard = world.openCalls().some((one) => one.isLost && one.target === "n3");
      lost.push(`${occurrence}: ${heard}`);
    }
    // In 400 ms the leader sends n3 one batch, its no-op; if that is lost, once more.
    expect(lost).toEqual(["1: true", "2: false", "3: false"]);
  });
});

describe("a deviation list in a schedule file", () => {
  const read = (deviations: unknown): ReturnType<typeof parseScheduleFile> =>
    parseScheduleFile({ faults: [], deviations }, { nodes: ["n1", "n2", "n3"] }, "s.yaml");

  test("is read as it is written, and written as it is read", () => {
    const file = read([
      { type: "drop", message: { from: "n1", to: "n2", kind: "append-entries", term: 2 } },
      { type: "delay", message: { kind: "client-request-reply", from: "n1" }, by: "20ms" },
      { type: "timeout", node: "n2", at: 1.5 },
      { type: "clock-jump", node: "n2", at: "300ms", by: "5s" },
      { type: "operation", at: 2, f: "write", value: ["k1", "1"] },
      { type: "chance", of: "torn write", node: "n3", value: 0.5 },
    ]);
    expect(file.deviations).toMatchObject([
      {},
      { byMs: 20 },
      { atMs: 1500 },
      { atMs: 300, byMs: 5000 },
      { atMs: 2000, client: 0 },
      { of: "torn write" },
    ]);
    const again = JSON.parse(formatScheduleFile(file)) as unknown;
    expect(parseScheduleFile(again, { nodes: ["n1", "n2", "n3"] }, "again")).toEqual(file);
  });

  test.each<[unknown, string]>([
    [3, "s.yaml: deviations: 3 is not a list"],
    [[{ type: "dorp" }], 's.yaml: deviations[0].type: "dorp" is not known: did you mean "drop"?'],
    [[{ type: "drop" }], "s.yaml: deviations[0].message: is missing"],
    [
      [{ type: "drop", message: { from: "n7" } }],
      's.yaml: deviations[0].message.from: "n7" is not known: did you mean "n1"?',
    ],
    [[{ type: "timeout", node: "n1" }], "s.yaml: deviations[0].at: is missing"],
    [
      [{ type: "timeout", node: "n1", at: 1, for: 2 }],
      "s.yaml: deviations[0].for: unknown key; known are type, node, atMs, at",
    ],
    [
      [{ type: "chance", of: "sync", node: "n1", value: 2 }],
      "s.yaml: deviations[0].value: 2 is not a number from 0 to 1",
    ],
    [
      [{ type: "drop", message: { occurrence: 0 } }],
      "s.yaml: deviations[0].message.occurrence: 0 is not a number of at least 1",
    ],
  ])("%j is complained of: %s", (deviations, complaint) => {
    expect(() => read(deviations)).toThrow(complaint);
  });

  test("is for the simulator", () => {
    const schedule = { ...read([{ type: "drop", message: {} }]), fileName: "s.yaml" };
    expect(() => createPlan({ ...DEFAULT_CHOICES, seed: "1", schedule })).toThrow(
      "s.yaml: deviations (drop) are for the simulator: write --environment sim, or take them out",
    );
  });
});

test("listed operations are all that clients do", () => {
  const deviations: Deviation[] = [
    { type: "operation", atMs: 100, client: 1, f: "write", value: ["k1", "a"] },
    { type: "operation", atMs: 100, client: 1, f: "read", value: ["k1", null] },
    { type: "operation", atMs: 50, client: 0, f: "cas", value: ["k1", [null, "b"]] },
  ];
  const schedule = parseScheduleFile(
    { faults: [], deviations },
    { nodes: ["n1", "n2", "n3"] },
    "operations.yaml",
  );
  const plan = createPlan({
    ...DEFAULT_CHOICES,
    seed: "",
    environment: "sim",
    nodeCount: 3,
    durationMs: 1000,
    schedule: { ...schedule, fileName: "operations.yaml" },
  });
  const ops: string[] = [];
  simulate(plan, {
    onRecord: (record) => {
      if (record.type !== "op" || record.op.process === "nemesis") return;
      ops.push(`${record.op.type} ${record.op.f} ${JSON.stringify(record.op.value)}`);
    },
  });
  expect(ops.filter((op) => op.startsWith("invoke"))).toEqual([
    'invoke cas ["k1",[null,"b"]]',
    'invoke write ["k1","a"]',
    'invoke read ["k1",null]',
    // Once more at the end.
    'invoke read ["k1",null]',
  ]);
  expect(ops.filter((op) => op.startsWith("ok")).at(-1)).toBe('ok read ["k1","a"]');
});

function benignWorld(
  deviations: readonly Deviation[],
  onTrace: (node: NodeId, transition: TraceTransition) => void,
): World {
  const world = new World({
    seed: "",
    nodes: ["n1", "n2", "n3"],
    rules: RULES,
    sim: DEFAULT_SIM_OPTIONS,
    hasClientLinks: false,
    onTrace,
    deviations,
  });
  world.arm(deviations);
  world.start();
  return world;
}

function runFor(world: World, ms: number): void {
  let isOver = false;
  world.after(ms, () => (isOver = true));
  world.run(() => isOver);
}
