import { describe, expect, test } from "vitest";
import { at } from "../../src/base/assert.ts";
import { allLinks, type Link, type NodeId } from "../../src/base/node-id.ts";
import type { TraceTransition } from "../../src/base/trace.ts";
import type { ClientRequest } from "../../node/replica/client.ts";
import { RULES } from "../../node/raft/rules.ts";
import type { DesiredState, LinkEffect, NodeState } from "../../nemesis/target.ts";
import type { ClientOutcome } from "../../src/sim/client-call.ts";
import { DEFAULT_SIM_OPTIONS, type SimOptions } from "../../src/sim/options.ts";
import { World } from "../../src/sim/world.ts";

/** What each fault does to a cluster: the meanings of `nemesis/target.ts`, seen from outside. */
class Cluster {
  readonly world: World;
  readonly traced: ({ node: NodeId; atMs: number } & TraceTransition)[] = [];

  constructor(
    options: {
      nodes?: number;
      sim?: Partial<SimOptions>;
      hasClientLinks?: boolean;
      seed?: string;
    } = {},
  ) {
    const { nodes = 3, sim = {}, hasClientLinks = false, seed = "test" } = options;
    this.world = new World({
      seed,
      nodes: Array.from({ length: nodes }, (_, i) => `n${i + 1}`),
      rules: RULES,
      sim: { ...DEFAULT_SIM_OPTIONS, ...sim },
      hasClientLinks,
      onTrace: (node, transition) => this.traced.push({ node, atMs: this.nowMs, ...transition }),
    });
    this.world.start();
  }

  get nowMs(): number {
    return this.world.queue.nowNs / 1e6;
  }

  run(ms: number): void {
    const endNs = this.world.queue.nowNs + ms * 1e6;
    let isOver = false;
    this.world.after(ms, () => (isOver = true));
    this.world.run(() => isOver || this.world.queue.nowNs > endNs);
  }

  until(what: string, condition: () => boolean, deadlineMs = 5000): void {
    const endMs = this.nowMs + deadlineMs;
    while (!condition()) {
      if (this.nowMs > endMs)
        throw new Error(`not within ${deadlineMs} ms: ${what}; ${this.sight()}`);
      this.run(1);
    }
  }

  sight(): string {
    return this.world
      .status()
      .map(({ node, role, term }) => `${node} ${role} ${term}`)
      .join(", ");
  }

  leader(): NodeId {
    this.until("one node leads", () => this.leaders().length === 1);
    return at(this.leaders(), 0);
  }

  leaders(): NodeId[] {
    return this.world
      .status()
      .filter(({ role }) => role === "leader")
      .map(({ node }) => node);
  }

  others(node: NodeId): NodeId[] {
    return this.world.members.filter((member) => member !== node);
  }

  ask(
    node: NodeId,
    request: ClientRequest,
    timeoutMs = 1000,
  ): { outcome: ClientOutcome | undefined } {
    const heard: { outcome: ClientOutcome | undefined } = { outcome: undefined };
    this.world.ask(node, request, timeoutMs, (outcome) => (heard.outcome = outcome));
    return heard;
  }

  wreck(desired: Partial<DesiredState>): void {
    let isDone = false;
    this.world.converge({ links: [], nodes: [], ...desired }, () => (isDone = true));
    this.until("the cluster is as desired", () => isDone);
  }

  bring(node: NodeId, state: NodeState): void {
    this.wreck({ nodes: [{ node, state }] });
  }

  lastIndexOf(node: NodeId): number {
    const log = this.world.nodeAt(this.world.members.indexOf(node)).replica?.raft.log;
    return log === undefined ? -1 : log.base.index + log.entries.length;
  }
}

const put = (value: string): ClientRequest => ({
  type: "write",
  command: { op: "put", key: "k", value },
});

function linksOf(
  node: NodeId,
  nodes: readonly NodeId[],
  effect: LinkEffect,
): DesiredState["links"] {
  return allLinks(nodes)
    .filter(({ source, target }) => source === node || target === node)
    .map((link) => ({ link, effects: [effect] }));
}

test("a healthy cluster elects one leader and serves", () => {
  const cluster = new Cluster();
  const leader = cluster.leader();
  const written = cluster.ask(leader, put("a"));
  cluster.run(100);
  const read = cluster.ask(leader, { type: "read", key: "k" });
  cluster.run(100);
  expect(written.outcome).toMatchObject({ type: "answer", reply: { type: "done" } });
  expect(read.outcome).toMatchObject({ type: "answer", reply: { type: "value", value: "a" } });
});

