import { describe, expect, test } from "vitest";
import { describeFault, describeHeal } from "../../nemesis/describe.ts";
import { desiredState } from "../../nemesis/desired.ts";
import { generateSchedule, type GenerateOptions } from "../../nemesis/generate.ts";
import type { OwnLane } from "../../nemesis/own-lane.ts";
import { formatSchedule, parseSchedule } from "../../nemesis/schedule.ts";

const options: GenerateOptions = {
  seed: "own",
  kinds: ["kill"],
  nodes: ["n1", "n2", "n3"],
  durationMs: 60_000,
  intervalMs: 10_000,
  hasClientLinks: false,
};
const cache: OwnLane = { name: "cache-off", text: "cut off from its cache", nodes: undefined };
const rolling: OwnLane = {
  name: "rolling",
  parts: [
    { afterMs: 0, forMs: 500, fault: { type: "kill", nodes: ["n1"] } },
    { afterMs: 1000, forMs: 500, fault: { type: "kill", nodes: ["n2"] } },
  ],
};

describe("faults of the user's own", () => {
  test("have lanes of their own, which leave the others' alone", () => {
    const { faults } = generateSchedule({ ...options, own: [cache, rolling] });
    const lanes = new Set(faults.map(({ lane }) => lane));
    expect(lanes).toEqual(new Set(["kill", "cache-off", "rolling"]));
    const killed = faults.filter(({ lane }) => lane === "kill");
    expect(killed).toEqual(generateSchedule({ ...options, own: [] }).faults);
    const own = faults.find(({ lane }) => lane === "cache-off");
    expect(own).toMatchObject({ id: "cache-off-1", fault: { type: "own", name: "cache-off" } });
  });

  test.each([1, 2, 3, 4, 5])("keep the times between their parts (%i)", (seed) => {
    const { faults } = generateSchedule({ ...options, seed: `${seed}`, kinds: [], own: [rolling] });
    const atMs = (id: string): number =>
      faults.flatMap((entry) => (entry.id === id && "atMs" in entry ? [entry.atMs] : []))[0] ?? NaN;
    const turns = faults.length / 2;
    expect(turns).toBeGreaterThan(2);
    for (let turn = 1; turn <= turns; turn++) {
      expect(atMs(`rolling-${turn}.2`) - atMs(`rolling-${turn}.1`)).toBe(1000);
    }
  });

  test("that take longer than the run are refused", () => {
    expect(() => generateSchedule({ ...options, durationMs: 1500, own: [rolling] })).toThrow(
      'the fault "rolling" takes 1.50 s, and there is room for 1.25 s: let the run last longer',
    );
  });

  test("are data: told in a sentence, written down and read again", () => {
    const { faults, ...schedule } = generateSchedule({ ...options, own: [cache] });
    const [own] = faults.filter(({ lane }) => lane === "cache-off");
    const fault = { type: "own", name: "cache-off", nodes: ["n2"], text: cache.text } as const;
    const known = { nodes: options.nodes, leaders: ["n2"] };
    expect(describeFault(fault, known)).toBe("n2 (leader) is cut off from its cache");
    expect(describeHeal(fault)).toBe("healed: n2 is cut off from its cache");
    const text = formatSchedule({ ...schedule, faults });
    expect(parseSchedule(JSON.parse(text), "schedule.json").faults).toContainEqual(own);
    const brief = { faults: [{ at: 1, fault: { type: "own", name: "cache-off" } }] };
    expect(parseSchedule(brief, "f.yaml").faults[0]).toMatchObject({
      lane: "cache-off",
      fault: { nodes: "random", text: "given the fault cache-off" },
    });
  });

  test("are wanted at a node once each, whatever else is", () => {
    const active = ["b", "a", "b"].map((name) => ({
      resolved: { fault: { type: "own", name, nodes: ["n1"], text: "" }, nodes: ["n1"], links: [] },
      isOn: true,
    }));
    const { nodes } = desiredState(active as Parameters<typeof desiredState>[0]);
    expect(nodes).toEqual([
      {
        node: "n1",
        state: "running",
        effects: [
          { type: "own", name: "a" },
          { type: "own", name: "b" },
        ],
      },
    ]);
  });
});
