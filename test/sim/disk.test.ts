import { describe, expect, test } from "vitest";
import type { NodeId } from "../../src/base/node-id.ts";
import type { TraceTransition } from "../../src/base/trace.ts";
import { RULES } from "../../node/raft/rules.ts";
import type { DesiredNode } from "../../nemesis/target.ts";
import { DEFAULT_SIM_OPTIONS, type DiskOptions } from "../../src/sim/options.ts";
import { World } from "../../src/sim/world.ts";

/** Three nodes whose disks are as bad as the options say; snapshots every ten entries. */
class Cluster {
  readonly world: World;
  readonly traced: ({ readonly node: NodeId } & TraceTransition)[] = [];
  /** Index of the last write that was acknowledged. */
  acknowledged = 0;

  constructor(seed: string, disk: Partial<DiskOptions> = {}) {
    this.world = new World({
      seed,
      nodes: ["n1", "n2", "n3"],
      rules: RULES,
      sim: {
        ...DEFAULT_SIM_OPTIONS,
        compaction: { ...DEFAULT_SIM_OPTIONS.compaction, entriesMax: 10, entriesKept: 2 },
        disk: { ...DEFAULT_SIM_OPTIONS.disk, ...disk },
      },
      hasClientLinks: false,
      onTrace: (node, transition) => this.traced.push({ node, ...transition }),
    });
    this.world.start();
  }

  run(ms: number): void {
    let isOver = false;
    this.world.after(ms, () => (isOver = true));
    this.world.run(() => isOver);
  }

  /** Clients write to whoever leads, for so long. */
  load(ms: number): void {
    for (let passed = 0; passed < ms; passed += 5) {
      const leader = this.world.status().find(({ role }) => role === "leader");
      if (leader !== undefined) this.#write(leader.node);
      this.run(5);
    }
  }

  #write(node: NodeId): void {
    const command = { op: "put", key: "k", value: "v".repeat(300) } as const;
    this.world.ask(node, { type: "write", command }, 1000, (outcome) => {
      if (outcome.type !== "answer" || outcome.reply.type !== "done") return;
      const { result } = outcome.reply;
      if (result.type === "written") this.acknowledged = Math.max(this.acknowledged, result.index);
    });
  }

  bring(...nodes: readonly DesiredNode[]): void {
    let isDone = false;
    this.world.converge({ links: [], nodes }, () => (isDone = true));
    this.world.run(() => isDone);
  }

  /** Everyone is started again who can be, and they agree once more. */
  heal(): void {
    this.bring();
    this.run(3000);
  }

  get commitIndexes(): number[] {
    return this.world.status().map(({ commitIndex }) => commitIndex);
  }

  of<T extends TraceTransition["type"]>(type: T, node?: NodeId) {
    return this.traced.filter(
      (event): event is { node: NodeId } & Extract<TraceTransition, { type: T }> =>
        event.type === type && event.node === (node ?? event.node),
    );
  }
}

const NODES = ["n1", "n2", "n3"];
const SEEDS = Array.from({ length: 12 }, (_, i) => `seed ${i + 1}`);

test.each(SEEDS)(
  "after power cuts in the middle of everything all nodes start again: %s",
  (seed) => {
    const cluster = new Cluster(seed, { syncMs: [1, 20] });
    for (let round = 0; round < 6; round++) {
      cluster.load(400);
      cluster.bring(...NODES.map((node) => ({ node, state: "killed" }) as const));
      cluster.bring();
    }
    cluster.load(1000);
    cluster.heal();
    expect(cluster.of("exit").filter(({ expected }) => !expected)).toEqual([]);
    expect(cluster.of("start")).toHaveLength(NODES.length * 7);
    expect(cluster.of("snapshot").length).toBeGreaterThan(3);
    expect(cluster.acknowledged).toBeGreaterThan(20);
    expect(Math.min(...cluster.commitIndexes)).toBeGreaterThanOrEqual(cluster.acknowledged);
  },
);

test.each(SEEDS)("a sync that fails ends its node, and loses nothing acknowledged: %s", (seed) => {
  const cluster = new Cluster(seed, { syncFailProbability: 0.01 });
  for (let round = 0; round < 8; round++) {
    cluster.load(400);
    cluster.bring();
  }
  const exits = cluster.of("exit");
  expect(exits.length).toBeGreaterThan(0);
  for (const exit of exits) expect(exit).toMatchObject({ code: 74, expected: true });
  expect(cluster.of("log").at(0)).toMatchObject({ level: "error", text: "EIO: i/o error, fsync" });
  const after = Math.max(...cluster.of("start").map(({ lastIndex }) => lastIndex));
  cluster.heal();
  expect(Math.max(...cluster.commitIndexes, after)).toBeGreaterThanOrEqual(cluster.acknowledged);
});

