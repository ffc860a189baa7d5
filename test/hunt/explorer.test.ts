import { describe, expect, test } from "vitest";
import { createPrng } from "../../src/base/prng.ts";
import { Behaviours, bucket, Coverage } from "../../src/hunt/behaviour.ts";
import { cross } from "../../src/hunt/cross.ts";
import { createExplorer, STRATEGIES } from "../../src/hunt/explorer.ts";
import { probe } from "../../src/hunt/probe.ts";
import { simulate } from "../../src/run/simulate.ts";
import { DEFAULT_SIM_OPTIONS } from "../../src/sim/options.ts";
import { swarmPlan } from "../../src/run/swarm.ts";

const SHORT = { durationMs: 3000, mutant: null };

describe("an explorer", () => {
  test.each(STRATEGIES)("%s: a seed stands for one plan, another for another", (strategy) => {
    const plan = (seed: string) => createExplorer(strategy, SHORT).plan(seed);
    expect(plan("1")).toEqual(plan("1"));
    expect(plan("1")).not.toEqual(plan("2"));
    expect(plan("1")).toMatchObject({ environment: "sim", durationMs: 3000 });
  });

  test.each(["priorities", "scenarios"] as const)(
    "%s: faults within the run, all of them brought about",
    (strategy) => {
      const explorer = createExplorer(strategy, { durationMs: 8000, mutant: null });
      for (const seed of ["1", "2", "3"]) {
        const plan = explorer.plan(seed);
        const { faults } = plan.schedule;
        expect(faults.length).toBeGreaterThan(1);
        for (const entry of faults) {
          expect("atMs" in entry && entry.atMs + (entry.forMs ?? 0)).toBeLessThanOrEqual(
            8000 + 2000,
          );
        }
        const { troubles, schedule, verdict } = simulate(plan);
        expect(troubles).toEqual([]);
        expect(verdict).toBe("valid");
        expect(schedule?.faults.map(({ ran }) => ran?.outcome)).not.toContain("failed");
      }
    },
  );

  test("novelty goes back to plans that led somewhere new, and only to those", () => {
    const seeds = Array.from({ length: 40 }, (_, i) => String(i));
    const drawn = seeds.map((seed) => swarmPlan(seed, SHORT));
    const parent = { ...swarmPlan("parent", SHORT), nodeCount: 7, durationMs: 2999 };
    const unimpressed = createExplorer("novelty", SHORT);
    unimpressed.learn(parent, 0);
    expect(seeds.map((seed) => unimpressed.plan(seed))).toEqual(drawn);
    const impressed = createExplorer("novelty", SHORT);
    impressed.learn(parent, 3);
    const children = seeds
      .map((seed) => impressed.plan(seed))
      .filter(({ durationMs }) => durationMs === 2999);
    expect(children.length).toBeGreaterThan(10);
    expect(children.length).toBeLessThan(30);
  });
});

describe("a plan that takes over something of another", () => {
  const crossings = Array.from({ length: 24 }, (_, i) => {
    const [parent, other] = [swarmPlan(`p${i}`, SHORT), swarmPlan(`o${i}`, SHORT)];
    return { parent, other, child: cross(parent, other, createPrng(`c${i}`)) };
  });

  test("takes one dimension and leaves the rest", () => {
    const changed = crossings.map(({ parent, child }) => {
      const keys = Object.keys({ ...parent, ...child }) as (keyof typeof child)[];
      return keys.filter((key) => JSON.stringify(parent[key]) !== JSON.stringify(child[key]));
    });
    expect(new Set(changed.flat()).size).toBeGreaterThan(4);
    for (const keys of changed) expect(keys.length).toBeLessThan(6);
  });

  test("is one that could have been drawn: no disks that rot where members change, no link too slow to elect", () => {
    const rots = swarmPlan("rot", SHORT);
    const sim = rots.sim ?? DEFAULT_SIM_OPTIONS;
    const parent = { ...rots, sim: { ...sim, disk: { ...sim.disk, rotProbability: 0.5 } } };
    let changedCount = 0;
    let slowedCount = 0;
    for (let i = 0; i < 40; i++) {
      const child = cross(parent, swarmPlan(`o${i}`, SHORT), createPrng(`c${i}`));
      const { network, timing, disk } = child.sim ?? DEFAULT_SIM_OPTIONS;
      const isChanged = child.nemesis.some((kind) => ["membership", "disk-lost"].includes(kind));
      if (isChanged) expect(disk.rotProbability).toBe(0);
      changedCount += Number(isChanged);
      const roundTripMs = 2 * network.latencyMsMean * network.slownessMax + disk.syncMs[1];
      const isSlowed = network.slownessMax > 1;
      if (isSlowed) expect(roundTripMs).toBeLessThanOrEqual(timing.electionTimeoutMsMin / 3 + 1e-6);
      slowedCount += Number(isSlowed);
    }
    expect(Math.min(changedCount, slowedCount), "of either kind there were some").toBeGreaterThan(
      0,
    );
  });

  test("runs to its end, and has a lease only where both had one", () => {
    for (const { parent, other, child } of crossings.slice(0, 4)) {
      expect(simulate(child).troubles).toEqual([]);
      const isLease = parent.sim?.reads === "lease" && other.sim?.reads === "lease";
      expect(child.sim?.reads === "lease").toBe(isLease);
    }
  });
});

describe("what a run did", () => {
  test("is the same for the same plan, and tells of roles, terms and faults", () => {
    const [one, two] = [1, 2].map(() => probe(swarmPlan("5", SHORT)));
    expect(one?.behaviours).toEqual(two?.behaviours);
    const { behaviours = [] } = one ?? {};
    expect(behaviours).toContain("leader's append after leader's role");
    expect(behaviours.some((name) => name.startsWith("term "))).toBe(true);
    expect(behaviours.some((name) => name.includes(" during "))).toBe(true);
  });

  test("has a name for what happened while a fault was there, and none for what was only tried", () => {
    const during = (phase: "intent" | "confirmed"): string[] => {
      const behaviours = new Behaviours();
      const value = { id: "1", kind: "kill", sentence: "", nodes: [], links: [], phase };
      const op = { index: 0, timeNs: 0, process: "nemesis", type: "info" } as const;
      behaviours.observe({ type: "op", op: { ...op, f: "inject", value } });
      const node = "n1";
      behaviours.observe({
        type: "trace",
        event: { type: "commit", timeNs: 1, node, term: 1, role: "follower", index: 1, hash: 1 },
      });
      behaviours.observe({
        type: "trace",
        event: { type: "truncate", timeNs: 1, node, term: 1, role: "follower", from: 2 },
      });
      return behaviours.names();
    };
    expect(during("confirmed")).toEqual([
      "follower's truncate after follower's commit",
      "follower's truncate during kill",
    ]);
    expect(during("intent")).toContain("follower's truncate in peace");
  });

  test.each([
    [1, "1"],
    [2, "2"],
    [3, "3-4"],
    [4, "3-4"],
    [5, "5-8"],
    [9, "9-16"],
  ])("%i is in the bucket %s", (count, name) => expect(bucket(count)).toBe(name));

  test("counts once over all seeds", () => {
    const coverage = new Coverage();
    expect(coverage.add("1", ["a", "b"])).toBe(2);
    expect(coverage.add("2", ["b", "c"])).toBe(1);
    expect(coverage.names()).toEqual(["a", "b", "c"]);
  });
});
