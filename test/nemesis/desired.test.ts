import { describe, expect, test } from "vitest";
import { createPrng } from "../../src/base/prng.ts";
import { assert } from "../../src/base/assert.ts";
import { desiredState, type ActiveFault } from "../../nemesis/desired.ts";
import type { Fault } from "../../nemesis/fault.ts";
import { resolveFault } from "../../nemesis/resolve.ts";
import { createSimulatedTarget, createVirtualClock, render } from "./simulated.ts";

function active(fault: Fault, isOn = true): ActiveFault {
  const target = createSimulatedTarget(createVirtualClock(), 3);
  target.hasClientLinks = true;
  const resolved = resolveFault(fault, target, createPrng("seed"));
  assert(!("reason" in resolved), "resolvable");
  return { resolved, isOn };
}

const on12 = { links: ["n1-n2"] } as const;
const client = { type: "client-link", nodes: ["n1"], latencyMs: 300 } as const;

describe("what a fault does to links and nodes", () => {
  test.each<[string, Fault, string]>([
    ["a refused cut", { type: "cuts", ...on12, mode: "refuse" }, "n1-n2 refuse"],
    [
      "a silent cut loses requests on the link and answers on the way back",
      { type: "cuts", ...on12, mode: "drop" },
      "n1-n2 drop(upstream), n2-n1 drop(downstream)",
    ],
    [
      "a silent cut both ways",
      { type: "cuts", links: ["n1-n2", "n2-n1"], mode: "drop" },
      "n1-n2 drop(both), n2-n1 drop(both)",
    ],
    ["latency", { type: "latency", ...on12, latencyMs: 9, jitterMs: 2 }, "n1-n2 latency(9 2)"],
    ["bandwidth", { type: "bandwidth", ...on12, rateKbytesPerSecond: 5 }, "n1-n2 bandwidth(5)"],
    ["slice", { type: "slice", ...on12, averageBytes: 8, delayUs: 1 }, "n1-n2 slice(8 1)"],
    ["reset", { type: "reset", ...on12, afterMs: 7 }, "n1-n2 reset(7)"],
    ["lose-answers", { type: "lose-answers", ...on12 }, "n1-n2 drop(downstream)"],
    ["flap", { type: "flap", ...on12, mode: "refuse", periodMs: 100 }, "n1-n2 refuse"],
    ["kill", { type: "kill", nodes: ["n1"] }, "n1 killed"],
    ["pause", { type: "pause", nodes: ["n1"] }, "n1 paused"],
    ["power-cut", { type: "power-cut", nodes: ["n1", "n2"] }, "n1 killed, n2 killed"],
    ["unplug", { type: "unplug", nodes: ["n1"] }, "n1 running+unplugged"],
    ["slow-cpu", { type: "slow-cpu", nodes: ["n1"], cores: 0.5 }, "n1 running+slow-cpu(0.5)"],
    ["clock", { type: "clock", nodes: ["n1"], jumpMs: -9, rate: 2 }, "n1 running+clock(-9 2)"],
    ["disk-full", { type: "disk-full", nodes: ["n1"] }, "n1 running+disk-full"],
    ["slow-disk", { type: "slow-disk", nodes: ["n1"], delayMs: 9 }, "n1 running+slow-disk(9)"],
    ["memory", { type: "memory", nodes: ["n1"], limitMb: 48 }, "n1 running+memory(48)"],
    ["restart-storm", { type: "restart-storm", nodes: ["n1"], periodMs: 100 }, "n1 killed"],
    ["refused clients", { ...client, trouble: "refuse" }, "clients-n1 refuse"],
    ["unheard clients", { ...client, trouble: "drop" }, "clients-n1 drop(both)"],
    [
      "clients without answers",
      { ...client, trouble: "lose-answers" },
      "clients-n1 drop(downstream)",
    ],
    ["slow clients", { ...client, trouble: "latency" }, "clients-n1 latency(300 0)"],
    ["reset clients", { ...client, trouble: "reset" }, "clients-n1 reset(0)"],
  ])("%s", (_, fault, expected) => {
    expect(render(desiredState([active(fault)]))).toBe(expected);
  });
});

describe("faults in force at once", () => {
  const slow = active({ type: "latency", ...on12, latencyMs: 100, jitterMs: 10 });
  const slower = active({ type: "latency", ...on12, latencyMs: 200, jitterMs: 20 });
  const narrow = active({ type: "bandwidth", ...on12, rateKbytesPerSecond: 5 });
  const wide = active({ type: "bandwidth", ...on12, rateKbytesPerSecond: 50 });
  const refused = active({ type: "cuts", ...on12, mode: "refuse" });
  const lost = active({ type: "cuts", links: ["n1-n2", "n2-n1"], mode: "drop" });
  const unanswered = active({ type: "lose-answers", ...on12 });
  const killed = active({ type: "kill", nodes: ["n1"] });
  const paused = active({ type: "pause", nodes: ["n1", "n3"] });

  const stopped = active({ type: "stop", nodes: ["n3"] });
  const unplugged = active({ type: "unplug", nodes: ["n1"] });
  const slowCpu = (cores: number): ActiveFault =>
    active({ type: "slow-cpu", nodes: ["n1"], cores });

  const clock = (jumpMs: number, rate: number): ActiveFault =>
    active({ type: "clock", nodes: ["n1"], jumpMs, rate });
  const slowDisk = (delayMs: number): ActiveFault =>
    active({ type: "slow-disk", nodes: ["n1"], delayMs });
  const memory = (limitMb: number): ActiveFault =>
    active({ type: "memory", nodes: ["n1"], limitMb });
  const diskFull = active({ type: "disk-full", nodes: ["n1"] });

  test.each<[string, ActiveFault[], string]>([
    ["nothing", [], ""],
    ["delays add up", [slow, slower], "n1-n2 latency(300 30)"],
    ["the narrowest wins", [wide, narrow], "n1-n2 bandwidth(5)"],
    ["refusal wins", [slow, refused, unanswered], "n1-n2 refuse"],
    [
      "a complete loss makes the rest pointless",
      [slow, lost],
      "n1-n2 drop(both), n2-n1 drop(both)",
    ],
    [
      "different toxics stack",
      [unanswered, narrow, slow],
      "n1-n2 latency(100 10)+bandwidth(5)+drop(downstream)",
    ],
    [
      "killed beats stopped, which beats paused",
      [paused, stopped, killed],
      "n1 killed, n3 stopped",
    ],
    [
      "what is wrong with a running node adds to its state; the slowest wins",
      [unplugged, slowCpu(0.5), slowCpu(0.1), paused],
      "n1 paused+unplugged+slow-cpu(0.1), n3 paused",
    ],
    [
      "jumps of a clock add up, rates multiply",
      [clock(300, 0.7), clock(-100, 0.1), clock(0, 0.9)],
      "n1 running+clock(200 0.063)",
    ],
    [
      "delays of a disk add up, the least memory wins, a disk is full or not",
      [memory(64), slowDisk(20), diskFull, memory(32), slowDisk(10), diskFull],
      "n1 running+disk-full+slow-disk(30)+memory(32)",
    ],
    ["killed beats paused", [killed, paused], "n1 killed, n3 paused"],
    ["in either order", [paused, killed], "n1 killed, n3 paused"],
    ["a quiet phase does nothing", [{ ...killed, isOn: false }, slow], "n1-n2 latency(100 10)"],
  ])("%s", (_, faults, expected) => {
    expect(render(desiredState(faults))).toBe(expected);
    expect(desiredState(faults.toReversed())).toEqual(desiredState(faults));
  });
});
