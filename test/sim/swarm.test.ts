import { describe, expect, test } from "vitest";
import { simulate } from "../../src/run/simulate.ts";
import { swarmPlan } from "../../src/run/swarm.ts";
import { expectNoFindings, findings, seedCount } from "./sweep.ts";
import { MUTANTS } from "../../node/mutants/mutants.ts";
import seeds from "./seeds.json" with { type: "json" };

/**
 * Random clusters, networks, disks and faults on the correct node: nothing may be found. More seeds with
 * RAFTWRECK_SWEEP=1000, others with RAFTWRECK_SWEEP_FROM=5000.
 */
const COUNT = seedCount("RAFTWRECK_SWEEP", 40);
const FROM = seedCount("RAFTWRECK_SWEEP_FROM", 1);
const BLOCK = 10;

describe("the correct node in a swarm of configurations", () => {
  const blocks = Array.from({ length: Math.ceil(COUNT / BLOCK) }, (_, i) => FROM + i * BLOCK);
  test.each(blocks)("seeds from s%i on", (first) => {
    const names = Array.from({ length: BLOCK }, (_, i) => `s${first + i}`);
    const runs = names.map((seed) => ({
      seed,
      sentences: findings(simulate(swarmPlan(seed, { durationMs: 20_000, mutant: null }))),
    }));
    expectNoFindings(runs);
  });
});

describe("seeds that once showed something", () => {
  test.each(seeds.correct)("$seed: $why", ({ seed }) => {
    expectNoFindings([
      {
        seed,
        sentences: findings(simulate(swarmPlan(seed, { durationMs: 20_000, mutant: null }))),
      },
    ]);
  });

  test.each(seeds.caught)(
    "$mutant is caught by $property in seed $seed",
    ({ seed, mutant, property }) => {
      const { checks } = simulate(swarmPlan(seed, { durationMs: 20_000, mutant }));
      const found = checks.flatMap(({ anomalies }) => anomalies.map((one) => one.property));
      expect(found).toContain(property);
      // The same seed without the bug is clean: it was the bug that was caught.
      const clean = simulate(swarmPlan(seed, { durationMs: 20_000, mutant: null }));
      expectNoFindings([{ seed, sentences: findings(clean) }]);
    },
  );

  test("there is one for every seeded bug", () => {
    const caught = new Set(seeds.caught.map(({ mutant }) => mutant));
    expect(MUTANTS.filter(({ id }) => !caught.has(id)).map(({ id }) => id)).toEqual([]);
  });
});
