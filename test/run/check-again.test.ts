import { readdirSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { assert } from "../../src/base/assert.ts";
import { checkAgain } from "../../src/run/check-again.ts";
import { createPlan, DEFAULT_CHOICES } from "../../src/run/plan.ts";
import { pointLatest } from "../../src/store/latest.ts";
import type { RunResults } from "../../src/store/results.ts";
import { writeResults } from "../../src/store/results-file.ts";
import { readRunFile, writeRunFile } from "../../src/store/run-file.ts";
import { tempDir } from "../store/temp-dir.ts";
import { runPlan } from "./run-plan.ts";

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

const SMALL = {
  ...DEFAULT_CHOICES,
  environment: "sim",
  nodeCount: 3,
  durationMs: 1000,
  kinds: [],
  allowUnknown: true,
  seed: "1",
} as const;

test("a run that failed is not made a pass by checking it again, not even twice", async () => {
  const resultsDirectory = tempDir();
  const file = path.join(resultsDirectory, "breaks.mjs");
  writeFileSync(file, BREAKS);
  const plan = createPlan({ ...SMALL, workload: { name: "breaks", file } });
  const { results } = await runPlan(plan, { resultsDirectory });
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

test("a run is left to its harness while that lives, and only to that very process", async () => {
  const resultsDirectory = tempDir();
  const check = (): Promise<unknown> => checkAgain("latest", resultsDirectory);
  const { directory } = await runPlan(createPlan(SMALL), { resultsDirectory });
  const running = path.join(resultsDirectory, path.basename(directory).replace("valid", "running"));
  renameSync(directory, running);
  pointLatest(resultsDirectory, path.basename(running));
  await expect(check()).rejects.toThrow(/_running_\w+ is still under way; check it when it has/);
  const written = readRunFile(running);
  assert(written !== undefined, "a run has a run.json");
  writeRunFile(running, { ...written, pidStartedAt: "long ago" });
  await check();
  expect(readdirSync(resultsDirectory)).toContain(path.basename(directory));
});
