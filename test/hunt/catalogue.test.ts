import { describe, expect, test } from "vitest";
import { PROPERTIES } from "../../checker/properties.ts";
import { CANARY, findMutant, EQUIVALENT_MUTANTS, MUTANTS } from "../../node/mutants/mutants.ts";
import { RULES } from "../../node/raft/rules.ts";
import { STORAGE_RULES } from "../../node/storage/rules.ts";
import { tryCatalogue } from "../../src/hunt/catalogue.ts";
import type { Finding } from "../../src/hunt/finding.ts";
import { matrixMarkdown, matrixText } from "../../src/hunt/matrix-text.ts";
import { median, rowOf } from "../../src/hunt/matrix.ts";
import type { Outcome, Prober } from "../../src/hunt/pool.ts";
import { probe } from "../../src/hunt/probe.ts";
import { isOfNodes, tryMutant, type Trial } from "../../src/hunt/trial.ts";
import { chooseStyle } from "../../src/report/style.ts";
import { swarmPlan } from "../../src/run/swarm.ts";
import type { TestPlan } from "../../src/store/plan.ts";

const BUDGET = { explore: "swarm", seeds: 20, clientSeeds: 4, durationMs: 1000 } as const;
const PLAIN = chooseStyle({ isTty: false, env: {} });
const mutant = { ...CANARY, id: "vote-twice", property: "vote-once" };

/** Says of a plan what the list of its mutant, or of the correct node, says of its seed. */
function scripted(violated: (plan: TestPlan) => readonly string[]): Prober & { seeds: string[] } {
  const seeds: string[] = [];
  return {
    seeds,
    size: 2,
    drop: () => undefined,
    probe: (plan) => {
      if (plan.mutant !== null) seeds.push(plan.seed);
      const findings = violated(plan).map((property): Finding => {
        return { kind: "violation", checker: property, property, sentence: property };
      });
      const rest = {
        behaviours: [],
        counts: {},
        undecided: undefined,
        workloadTrouble: undefined,
        simulatedMs: 1000,
        events: 1,
        hostMs: 100,
        differences: 2,
      };
      const outcome: Outcome = { type: "done", probed: { findings, ...rest } };
      return Promise.resolve(outcome);
    },
  };
}

describe("a seeded bug", () => {
  test("is caught at the first seed whose violation is the one that it names", async () => {
    const prober = scripted(({ seed, mutant: bug }) => {
      if (bug === null) return [];
      return seed === "7" ? ["vote-once"] : seed === "3" ? ["election-safety"] : [];
    });
    const trial = await tryMutant(mutant, BUDGET, 0, prober);
    expect(trial.named).toEqual({ seed: "7", seeds: 7, hostMs: 700 });
    expect(trial.nodes).toEqual({ seed: "3", seeds: 3, hostMs: 300 });
    expect(trial).toMatchObject({
      clients: null,
      seedCount: 7,
      differences: 14,
      differingSeeds: 7,
    });
  });

  test("is not caught by a seed that shows something without it as well", async () => {
    const prober = scripted(({ seed, mutant: bug }) => {
      if (bug === null) return seed === "2" ? ["log-matching"] : [];
      return ["2", "5"].includes(seed) ? ["vote-once"] : [];
    });
    const trial = await tryMutant(mutant, BUDGET, 0, prober);
    expect(trial.named?.seed).toBe("5");
    expect(trial.unclean).toEqual(["2"]);
    expect(rowOf(mutant, [trial]).remarks[0]).toMatch(/^seed 2 shows something without the bug/);
  });

  test("has its budget, and the clients have theirs, also when they alone would see it", async () => {
    const prober = scripted(({ seed, mutant: bug }) => {
      return bug !== null && Number(seed) > BUDGET.clientSeeds ? ["linearizability"] : [];
    });
    const trial = await tryMutant(mutant, BUDGET, 0, prober);
    expect(trial).toMatchObject({ named: null, nodes: null, clients: null, seedCount: 20 });
    expect(rowOf(mutant, [trial]).remarks).toEqual([
      "never caught by vote-once, which it names, but by linearizability",
    ]);
  });

  test("has seeds of its own in every repetition", async () => {
    const [first, second] = [scripted(() => []), scripted(() => [])];
    await tryMutant(mutant, BUDGET, 0, first);
    await tryMutant(mutant, BUDGET, 1, second);
    expect(first.seeds).toHaveLength(BUDGET.seeds);
    expect(first.seeds.filter((seed) => second.seeds.includes(seed))).toEqual([]);
  });

  test("that was looked at for less than its budget is not called missed", async () => {
    const prober: Prober = {
      size: 1,
      drop: () => undefined,
      probe: () => Promise.resolve({ type: "dropped" }),
    };
    const trial = await tryMutant(mutant, BUDGET, 0, prober);
    expect(trial.isWhole).toBe(false);
    expect(rowOf(mutant, [trial]).remarks).toEqual([]);
  });
});

