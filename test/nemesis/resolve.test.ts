import { describe, expect, test } from "vitest";
import { createPrng } from "../../src/base/prng.ts";
import { describeFault, describeHeal } from "../../nemesis/describe.ts";
import type { Fault } from "../../nemesis/fault.ts";
import { resolveFault } from "../../nemesis/resolve.ts";
import { createSimulatedTarget, createVirtualClock } from "./simulated.ts";

const refuse = { mode: "refuse" } as const;
const drop = { mode: "drop" } as const;

function resolve(fault: Fault, { nodeCount = 5, leader = "n2" as string | null } = {}) {
  const target = createSimulatedTarget(createVirtualClock(), nodeCount);
  target.hasClientLinks = true;
  target.leader = leader ?? undefined;
  return resolveFault(fault, target, createPrng("seed"));
}

function sentence(...args: Parameters<typeof resolve>): string {
  const resolved = resolve(...args);
  return "reason" in resolved ? `refused: ${resolved.reason}` : resolved.sentence;
}

describe("a fault in one sentence", () => {
  test.each<[Fault, string, string]>([
    [
      { type: "partition", shape: "isolate-leader", ...refuse },
      "the leader is cut off from all others (connections refused)",
      "n2 (leader) is cut off from n1, n3, n4 and n5 (connections refused)",
    ],
    [
      { type: "partition", shape: "isolate-one", of: ["n4", "n1"], ...drop },
      "n4 and n1 are cut off from all others (messages silently lost)",
      "n1 and n4 are cut off from n2 (leader), n3 and n5 (messages silently lost)",
    ],
    [
      { type: "partition", shape: "halves", ...refuse },
      "the first half of the nodes and the rest cannot reach each other (connections refused)",
      "n1 and n2 (leader) are cut off from n3, n4 and n5 (connections refused)",
    ],
    [
      { type: "partition", shape: "random-halves", ...refuse },
      "two random halves of the nodes cannot reach each other (connections refused)",
      "n1 and n2 (leader) are cut off from n3, n4 and n5 (connections refused)",
    ],
    [
      { type: "partition", shape: "random-halves", of: "leader", ...refuse },
      "two random halves of the nodes, the larger one with the leader, cannot reach each other (connections refused)",
      "n1 and n3 are cut off from n2 (leader), n4 and n5 (connections refused)",
    ],
    [
      { type: "partition", shape: "bridge", of: "leader", ...refuse },
      "two halves of the nodes reach each other only through the leader (connections refused)",
      "n1 and n3 | n4 and n5 reach each other only through n2 (leader) (connections refused)",
    ],
    [
      { type: "partition", shape: "one-way", of: ["n3"], ...drop },
      "n3 cannot reach the others, but they can reach it (messages silently lost)",
      "n3 cannot reach n1, n2 (leader), n4 and n5, but they can reach it (messages silently lost)",
    ],
    [
      { type: "partition", shape: "majorities-ring", ...refuse },
      "every node hears a different majority (connections refused)",
      "every node hears a different majority: n1 hears n2 and n3, n2 (leader) hears n1 and n5, n3 hears n1 and n4, n4 hears n3 and n5, n5 hears n2 and n4 (connections refused)",
    ],
    [
      { type: "partition", shape: "random-links", of: "leader", ...drop },
      "links are cut in one direction or both, most of them at the leader (messages silently lost)",
      "n2 (leader) cannot reach n3 and n5, n3 cannot reach n4 and n5, n4 cannot reach n2 (leader) (messages silently lost)",
    ],
    [
      { type: "cuts", links: ["n1-n3", "n2-n3", "n2-n4"], ...refuse },
      "the links n1-n3, n2-n3 and n2-n4 are cut (connections refused)",
      "n1 cannot reach n3, n2 (leader) cannot reach n3 and n4 (connections refused)",
    ],
    [
      { type: "flap", links: { of: "leader" }, periodMs: 400, ...drop },
      "the links of the leader are cut and healed every 400 ms (messages silently lost)",
      "the links of n2 (leader) are cut and healed every 400 ms (messages silently lost)",
    ],
    [
      { type: "latency", links: "all", latencyMs: 200, jitterMs: 50 },
      "all links are slowed down by 200 ms ± 50 ms",
      "all links are slowed down by 200 ms ± 50 ms",
    ],
    [
      { type: "latency", links: ["n1-n2"], latencyMs: 2500, jitterMs: 0 },
      "the link n1-n2 is slowed down by 2.50 s",
      "the link n1-n2 is slowed down by 2.50 s",
    ],
    [
      { type: "bandwidth", links: { of: "minority" }, rateKbytesPerSecond: 20 },
      "the links of a random minority of the nodes are narrowed to 20 KB/s",
      "the links of n1 and n2 (leader) are narrowed to 20 KB/s",
    ],
    [
      { type: "bandwidth", links: "all", rateKbytesPerSecond: 0 },
      "all data on all links is held back",
      "all data on all links is held back",
    ],
    [
      { type: "slice", links: "all", averageBytes: 64, delayUs: 100 },
      "data on all links arrives in pieces of about 64 bytes",
      "data on all links arrives in pieces of about 64 bytes",
    ],
    [
      { type: "reset", links: "all", afterMs: 0 },
      "connections on all links are reset at once",
      "connections on all links are reset at once",
    ],
    [
      { type: "reset", links: "all", afterMs: 100 },
      "connections on all links are reset after 100 ms",
      "connections on all links are reset after 100 ms",
    ],
    [
      { type: "lose-answers", links: { of: ["n1"] } },
      "calls on the links of n1 are executed but their answers are lost",
      "calls on the links of n1 are executed but their answers are lost",
    ],
    [{ type: "kill", nodes: "leader" }, "the leader is killed", "n2 (leader) is killed"],
    [{ type: "pause", nodes: "follower" }, "a random follower is paused", "n1 is paused"],
    [
      { type: "power-cut", nodes: "majority" },
      "a random majority of the nodes is killed at one instant, as by a power cut",
      "n1, n2 (leader) and n3 are killed at one instant, as by a power cut",
    ],
    [
      { type: "restart-storm", nodes: "all", periodMs: 2000 },
      "all nodes are killed and started again every 2.00 s",
      "n1, n2 (leader), n3, n4 and n5 are killed and started again every 2.00 s",
    ],
    [
      { type: "client-link", nodes: "leader", trouble: "refuse", latencyMs: 0 },
      "clients are refused by the leader",
      "clients are refused by n2 (leader)",
    ],
    [
      { type: "client-link", nodes: ["n1"], trouble: "drop", latencyMs: 0 },
      "clients are not heard by n1",
      "clients are not heard by n1",
    ],
    [
      { type: "client-link", nodes: ["n1"], trouble: "lose-answers", latencyMs: 0 },
      "clients are heard by n1 but get no answers",
      "clients are heard by n1 but get no answers",
    ],
    [
      { type: "client-link", nodes: ["n1"], trouble: "latency", latencyMs: 300 },
      "clients wait 300 ms longer for n1",
      "clients wait 300 ms longer for n1",
    ],
    [
      { type: "client-link", nodes: ["n1"], trouble: "reset", latencyMs: 0 },
      "clients have their connections to n1 reset",
      "clients have their connections to n1 reset",
    ],
  ])("%j", (fault, planned, done) => {
    expect(describeFault(fault)).toBe(planned);
    expect(sentence(fault)).toBe(done);
  });

  test("three groups are listed", () => {
    const links = ["n1-n2", "n2-n1", "n1-n3", "n3-n1", "n2-n3", "n3-n2"];
    const text = sentence({ type: "cuts", links, ...refuse }, { nodeCount: 3, leader: "n1" });
    expect(text).toBe("n1 (leader) | n2 | n3 cannot reach each other (connections refused)");
  });

  test("several nodes that nobody hears", () => {
    const text = sentence({ type: "partition", shape: "one-way", of: ["n1", "n3"], ...drop });
    expect(text).toBe(
      "n1 and n3 cannot reach n2 (leader), n4 and n5, but they can reach them (messages silently lost)",
    );
  });

  test.each<[Fault, string]>([
    [{ type: "stop", nodes: "leader" }, "n2 (leader) is asked to end"],
    [{ type: "unplug", nodes: "leader" }, "n2 (leader) is taken off the network"],
    [
      { type: "slow-cpu", nodes: ["n1", "n3"], cores: 0.1 },
      "n1 and n3 are slowed down to 0.1 of a processor",
    ],
    [
      { type: "clock", nodes: "leader", jumpMs: 2000, rate: 1 },
      "n2 (leader) is given a clock that jumps forward by 2.00 s",
    ],
    [
      { type: "clock", nodes: ["n1"], jumpMs: 0, rate: 0.5 },
      "n1 is given a clock that runs at 0.5 times its rate",
    ],
    [
      { type: "clock", nodes: ["n1", "n3"], jumpMs: -500, rate: 2 },
      "n1 and n3 are given a clock that jumps back by 500 ms and runs at 2 times its rate",
    ],
    [{ type: "disk-full", nodes: "leader" }, "n2 (leader) is left without room on the disk"],
    [
      { type: "slow-disk", nodes: ["n1"], delayMs: 90 },
      "n1 is held up by 90 ms at every sync of the disk",
    ],
    [{ type: "memory", nodes: ["n1"], limitMb: 48 }, "n1 is limited to 48 MB of memory"],
  ])("what happens to nodes %#", (fault, expected) => {
    expect(sentence(fault)).toBe(expected);
  });

  test("one link alone", () => {
    expect(describeFault({ type: "cuts", links: ["n1-n2"], ...drop })).toBe(
      "the link n1-n2 is cut (messages silently lost)",
    );
    expect(describeFault({ type: "latency", links: LONG_LIST, latencyMs: 1, jitterMs: 0 })).toBe(
      "the links n1-n2, n2-n3, n3-n4, n4-n5, n5-n1 and 2 more are slowed down by 1 ms",
    );
  });

  test.each<[Fault, string]>([
    [{ type: "kill", nodes: ["n1"] }, "n1 is started again"],
    [{ type: "power-cut", nodes: ["n1", "n2"] }, "n1 and n2 are started again"],
    [{ type: "restart-storm", nodes: ["n1"], periodMs: 600 }, "n1 is left running"],
    [{ type: "pause", nodes: ["n1"] }, "n1 is resumed"],
    [{ type: "stop", nodes: ["n1"] }, "n1 is started again"],
    [{ type: "unplug", nodes: ["n1", "n2"] }, "n1 and n2 are back on the network"],
    [{ type: "slow-cpu", nodes: ["n1"], cores: 0.1 }, "n1 is given whole processors again"],
    [{ type: "clock", nodes: ["n1"], jumpMs: 9, rate: 1 }, "n1 is given a true clock again"],
    [{ type: "disk-full", nodes: ["n1"] }, "n1 is given room on the disk again"],
    [{ type: "slow-disk", nodes: ["n1"], delayMs: 9 }, "n1 is no longer held up by the disk"],
    [{ type: "memory", nodes: ["n1"], limitMb: 48 }, "n1 is given all memory again"],
    [
      { type: "client-link", nodes: ["n1"], trouble: "drop", latencyMs: 0 },
      "the trouble between clients and n1 ends",
    ],
    [
      { type: "lose-answers", links: "all" },
      "healed: calls on all links are executed but their answers are lost",
    ],
  ])("and its end %#", (fault, expected) => {
    expect(describeHeal(fault)).toBe(expected);
  });
});

