import { describe, expect, test } from "vitest";
import { EnvironmentError, EXIT } from "../../src/base/errors.ts";
import type { Explorer } from "../../src/hunt/explorer.ts";
import type { Finding } from "../../src/hunt/finding.ts";
import { hunt, HuntLog } from "../../src/hunt/hunt.ts";
import type { Outcome, Prober } from "../../src/hunt/pool.ts";
import { seedsOf, WHOLE } from "../../src/hunt/seeds.ts";
import {
  exitCodeOf,
  mergeHunts,
  summaryOfCause,
  summaryOfUndecided,
  withFound,
} from "../../src/hunt/summary.ts";
import { endText } from "../../src/hunt/text.ts";
import { chooseStyle } from "../../src/report/style.ts";
import { swarmPlan } from "../../src/run/swarm.ts";
import type { HuntSummary } from "../../src/store/hunt-file.ts";
import type { TestPlan } from "../../src/store/plan.ts";

const PLAIN = chooseStyle({ isTty: false, env: {} });
const base = swarmPlan("1", { durationMs: 1000, mutant: null });

function found(property: string, sentence = property): Finding {
  return { kind: "violation", checker: property, property, sentence };
}

function done(
  findings: readonly Finding[],
  behaviours: readonly string[] = [],
  undecided?: string,
): Extract<Outcome, { type: "done" }> {
  const counts = { "verdict valid": 1, "confirmed kill": 2, felt: 1 };
  const numbers = { simulatedMs: 1000, events: 10, hostMs: 1, differences: 0 };
  const workloadTrouble = undefined;
  const probed = { findings, behaviours, counts, undecided, workloadTrouble, ...numbers };
  return { type: "done", probed };
}

const alwaysFirst = (_seed: string): number => 0;

/** Answers in an order of its own, as threads do; `size` at a time. */
class Scripted implements Prober {
  readonly size: number;
  readonly #outcomeOf: (seed: string) => Outcome;
  readonly #disorder: (seed: string) => number;

  constructor(size: number, outcomeOf: (seed: string) => Outcome, disorder = alwaysFirst) {
    this.size = size;
    this.#outcomeOf = outcomeOf;
    this.#disorder = disorder;
  }

  async probe({ seed }: TestPlan): Promise<Outcome> {
    for (let turn = this.#disorder(seed); turn > 0; turn--) await Promise.resolve();
    return this.#outcomeOf(seed);
  }

  drop(): void {}
}

/** Plans that say what was learned before they were asked for. */
class Learner implements Explorer {
  learned = 0;

  plan(seed: string): TestPlan {
    return { ...base, seed, nodeCount: 1 + this.learned };
  }

