import { writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { checkAgain } from "../../src/run/check-again.ts";
import { Display } from "../../src/run/display.ts";
import { createPlan, DEFAULT_CHOICES } from "../../src/run/plan.ts";
import { runTest } from "../../src/run/run-test.ts";
import type { RunResults } from "../../src/store/results.ts";
import { writeResults } from "../../src/store/results-file.ts";
import { tempDir } from "../store/temp-dir.ts";

const SENTENCE = "the workload breaks failed: next: out of ideas";

/** The generator throws when it has drawn a few operations. */
const BREAKS = `export default {
  name: "breaks",
  createGenerator: () => {
    let count = 0;
    return {
      next: () => {
        if (count++ > 20) throw new Error("out of ideas");
        return { f: "read", value: ["k", null] };
      },
    };
  },
  translation: { ask: (asked) => asked, answer: (_, { value }) => value },
  checkers: [],
};`;

test("a run that failed is not made a pass by checking it again, not even twice", async () => {
  const resultsDirectory = tempDir();
  const file = path.join(resultsDirectory, "breaks.mjs");
  writeFileSync(file, BREAKS);
  const plan = createPlan({
    ...DEFAULT_CHOICES,
    environment: "sim",
    nodeCount: 3,
    durationMs: 1000,
    kinds: [],
    allowUnknown: true,
    workload: { name: "breaks", file },
    seed: "1",
  });
  const display = new Display([], plan);
  const { signal } = new AbortController();
  const how = { resultsDirectory, command: "the same", display, signal };
  const { results } = await runTest({ plan, ...how });
  const failed = { exitCode: 69, conclusion: SENTENCE, environmentTrouble: SENTENCE };
  expect(results).toMatchObject(failed);
  const check = async (): Promise<RunResults> =>
    (await checkAgain("latest", resultsDirectory)).results;
  expect(await check()).toMatchObject(failed);
  expect(await check()).toMatchObject(failed);
  // As versions wrote it that did not keep the trouble by itself.
  const { environmentTrouble, ...older } = await check();
  writeResults(path.join(resultsDirectory, older.id), older);
  expect(await check()).toMatchObject({ ...failed, environmentTrouble });
});