test.each(SEEDS)(
  "power that fails in a sync kills the node, which comes back by itself and loses nothing acknowledged: %s",
  (seed) => {
    const cluster = new Cluster(seed, { powerFailProbability: 0.01, syncMs: [1, 20] });
    cluster.load(4000);
    const exits = cluster.of("exit");
    expect(exits.length).toBeGreaterThan(0);
    for (const exit of exits) expect(exit).toMatchObject({ signal: "SIGKILL", expected: true });
    expect(cluster.of("start").length).toBeGreaterThan(NODES.length);
    expect(cluster.acknowledged).toBeGreaterThan(20);
    cluster.heal();
    expect(Math.min(...cluster.commitIndexes)).toBeGreaterThanOrEqual(cluster.acknowledged);
  },
);

test("a node that is meant to be dead when its power is back stays dead", () => {
  const cluster = new Cluster("dead", { powerFailProbability: 1 });
  cluster.load(30);
  cluster.bring(...NODES.map((node) => ({ node, state: "killed" }) as const));
  const starts = cluster.of("start").length;
  cluster.load(2000);
  expect(cluster.of("start")).toHaveLength(starts);
});

test("what chance has made of a disk at a power cut stays so when chance is calmed before anybody looks", () => {
  const cluster = new Cluster("calm", { rotProbability: 1 });
  cluster.load(400);
  cluster.bring({ node: "n3", state: "killed" });
  cluster.world.calm();
  cluster.heal();
  expect(cluster.of("exit", "n3").at(-1)).toMatchObject({ code: 69, expected: true });
});

test("a full disk ends its node; with room again it starts, and catches up", () => {
  const cluster = new Cluster("full");
  cluster.load(800);
  cluster.bring({ node: "n2", state: "running", effects: [{ type: "disk-full" }] });
  cluster.load(800);
  expect(cluster.of("exit")).toMatchObject([{ node: "n2", code: 74, expected: true }]);
  expect(cluster.of("log")).toMatchObject([
    { node: "n2", text: expect.stringContaining("ENOSPC") as string },
  ]);
  cluster.heal();
  expect(new Set(cluster.commitIndexes).size).toBe(1);
});

describe("bits that flip", () => {
  test.each(SEEDS)("in what was synced keep the node from starting: %s", (seed) => {
    const cluster = new Cluster(seed, { rotProbability: 1 });
    cluster.load(800);
    cluster.bring({ node: "n3", state: "killed" });
    cluster.heal();
    expect(cluster.of("start", "n3")).toHaveLength(1);
    expect(cluster.of("exit", "n3").at(-1)).toMatchObject({ code: 69, expected: true });
    expect(cluster.of("log", "n3")).toMatchObject([
      {
        level: "error",
        text: expect.stringMatching(/^raft\.\w+ is damaged at offset \d+: /) as string,
      },
    ]);
    // The others go on without it.
    const before = cluster.acknowledged;
    cluster.load(500);
    expect(cluster.acknowledged).toBeGreaterThan(before);
  });

  test("flip on less than half of the disks", () => {
    const cluster = new Cluster("rot", { rotProbability: 1 });
    cluster.load(800);
    cluster.bring(...cluster.world.members.map((node) => ({ node, state: "killed" }) as const));
    cluster.heal();
    expect(cluster.of("start", "n1")).toHaveLength(2);
    expect(cluster.of("start", "n2")).toHaveLength(2);
    expect(cluster.of("start", "n3")).toHaveLength(1);
  });

  test("in what was being written are noticed or gone, and nothing acknowledged with them", () => {
    for (const seed of SEEDS) {
      const cluster = new Cluster(seed, { garbleProbability: 1, syncMs: [5, 20] });
      cluster.load(600);
      cluster.bring({ node: "n1", state: "killed" });
      cluster.load(300);
      cluster.heal();
      expect(cluster.of("exit").filter(({ expected }) => !expected)).toEqual([]);
      expect(Math.max(...cluster.commitIndexes)).toBeGreaterThanOrEqual(cluster.acknowledged);
    }
  });
});
