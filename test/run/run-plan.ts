import { type Audience, Display } from "../../src/run/display.ts";
import type { FinishedRun } from "../../src/run/finish-run.ts";
import { runTest } from "../../src/run/run-test.ts";
import type { TestPlan } from "../../src/store/plan.ts";
import { tempDir } from "../store/temp-dir.ts";

/** Runs it into a folder, as a command does. */
export function runPlan(
  plan: TestPlan,
  {
    resultsDirectory = tempDir(),
    audiences = [],
  }: { readonly resultsDirectory?: string; readonly audiences?: readonly Audience[] } = {},
): Promise<FinishedRun> {
  const display = new Display(audiences, plan);
  const { signal } = new AbortController();
  return runTest({ plan, resultsDirectory, command: "the same", display, signal });
}
