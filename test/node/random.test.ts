import { describe, expect, test } from "vitest";
import { createCheckers } from "../../checker/checkers.ts";
import { runCheckers } from "../../checker/run-checkers.ts";
import type { CheckResult } from "../../checker/verdict.ts";
import { MUTANTS, mutatedRules } from "../../node/mutants/mutants.ts";
import { recordsOf, runRandom, type RandomRun } from "./random-run.ts";

const SEEDS = 60;
const MUTANT_SEEDS = 60;

function judge(run: RandomRun): CheckResult[] {
  const checkers = createCheckers({ workload: "register", nodes: run.cluster.ids });
  const deadlineMs = performance.now() + 10_000;
  const budget = { nowMs: () => performance.now(), deadlineMs, memoryBytes: 1e9 };
  return runCheckers(checkers, recordsOf(run), budget);
}

const seeds = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}${i}`);

describe(
  "cuts, kills and clients drawn at random: every promise is kept",
  { timeout: 120_000 },
  () => {
    test.each(seeds("r", SEEDS))("seed %s", (seed) => {
      const run = runRandom(seed);
      expect(run.problems, `seed ${seed}`).toEqual([]);
      expect(run.ops.filter(({ type }) => type === "ok").length, `seed ${seed}`).toBeGreaterThan(
        30,
      );
      for (const { checker, verdict, summary } of judge(run)) {
        expect({ checker, verdict }, `seed ${seed}: ${checker}: ${summary}`).toEqual({
          checker,
          verdict: "valid",
        });
      }
    });

    test("the same seed gives the same run", () => {
      const [one, other] = [runRandom("again"), runRandom("again")];
      expect(other.cluster.trace).toEqual(one.cluster.trace);
      expect(other.ops).toEqual(one.ops);
    });
  },
);

describe("every seeded bug is caught by the checker of its property", { timeout: 120_000 }, () => {
  // Liveness takes a phase of its own, bugs of storage take disks that are worse, others what there is not in this
  // small cluster or other clients: whole runs have all of it.
  const shown = MUTANTS.filter(
    ({ property, storageRules, needs, workload }) =>
      property !== "liveness" && (storageRules ?? needs ?? workload) === undefined,
  );
  test.each(shown)("$id: $property", ({ id, property }) => {
    const rules = mutatedRules(id);
    const caught = seeds("m", MUTANT_SEEDS).find((seed) =>
      judge(runRandom(seed, rules)).some(
        ({ checker, verdict }) => checker === property && verdict === "invalid",
      ),
    );
    expect(caught, `not within ${MUTANT_SEEDS} seeds`).toBeDefined();
  });

  test.each(shown)("$id does not spin", ({ id }) => {
    const { cluster } = runRandom("storm", mutatedRules(id));
    // A leader's heartbeats, and a call and its answer for each write: far below this.
    const perSecond = cluster.callCount / (cluster.nowMs / 1000);
    expect(perSecond).toBeLessThan(500);
  });
});