describe("links", () => {
  test.each<LinkEffect>([
    { type: "refuse" },
    { type: "drop", stream: "both" },
    { type: "bandwidth", rateKbytesPerSecond: 0 },
    { type: "reset", afterMs: 0 },
  ])(
    "a leader behind $type loses the leadership to another, and follows it after the heal",
    (effect) => {
      const cluster = new Cluster();
      const old = cluster.leader();
      cluster.wreck({ links: linksOf(old, cluster.world.members, effect) });
      cluster.until("another leads", () => cluster.leaders().some((node) => node !== old));
      cluster.until("the old one steps down", () => !cluster.leaders().includes(old));
      cluster.wreck({});
      const leader = cluster.leader();
      cluster.ask(leader, put("b"));
      cluster.run(1500);
      expect(cluster.lastIndexOf(old)).toBe(cluster.lastIndexOf(cluster.leader()));
    },
  );

  test("lost answers: the calls are executed, and the caller does not know", () => {
    const cluster = new Cluster();
    const leader = cluster.leader();
    cluster.run(300);
    const links = cluster.others(leader).map((target) => ({
      link: { source: leader, target },
      effects: [{ type: "drop", stream: "downstream" }] as const,
    }));
    cluster.wreck({ links });
    const before = cluster.lastIndexOf(at(cluster.others(leader), 0));
    const written = cluster.ask(leader, put("c"), 200);
    cluster.run(250);
    expect(cluster.others(leader).map((node) => cluster.lastIndexOf(node))).toEqual([
      before + 1,
      before + 1,
    ]);
    expect(written.outcome).toEqual({ type: "lost", error: "timeout" });
  });

  /** A write of the leader's is held back on its way to one follower. */
  function holdingBack(): { cluster: Cluster; link: Link; lastIndex: () => number } {
    const cluster = new Cluster();
    const leader = cluster.leader();
    const follower = at(cluster.others(leader), 0);
    cluster.run(300);
    const link = { source: leader, target: follower };
    cluster.wreck({ links: [{ link, effects: [{ type: "bandwidth", rateKbytesPerSecond: 0 }] }] });
    const lastIndex = (): number => cluster.lastIndexOf(follower);
    const before = lastIndex();
    cluster.ask(leader, put("d"));
    cluster.run(100);
    expect(lastIndex()).toBe(before);
    return { cluster, link, lastIndex };
  }

  test("what a link of rate 0 holds back arrives after the heal", () => {
    const { cluster, lastIndex } = holdingBack();
    const before = lastIndex();
    cluster.wreck({});
    cluster.run(20);
    expect(lastIndex()).toBe(before + 1);
  });

  test("… and is lost in a link that has begun to lose everything", () => {
    const { cluster, link, lastIndex } = holdingBack();
    const before = lastIndex();
    cluster.wreck({ links: [{ link, effects: [{ type: "drop", stream: "both" }] }] });
    cluster.run(100);
    expect(lastIndex()).toBe(before);
  });

  test("latency is that of a call there and back", () => {
    const cluster = new Cluster();
    const leader = cluster.leader();
    cluster.run(300);
    cluster.wreck({
      links: linksOf(leader, cluster.world.members, {
        type: "latency",
        latencyMs: 120,
        jitterMs: 0,
      }),
    });
    const sentAtMs = cluster.nowMs;
    const written = cluster.ask(leader, put("e"));
    cluster.until("it is answered", () => written.outcome !== undefined);
    expect(written.outcome).toMatchObject({ type: "answer" });
    expect(cluster.nowMs - sentAtMs).toBeGreaterThan(120);
    expect(cluster.nowMs - sentAtMs).toBeLessThan(300);
  });

  test("duplicated, lost and late messages change nothing that was promised", () => {
    const network = {
      ...DEFAULT_SIM_OPTIONS.network,
      lossProbability: 0.1,
      duplicateProbability: 0.3,
      tailProbability: 0.2,
      tailMs: 300,
    };
    const cluster = new Cluster({ sim: { network } });
    const leader = cluster.leader();
    const written = cluster.ask(leader, put("f"), 2000);
    cluster.run(2500);
    expect(written.outcome).toMatchObject({ type: "answer" });
  });
});