const LONG_LIST = ["n1-n2", "n2-n3", "n3-n4", "n4-n5", "n5-n1", "n1-n3", "n2-n4"];

describe("targets by role", () => {
  test("without a leader a random node is taken, and the sentence says so", () => {
    const fault = { type: "kill", nodes: "leader" } as const;
    expect(sentence(fault, { leader: null })).toMatch(
      /^n\d is killed; no leader was known, so a random node was taken$/,
    );
  });

  test("of two leaders the one of the later term is meant", () => {
    const target = createSimulatedTarget(createVirtualClock());
    const status = target.status();
    target.status = () =>
      status.map((s) => (s.node === "n4" ? { ...s, role: "leader", term: 9 } : s));
    const resolved = resolveFault({ type: "kill", nodes: "leader" }, target, createPrng("seed"));
    expect(resolved).toMatchObject({ nodes: ["n4"] });
  });

  test("a paused leader is no target", () => {
    const target = createSimulatedTarget(createVirtualClock());
    target.current = { links: [], nodes: [{ node: "n2", state: "paused" }] };
    const resolved = resolveFault({ type: "kill", nodes: "leader" }, target, createPrng("seed"));
    expect(resolved).toMatchObject({ sentence: expect.stringContaining("no leader was known") });
  });

  test.each([
    [1, 1, 1],
    [2, 1, 2],
    [3, 1, 2],
    [4, 1, 3],
    [5, 2, 3],
    [7, 3, 4],
  ])("of %i nodes a minority is %i and a majority %i", (nodeCount, minority, majority) => {
    const size = (nodes: "minority" | "majority"): number => {
      const resolved = resolve({ type: "kill", nodes }, { nodeCount, leader: null });
      return "nodes" in resolved ? resolved.nodes.length : 0;
    };
    expect([size("minority"), size("majority")]).toEqual([minority, majority]);
  });

  test("a follower of a cluster of one is that one", () => {
    const fault = { type: "pause", nodes: "follower" } as const;
    expect(sentence(fault, { nodeCount: 1, leader: "n1" })).toBe("n1 (leader) is paused");
  });

  test("equal seeds choose equal targets", () => {
    const fault = { type: "partition", shape: "random-halves", mode: "drop" } as const;
    expect(resolve(fault)).toEqual(resolve(fault));
  });

  test("the node that all cut links touch is the one that the fault acts on", () => {
    const isolated = resolve({ type: "partition", shape: "isolate-leader", mode: "refuse" });
    expect(isolated).toMatchObject({ nodes: ["n2"] });
    const halves = resolve({ type: "partition", shape: "halves", mode: "refuse" });
    expect(halves).toMatchObject({ nodes: ["n1", "n2", "n3", "n4", "n5"] });
  });
});

