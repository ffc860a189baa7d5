import { describe, expect, test } from "vitest";
import { expandKinds, KINDS, type Kind } from "../../nemesis/kinds.ts";
import { generateSchedule, type GenerateOptions } from "../../nemesis/generate.ts";
import { formatSchedule, parseSchedule, type Schedule } from "../../nemesis/schedule.ts";

const DEFAULTS: GenerateOptions = {
  seed: "1",
  kinds: ["partition", "latency", "kill"],
  nodes: ["n1", "n2", "n3", "n4", "n5"],
  durationMs: 60_000,
  intervalMs: 10_000,
  hasClientLinks: true,
};
const EVERY_KIND: readonly Kind[] = KINDS.map(({ name }) => name);
const SEEDS = Array.from({ length: 40 }, (_, i) => `seed ${i}`);

interface Timed {
  readonly id: string;
  readonly lane: string;
  readonly atMs: number;
  readonly forMs: number;
}

function timed({ faults }: Schedule): Timed[] {
  return faults.map(({ id, lane, forMs, ...moment }) => {
    return { id, lane, atMs: "atMs" in moment ? moment.atMs : NaN, forMs: forMs ?? NaN };
  });
}

describe("a generated schedule", () => {
  const cases = SEEDS.flatMap((seed) =>
    [1500, 5000, 20_000, 60_000, 600_000].flatMap((durationMs) =>
      [DEFAULTS.kinds, EVERY_KIND].map((kinds) => ({ ...DEFAULTS, seed, durationMs, kinds })),
    ),
  );

  test("has every kind that was asked for, however short the run", () => {
    for (const options of cases) {
      const { faults } = generateSchedule(options);
      const lanes = new Set(faults.map(({ lane }) => lane));
      expect([...lanes].toSorted(), options.seed).toEqual(options.kinds.toSorted());
    }
  });

  test("bites early and ends quietly", () => {
    for (const options of cases) {
      const { durationMs, seed } = options;
      const faults = timed(generateSchedule(options));
      expect(faults[0]?.atMs, seed).toBeLessThanOrEqual(durationMs * 0.1);
      for (const { atMs, forMs } of faults) {
        expect(atMs, seed).toBeGreaterThanOrEqual(Math.floor(durationMs * 0.05));
        expect(atMs + forMs, seed).toBeLessThanOrEqual(durationMs * 0.9);
      }
    }
  });

  test("never overlaps a lane with itself", () => {
    for (const options of cases) {
      const faults = timed(generateSchedule(options));
      for (const kind of options.kinds) {
        const lane = faults.filter((fault) => fault.lane === kind);
        for (const [i, { atMs }] of lane.slice(1).entries()) {
          const before = lane[i];
          expect(atMs, `${options.seed} ${kind}`).toBeGreaterThan(
            (before?.atMs ?? 0) + (before?.forMs ?? 0),
          );
        }
      }
    }
  });

  test("is in order of time, with ids of its own", () => {
    for (const options of cases) {
      const faults = timed(generateSchedule(options));
      expect(faults.map(({ atMs }) => atMs)).toEqual(
        faults.map(({ atMs }) => atMs).toSorted((a, b) => a - b),
      );
      expect(new Set(faults.map(({ id }) => id)).size).toBe(faults.length);
    }
  });

  test("can be written and read", () => {
    for (const options of cases) {
      const schedule = generateSchedule(options);
      expect(parseSchedule(JSON.parse(formatSchedule(schedule)), "generated")).toEqual(schedule);
    }
  });

  test("of 20 seconds has several faults, each long enough for an election", () => {
    for (const seed of SEEDS) {
      const faults = timed(generateSchedule({ ...DEFAULTS, seed, durationMs: 20_000 }));
      expect(faults.length).toBeGreaterThanOrEqual(4);
      for (const { forMs } of faults) expect(forMs).toBeGreaterThan(1000);
    }
  });

  test("of a minute has about one fault of a kind every interval", () => {
    const counts = SEEDS.map((seed) => generateSchedule({ ...DEFAULTS, seed }).faults.length / 3);
    const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
    expect(mean).toBeGreaterThan(3.5);
    expect(mean).toBeLessThan(6);
  });

  test("is the same for the same seed, and another for another", () => {
    expect(generateSchedule(DEFAULTS)).toEqual(generateSchedule(DEFAULTS));
    expect(generateSchedule({ ...DEFAULTS, seed: "2" })).not.toEqual(generateSchedule(DEFAULTS));
  });

  test("leaves the other lanes alone when a kind is left out", () => {
    const lane = (kinds: readonly Kind[]) =>
      generateSchedule({ ...DEFAULTS, kinds })
        .faults.filter((fault) => fault.lane === "kill")
        .slice(1);
    expect(lane(["kill", "latency"])).toEqual(lane(DEFAULTS.kinds));
  });

  test("hits the leader most often", () => {
    const kills = SEEDS.flatMap((seed) =>
      generateSchedule({ ...DEFAULTS, seed }).faults.filter(({ lane }) => lane === "kill"),
    );
    const leaders = kills.filter(({ fault }) => "nodes" in fault && fault.nodes === "leader");
    expect(leaders.length / kills.length).toBeGreaterThan(0.35);
  });

  test("draws neither rings nor bridges for two nodes, and only faults of nodes for one", () => {
    for (const seed of SEEDS) {
      const small = generateSchedule({ ...DEFAULTS, seed, nodes: ["n1", "n2"] });
      expect(formatSchedule(small)).not.toMatch(/ring|bridge/);
      const kinds = expandKinds(["all"]);
      const single = generateSchedule({ ...DEFAULTS, seed, nodes: ["n1"], kinds });
      const lanes = new Set(single.faults.map(({ lane }) => lane));
      expect([...lanes].toSorted()).toEqual([
        "clock",
        "disk-full",
        "kill",
        "memory",
        "pause",
        "power-cut",
        "restart-storm",
        "slow-cpu",
        "slow-disk",
        "stop",
        "unplug",
      ]);
    }
  });

  test("of no kinds is empty", () => {
    expect(generateSchedule({ ...DEFAULTS, kinds: [] }).faults).toEqual([]);
  });

  test("refuses trouble with clients where their links have no proxy", () => {
    const options = { ...DEFAULTS, kinds: EVERY_KIND, hasClientLinks: false };
    expect(() => generateSchedule(options)).toThrow(/"client-link" needs links from the clients/);
  });
});