describe("nodes", () => {
  const slowDisk = {
    disk: { ...DEFAULT_SIM_OPTIONS.disk, syncMs: [50, 51], tornWrites: false },
  } as const;

  test("a kill loses what was not synced, and only that", () => {
    const cluster = new Cluster({ nodes: 1, sim: slowDisk });
    const leader = cluster.leader();
    const written = cluster.ask(leader, put("safe"));
    cluster.until("it is answered", () => written.outcome !== undefined);
    const safeIndex = cluster.lastIndexOf(leader);
    const lost = cluster.ask(leader, put("lost"));
    cluster.until("it is in the log", () => cluster.lastIndexOf(leader) > safeIndex);
    cluster.bring(leader, "killed");
    expect(lost.outcome).toEqual({ type: "lost", error: "ECONNRESET" });
    cluster.wreck({});
    const starts = cluster.traced.filter(({ type }) => type === "start");
    expect(starts.at(-1)).toMatchObject({ lastIndex: safeIndex });
  });

  test("a leader that is asked to end hands over before; one that is killed is missed for a while", () => {
    const withoutLeaderMs = (state: NodeState): number => {
      const cluster = new Cluster();
      const leader = cluster.leader();
      cluster.run(500);
      const writtenAt = cluster.ask(leader, put("1"));
      cluster.until("it is answered", () => writtenAt.outcome !== undefined);
      const fromMs = cluster.nowMs;
      cluster.bring(leader, state);
      cluster.until("another leads", () => cluster.leaders().some((other) => other !== leader));
      return cluster.nowMs - fromMs;
    };
    expect(withoutLeaderMs("stopped")).toBeLessThan(50);
    expect(withoutLeaderMs("killed")).toBeGreaterThan(200);
  });

  test("a torn write never keeps a node from starting", () => {
    for (let i = 0; i < 30; i++) {
      const cluster = new Cluster({ nodes: 1, seed: `torn${i}` });
      const leader = cluster.leader();
      for (let n = 0; n < 5; n++) cluster.ask(leader, put("x".repeat(50)));
      cluster.run(i / 10);
      cluster.bring(leader, "killed");
      cluster.wreck({});
      expect(cluster.leader()).toBe(leader);
    }
  });

  test("a paused node answers when it is resumed, and is no longer what it was", () => {
    const cluster = new Cluster();
    const old = cluster.leader();
    cluster.bring(old, "paused");
    const asked = cluster.ask(old, { type: "read", key: "k" }, 10_000);
    cluster.until("another leads", () => cluster.leaders().some((node) => node !== old));
    expect(asked.outcome).toBeUndefined();
    cluster.wreck({});
    cluster.until("it is answered", () => asked.outcome !== undefined);
    expect(asked.outcome).toMatchObject({
      type: "answer",
      reply: { type: "error", definite: true },
    });
    expect(cluster.leaders()).not.toContain(old);
  });

  test("a dead node refuses clients; behind a proxy its silence tells less", () => {
    for (const hasClientLinks of [false, true]) {
      const cluster = new Cluster({ hasClientLinks });
      const leader = cluster.leader();
      cluster.bring(leader, "killed");
      const asked = cluster.ask(leader, put("g"));
      cluster.run(10);
      expect(asked.outcome?.type).toBe(hasClientLinks ? "lost" : "refused");
    }
  });

  test("a node whose clock runs at twice the rate asks to lead, and followers that hear a leader refuse", () => {
    const cluster = new Cluster();
    const leader = cluster.leader();
    const [fast] = cluster.others(leader);
    const effects = [{ type: "clock", jumpMs: 2000, rate: 2 }] as const;
    const clockOf = (): number =>
      cluster.world.nodeAt(cluster.world.members.indexOf(fast ?? "")).replica?.raft.nowMs ?? 0;
    const beforeMs = clockOf();
    cluster.wreck({ nodes: [{ node: fast ?? "", state: "running", effects }] });
    cluster.run(1000);
    expect(clockOf() - beforeMs).toBeGreaterThan(3900);
    expect(cluster.leaders()).toEqual([leader]);
    cluster.wreck({});
    const healedMs = clockOf();
    cluster.run(1000);
    expect(clockOf() - healedMs).toBeLessThan(1200);
  });

  test("a slow disk keeps its node's clients waiting", () => {
    const cluster = new Cluster({ nodes: 1 });
    const leader = cluster.leader();
    const effects = [{ type: "slow-disk", delayMs: 300 }] as const;
    cluster.wreck({ nodes: [{ node: leader, state: "running", effects }] });
    const written = cluster.ask(leader, put("slow"));
    cluster.run(290);
    expect(written.outcome).toBeUndefined();
    cluster.run(100);
    expect(written.outcome).toMatchObject({ type: "answer" });
  });

  test("a storm of messages is a finding, not a hang", () => {
    const cluster = new Cluster({ sim: { eventsPerSecondMax: 50 } });
    cluster.run(3000);
    expect(cluster.world.storm()).toContain("more than 50 events in one simulated second");
  });
});