describe("a fault that has nothing to act on is not injected", () => {
  test.each<[Fault, number, string]>([
    [{ type: "kill", nodes: ["n9"] }, 3, "n9 is not in this cluster of n1, n2 and n3"],
    [
      { type: "latency", links: { of: ["n8"] }, latencyMs: 1, jitterMs: 0 },
      3,
      "n8 is not in this cluster of n1, n2 and n3",
    ],
    [
      { type: "cuts", links: ["n1-n4"], mode: "drop" },
      3,
      "n1-n4 is not in this cluster of n1, n2 and n3",
    ],
    [
      { type: "partition", shape: "bridge", of: ["n7"], mode: "drop" },
      3,
      "n7 is not in this cluster of n1, n2 and n3",
    ],
    [
      { type: "partition", shape: "majorities-ring", mode: "drop" },
      2,
      "a cluster of n1 and n2 has nothing that this could act on",
    ],
    [
      { type: "lose-answers", links: "all" },
      1,
      "a cluster of n1 has nothing that this could act on",
    ],
  ])("%j among %i nodes", (fault, nodeCount, reason) => {
    expect(resolve(fault, { nodeCount })).toEqual({ reason });
  });

  test("nor what only containers carry where nodes are processes", () => {
    const target = createSimulatedTarget(createVirtualClock());
    target.surroundings = "local";
    const fault = { type: "unplug", nodes: "leader" } as const;
    expect(resolveFault(fault, target, createPrng("seed"))).toEqual({
      reason:
        'the fault "unplug" needs nodes that the run has started itself, with --environment docker',
    });
  });

  test("nor trouble on client links that are not proxied", () => {
    const target = createSimulatedTarget(createVirtualClock());
    const fault = { type: "client-link", nodes: "all", trouble: "drop", latencyMs: 0 } as const;
    expect(resolveFault(fault, target, createPrng("seed"))).toEqual({
      reason: "the links from the clients are not proxied in this environment",
    });
  });
});