  learn(_plan: TestPlan, newCount: number): void {
    this.learned += newCount;
  }
}

async function hunted(
  prober: Prober,
  { to = 100, keepGoing = true, explorer = new Learner() as Explorer } = {},
): Promise<HuntLog> {
  const log = new HuntLog();
  const seeds = seedsOf({ from: 1, to }, WHOLE);
  await hunt({ explorer, seeds, prober, keepGoing, isOver: () => false }, log);
  return log;
}

describe("a hunt", () => {
  test("stops at the first finding in the order of seeds, however late its answer came", async () => {
    const isBad = (seed: string): boolean => seed === "9" || seed === "12";
    const outcome = (seed: string) => done(isBad(seed) ? [found("p", `seed ${seed}`)] : []);
    const late = (seed: string): number => (seed === "9" ? 50 : 0);
    const log = await hunted(new Scripted(4, outcome, late), { keepGoing: false });
    expect(log.causes.map(({ seeds }) => seeds)).toEqual([["9"]]);
    expect(log.seedCount).toBe(9);
  });

  test("groups what it finds by the earliest finding of each seed, others beside it", async () => {
    const outcome = (seed: string): Outcome => {
      const number = Number(seed);
      if (number % 10 === 0) return done([found("a", `n${number} did`), found("b"), found("a")]);
      return done(number === 33 ? [found("b")] : []);
    };
    const { causes, seedCount } = await hunted(new Scripted(2, outcome));
    expect(seedCount).toBe(100);
    expect(
      causes.map(({ finding, seeds, also }) => [finding.property, seeds.length, [...also]]),
    ).toEqual([
      ["a", 10, ["b"]],
      ["b", 1, []],
    ]);
  });

  test("for one property goes past violations of others, and stops at whatever is worse", () => {
    const log = new HuntLog({ wanted: "b" });
    const plan = base;
    log.add("1", plan, done([found("a")]));
    log.add("2", plan, done([found("a"), found("b"), found("c")]));
    log.add("3", plan, done([{ ...found("trouble"), kind: "trouble" }]));
    expect(
      log.causes.map(({ finding, seeds, also }) => [finding.property, seeds, [...also]]),
    ).toEqual([
      ["b", ["2"], ["a", "c"]],
      ["trouble", ["3"], []],
    ]);
  });

  test("is the same with few threads and many, whichever is the faster", async () => {
    const plans = async (size: number, disorder: (seed: string) => number) => {
      const asked: string[] = [];
      const explorer = new Learner();
      const plan = (seed: string): TestPlan => {
        const drawn = explorer.plan(seed);
        asked.push(`${seed}: ${drawn.nodeCount}`);
        return drawn;
      };
      const outcome = (seed: string) => done([], [`b${Number(seed) % 37}`]);
      await hunted(new Scripted(size, outcome, disorder), {
        explorer: { plan, learn: (...news) => explorer.learn(...news) },
      });
      return asked;
    };
    const alone = await plans(1, () => 0);
    for (const size of [8, 50]) {
      expect(await plans(size, (seed) => (Number(seed) * 7) % 13)).toEqual(alone);
    }
    // It did learn.
    expect(alone.at(-1)).not.toBe("100: 1");
  });

  test("a seed that hangs or crashes is a finding, and the others go on", async () => {
    const finding: Finding = { kind: "hang", checker: "run", property: "hang", sentence: "hangs" };
    const outcome = (seed: string): Outcome =>
      seed === "3" ? { type: "lost", finding, hostMs: 60_000 } : done([]);
    const log = await hunted(new Scripted(2, outcome));
    expect(log.seedCount).toBe(100);
    expect(log.causes.map(({ finding: { kind }, seeds }) => [kind, seeds])).toEqual([
      ["hang", ["3"]],
    ]);
  });

  test("of which nothing was proved: why, and which seeds", async () => {
    const reason = (seed: string): string | undefined =>
      Number(seed) % 40 === 0 ? `k${seed}: no delete succeeded` : undefined;
    const log = await hunted(new Scripted(2, (seed) => done([], [], reason(seed))));
    expect(log.causes).toEqual([]);
    expect(log.undecided).toEqual([{ sentence: "k40: no delete succeeded", seeds: ["40", "80"] }]);
  });

  test("ends where the user's own workload fails, which is no finding, and keeps what it had found", async () => {
    const fine = done([]);
    const broken: Outcome = {
      ...fine,
      probed: { ...fine.probed, workloadTrouble: "the workload w failed: next: oops" },
    };
    const outcome = (seed: string) =>
      seed === "3" ? done([found("p")]) : seed < "5" ? fine : broken;
    const log = new HuntLog();
    const hunting = hunt(
      {
        explorer: new Learner(),
        seeds: seedsOf({ from: 1, to: 9 }, WHOLE),
        prober: new Scripted(2, outcome),
        keepGoing: true,
        isOver: () => false,
      },
      log,
    );
    await expect(hunting).rejects.toThrow(
      new EnvironmentError("the workload w failed: next: oops"),
    );
    expect(log.causes.map(({ seeds }) => seeds)).toEqual([["3"]]);
  });

  test("what was not run any more does not count", async () => {
    const outcome = (seed: string): Outcome => (Number(seed) > 5 ? { type: "dropped" } : done([]));
    expect((await hunted(new Scripted(2, outcome))).seedCount).toBe(5);
  });
});

describe("shards", () => {
  function shard(index: number, more: Partial<HuntSummary> = {}): HuntSummary {
    return {
      format: "raftwreck-hunt",
      version: 1,
      startedAt: `2026-01-0${index}T00:00:00.000Z`,
      hostMs: 1000 * index,
      workers: 2,
      explore: "swarm",
      mutant: null,
      workload: null,
      find: null,
      durationMs: 20_000,
      seeds: "1..",
      shards: [{ index, count: 2 }],
      missingShards: [],
      seedCount: 10,
      simulatedMs: 200_000,
      events: 5000,
      behaviours: ["a", `b${index}`],
      counts: { "verdict valid": 10 - index, "verdict unknown": index, "confirmed kill": 40 },
      causes: [],
      undecided: [],
      interruptedBy: null,
      ...more,
    };
  }
  const cause = (sentence: string, seed: string) =>
    summaryOfCause(
      { finding: found("p", sentence), plan: base, also: new Set(["q"]), seeds: [seed] },
      { run: `run-${seed}`, again: `raftwreck hunt --seeds ${seed}` },
    );

  test("become one: sums, all behaviours once, one cause where it is one", () => {
    const causes = [[cause("n1 did", "1")], [cause("n5 did", "2"), cause("nobody did", "4")]];
    const merged = mergeHunts(causes.map((of, i) => shard(i + 1, { causes: of })));
    expect(merged).toMatchObject({ seedCount: 20, workers: 4, hostMs: 2000, missingShards: [] });
    expect(merged.behaviours).toEqual(["a", "b1", "b2"]);
    expect(merged.counts).toMatchObject({ "verdict valid": 17, "verdict unknown": 3 });
    expect(merged.causes.map(({ seeds, seedCount, run }) => [seeds, seedCount, run])).toEqual([
      [["1", "2"], 2, "run-1"],
      [["4"], 1, "run-4"],
    ]);
    expect(exitCodeOf(merged)).toBe(EXIT.invalid);
  });

  test.each([
    ["violation", ["shrink results/run-3 --property p"]],
    ["trouble", []],
    ["defect", []],
  ] as const)("a %s: what shrinks it, and nothing else", (kind, commands) => {
    const text = endText(
      shard(1, { causes: [{ ...cause("n1 did", "3"), kind }] }),
      "results",
      PLAIN,
    );
    expect(text).toContain("replay  npx raftwreck replay results/run-3\n");
    expect([...text.matchAll(/shrink .*/g)].map(([command]) => command)).toEqual(commands);
  });

  test("are all there, or nothing is proved", () => {
    expect(exitCodeOf(mergeHunts([shard(1), shard(2)]))).toBe(EXIT.valid);
    const half = mergeHunts([shard(2)]);
    expect(exitCodeOf(half)).toBe(EXIT.unknown);
    expect(endText(half, "results", PLAIN)).toContain("nothing is known of these shards: 1/2");
  });

  test("of which an older version did not say what they were after go with those that do", () => {
    const { workload: _, find: __, ...older } = shard(1);
    const merged = mergeHunts([older, shard(2, { workload: "bank", find: "totals" })]);
    expect(merged).toMatchObject({ workload: "bank", find: "totals", seedCount: 20 });
  });

  test.each([
    [[10, 10], EXIT.valid],
    [[10, 9], EXIT.unknown],
  ])("of seeds that have an end: %j of 10 each were run", (seedCounts, code) => {
    const merged = mergeHunts(
      // What cut one short does not matter.
      seedCounts.map((seedCount, i) => {
        return shard(i + 1, { seeds: "1..20", seedCount, interruptedBy: "SIGINT" });
      }),
    );
    expect(exitCodeOf(merged)).toBe(code);
    const text = endText(merged, "results", PLAIN);
    expect(text.includes("only 19 of 20 seeds were run")).toBe(code === EXIT.unknown);
    expect(text.includes("exit code 2: not all seeds were run")).toBe(code === EXIT.unknown);
    // Who stops at a finding leaves seeds, too.
    const found = { ...merged, causes: [cause("n1 did", "1")] };
    expect(exitCodeOf(found)).toBe(EXIT.invalid);
    expect(endText(found, "results", PLAIN)).not.toContain("seeds were run");
  });

  test("are told together with what a killed hunt had found in the same folder, each once", () => {
    const left = [cause("n1 did", "1"), cause("nobody did", "4")];
    const { causes } = withFound(shard(1, { causes: [cause("n5 did", "9")] }), left);
    expect(causes.map(({ seeds }) => seeds)).toEqual([["9"], ["4"]]);
  });

  test("that showed nothing: what there was, and which bugs that excludes", () => {
    const text = endText(mergeHunts([shard(1), shard(2)]), "results", PLAIN);
    expect(text).toContain("verdicts 17 valid, 3 unknown");
    expect(text).toContain("faults   80 of 1 kinds confirmed, felt in 0 runs");
    // Of twenty runs three prove nothing.
    expect(text).toContain("a bug that shows in one run of 2 would have been seen with 99.9 %");
    expect(text).toContain("none of these seeds showed anything wrong");
  });

  test.each([
    [0, "none of these seeds showed a violation of vote-once, or anything worse\n"],
    [
      5,
      "none of these seeds showed a violation of vote-once, or anything worse; other properties were violated in 5 runs\n",
    ],
  ])("that did not show what was looked for, while %i runs were invalid", (invalid, sentence) => {
    const counts = { "verdict invalid": invalid, "verdict valid": 1 };
    const text = endText(shard(1, { find: "vote-once", counts }), "results", PLAIN);
    expect(text).toContain(`exit code 0: ${sentence}`);
    expect(text).not.toContain("99.9 %");
  });

  test("of which nothing was proved: why, and which seeds of all shards", () => {
    const of = (sentence: string, seeds: string[]) => summaryOfUndecided({ sentence, seeds });
    const merged = mergeHunts([
      shard(1, { undecided: [of("3 operations too many", ["1", "3", "5"])] }),
      shard(2, {
        undecided: [of("no delete", ["4"]), of("7 operations too many", ["2", "6", "8"])],
      }),
    ]);
    const text = endText(merged, "results", PLAIN);
    expect(text).toContain("unknown: 3 operations too many — seeds 1, 3, 5, 2, 6, … (6 in all)");
    expect(text).toContain("unknown: no delete — seed 4");
    expect(exitCodeOf(merged)).toBe(EXIT.valid);
  });

  test.each([
    ["the same one twice", [shard(1), shard(1)], /shard 1\/2 does not go with/],
    ["parts of different hunts", [shard(1), shard(2, { seeds: "5.." })], /seeds is 1\.\. in one/],
    [
      "with other workloads",
      [shard(1, { workload: "bank" }), shard(2)],
      /workload is bank in one and not given in another/,
    ],
    [
      "after other properties",
      [shard(1), shard(2, { find: "linearizability" })],
      /find is not given in one and linearizability in another/,
    ],
    ["nothing", [], /no hunt to merge/],
  ])("%s: refused in one sentence", (_what, hunts, message) => {
    expect(() => mergeHunts(hunts)).toThrow(message);
  });

  test.each([
    ["violation", EXIT.invalid],
    ["trouble", EXIT.invalid],
    ["crash", EXIT.defect],
    ["hang", EXIT.defect],
    ["defect", EXIT.defect],
  ] as const)("a %s alone ends with %i", (kind, code) => {
    const causes = [{ ...cause("n1 did", "1"), kind }];
    expect(exitCodeOf(shard(1, { causes, interruptedBy: "SIGINT" }))).toBe(code);
  });

  test("nothing found, but interrupted: says so", () => {
    expect(exitCodeOf(shard(1, { interruptedBy: "SIGTERM" }))).toBe(EXIT.terminated);
  });
});
