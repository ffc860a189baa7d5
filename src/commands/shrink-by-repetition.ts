import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import type { Anomaly } from "../../checker/verdict.ts";
import type { ScheduleEntry } from "../../nemesis/schedule.ts";
import { EXIT } from "../base/errors.ts";
import { createTerminal } from "../report/terminal.ts";
import { Display } from "../run/display.ts";
import { runTest } from "../run/run-test.ts";
import { reduction } from "../shrink/reduce-list.ts";
import type { RunResults } from "../store/results.ts";
import type { TestPlan } from "../store/plan.ts";
import { listenForInterrupt, runOnce } from "./run.ts";
import type { ShrinkJob } from "./shrink-job.ts";

/** After the violation a run goes on for so long: it won't come at the very same moment again. */
const MARGIN_MS = 2000;

/**
 * Fewer faults for a run on real nodes, where nothing is the same twice: a candidate counts once one of `--repeat`
 * runs of it shows the violation. What is left is run that often again and kept, and how often it hit is told.
 */
export async function shrinkByRepetition(job: ShrinkJob): Promise<void> {
  const { id, flags, say, startedAtMs } = job;
  const interrupt = listenForInterrupt();
  const { signal } = interrupt;
  const scratch = mkdtempSync(path.join(os.tmpdir(), "raftwreck-shrink-"));
  try {
    const plan = await smallest(job, (candidate) => attempt(job, candidate, scratch, signal));
    const { faults } = plan.schedule;
    say(`  ${faults.length} faults left; running it ${flags.repeat} times`);
    let hits = 0;
    let lastHit: RunResults | undefined;
    for (let i = 0; i < flags.repeat && !signal.aborted; i++) {
      const command = `npx raftwreck shrink ${id}`;
      const { results } = await runOnce({
        plan,
        command,
        flags: { ...flags, quiet: true },
        interrupt,
      });
      process.exitCode = results.exitCode;
      if (findIn(job, results) === undefined) continue;
      hits++;
      lastHit = results;
    }
    const seconds = Math.round((performance.now() - startedAtMs) / 1000);
    process.stderr.write(
      `from ${job.plan.schedule.faults.length} faults in ${job.plan.durationMs / 1000} s to ${faults.length} in ` +
        `${plan.durationMs / 1000} s, in ${seconds} s; seen in ${hits} of ${flags.repeat} runs\n`,
    );
    process.exitCode = lastHit?.exitCode ?? EXIT.unknown;
    if (lastHit === undefined) return;
    process.stderr.write(`repeat it with  npx raftwreck replay ${lastHit.id} --repeat 10\n`);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function smallest(
  { plan, isTimeUp, say }: ShrinkJob,
  violates: (plan: TestPlan) => Promise<Seen | undefined>,
): Promise<TestPlan> {
  const first = await violates({ ...plan, failFast: true });
  if (first === undefined) {
    say("  it did not show again as it was; with more --repeat it may");
    return plan;
  }
  const shorter = { ...plan, durationMs: Math.min(plan.durationMs, first.atMs + MARGIN_MS) };
  const steps = reduction<ScheduleEntry>(shorter.schedule.faults);
  let left = shorter;
  let step = steps.next();
  while (step.done !== true && !isTimeUp()) {
    const candidate = { ...shorter, schedule: { ...shorter.schedule, faults: step.value } };
    const isEnough = (await violates(candidate)) !== undefined;
    say(
      `  without ${left.schedule.faults.length - step.value.length} faults: ${isEnough ? "still seen" : "not seen"}`,
    );
    if (isEnough) left = candidate;
    step = steps.next(isEnough);
  }
  return left;
}

interface Seen {
  /** Since the start of the run. */
  readonly atMs: number;
}

/** Runs the plan until the violation is seen, or often enough; undefined: it was not. */
async function attempt(
  job: ShrinkJob,
  plan: TestPlan,
  scratch: string,
  signal: AbortSignal,
): Promise<Seen | undefined> {
  for (let i = 0; i < job.flags.repeat && !signal.aborted && !job.isTimeUp(); i++) {
    const command = `npx raftwreck shrink ${job.id}`;
    const display = new Display([SILENT], plan);
    const { results } = await runTest({
      plan,
      resultsDirectory: scratch,
      command,
      display,
      signal,
    });
    const found = findIn(job, results);
    if (found !== undefined) return { atMs: found.timeNs / 1e6 };
  }
  return undefined;
}

function findIn({ sought }: ShrinkJob, { checks }: RunResults): Anomaly | undefined {
  return checks
    .filter(({ checker }) => (sought.checker ?? checker) === checker)
    .flatMap(({ anomalies }) => anomalies)
    .find(sought.isIt);
}

const SILENT = createTerminal({
  sink: { write: () => undefined },
  env: {},
  nowMs: () => performance.now(),
  quiet: true,
});