describe("the catalogue", () => {
  test("replaces every rule there is, but for those whose loss shows too seldom", () => {
    const seldom = [
      // A vote must come between two heartbeats of a leader that holds a lease: not in 1,000 seeds.
      "ignoresCandidate",
      // What it prevents costs time only: a commit waits for a learner that has little of the log yet.
      "isCaughtUp",
      // Two changes, and a failure between them: a hunt found it once in some 100,000 seeds, in our own node.
      "couldElect",
    ];
    const replaced = new Set([
      ...MUTANTS.flatMap(({ rules, storageRules }) => Object.keys({ ...rules, ...storageRules })),
      ...EQUIVALENT_MUTANTS.flatMap(({ rules = {} }) => Object.keys(rules)),
    ]);
    const rules = [...Object.keys(RULES), ...Object.keys(STORAGE_RULES)];
    expect(rules.filter((rule) => !replaced.has(rule))).toEqual(seldom);
  });

  test("tries nothing where the canary lives: then the pipeline is dead", async () => {
    const { isAlive, rows } = await tryCatalogue({
      mutants: MUTANTS,
      budget: BUDGET,
      repeat: 1,
      prober: scripted(() => []),
      onTrial: () => expect.unreachable(),
    });
    expect({ isAlive, rows }).toEqual({ isAlive: false, rows: [] });
  });

  test("has a row for each, in order, with as many trials as were asked for", async () => {
    const prober = scripted((plan) => {
      return plan.mutant === null ? [] : [findMutant(plan.mutant)?.property ?? ""];
    });
    let trials = 0;
    const { rows, cleanSeeds } = await tryCatalogue({
      mutants: MUTANTS,
      budget: BUDGET,
      repeat: 2,
      prober,
      onTrial: () => trials++,
    });
    expect(rows.map((row) => row.mutant)).toEqual(MUTANTS.map(({ id }) => id));
    expect(rows.every(({ named, remarks }) => named.caught === 2 && remarks.length === 0)).toBe(
      true,
    );
    expect(trials).toBe(2 * MUTANTS.length);
    expect(cleanSeeds).toBe(1 + 2 * MUTANTS.length);
  });

  test("every property that a checker proves is seen by the nodes' traces or by clients", () => {
    const safety = PROPERTIES.filter(({ kind }) => kind === "safety").map(({ id }) => id);
    expect(safety.filter((id) => !isOfNodes(id))).toContain("linearizability");
    expect(safety.filter(isOfNodes).length).toBeGreaterThan(10);
  });
});

test("the canary is caught in any run, however short, and the correct node's is clean", () => {
  for (const seed of ["1", "2", "3"]) {
    const plan = swarmPlan(seed, { durationMs: 500, mutant: CANARY.id, workloads: ["register"] });
    const { findings, differences } = probe(plan);
    expect(findings.map(({ property }) => property)).toContain(CANARY.property);
    expect(differences).toBeGreaterThan(0);
    expect(probe({ ...plan, mutant: null })).toMatchObject({ findings: [], differences: 0 });
  }
});

describe("the matrix", () => {
  const base: Trial = {
    mutant: mutant.id,
    named: null,
    nodes: null,
    clients: null,
    violated: {},
    seedCount: 20,
    differences: 0,
    differingSeeds: 0,
    unclean: [],
    isWhole: true,
  };
  const caught = (seeds: number): Trial => {
    return { ...base, named: { seed: "1", seeds, hostMs: seeds * 1000 }, differingSeeds: 10 };
  };

  test("tells median and worst of those that caught it, and how many these are", () => {
    const row = rowOf(mutant, [caught(9), base, caught(2), caught(4)]);
    expect(row.named).toEqual({
      caught: 3,
      seedsMedian: 4,
      seedsWorst: 9,
      secondsMedian: 4,
      secondsWorst: 9,
    });
    const text = matrixText([row], PLAIN);
    expect(text).toContain("3 of 4  4 (9)  4.00 s (9.00 s)  –        38 %");
    expect(text).not.toContain("To be explained");
  });

  test("counts no trial that was cut short, whatever it had seen", () => {
    const cut = { ...caught(3), isWhole: false, violated: { "log-matching": 1 }, unclean: ["8"] };
    const row = rowOf(mutant, [caught(2), cut]);
    expect(row).toMatchObject({ trialCount: 1, named: { caught: 1, seedsWorst: 2 }, also: [] });
    expect(row.remarks).toEqual([expect.stringMatching(/^seed 8 shows something without the bug/)]);
    const untried = rowOf(mutant, [{ ...base, isWhole: false }]);
    expect(matrixText([untried], PLAIN)).toMatch(/^\? vote-twice +vote-once +cut short$/m);
  });

  test.each([
    [0, /no run gets there/],
    [17, /it decided otherwise 17 times, and nobody noticed/],
  ])("says why one was missed that differed %i times", (differences, why) => {
    const row = rowOf(mutant, [{ ...base, differences }]);
    expect(row.remarks[0]).toMatch(why);
    expect(matrixText([row], PLAIN)).toMatch(why);
  });

  test("is a table of Markdown, too", () => {
    const lines = matrixMarkdown([rowOf(mutant, [caught(2)])]).split("\n");
    expect(lines).toHaveLength(3);
    expect(lines[2]).toMatch(/^\| `vote-twice` \| .* \| vote-once \| 2 \(2\) \| – +\|$/);
  });

  test.each([
    [[], null],
    [[3], 3],
    [[1, 2], 1],
    [[1, 2, 9], 2],
  ])("the median of %j is %j", (list, middle) => expect(median(list)).toBe(middle));
});
