import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import type { Anomaly } from "../../checker/verdict.ts";
import type { ScheduleEntry } from "../../nemesis/schedule.ts";
import { EXIT } from "../base/errors.ts";
import { createTerminal } from "../report/terminal.ts";
import { Display } from "../run/display.ts";
import type { FinishedRun } from "../run/finish-run.ts";
import { runTest } from "../run/run-test.ts";
import { reduction } from "../shrink/reduce-list.ts";
import { withFaults } from "../shrink/with-faults.ts";
import { gatherRuns } from "../store/gather.ts";
import type { RunResults } from "../store/results.ts";
import type { TestPlan } from "../store/plan.ts";
import { makeReady } from "./make-ready.ts";
import { runOnce } from "./run.ts";
import { runArgument } from "./run-argument.ts";
import { againCommand, goOnCommand, type ShrinkJob } from "./shrink-job.ts";
import { exitOf } from "./shrink-simulated.ts";

/** After the violation a run goes on for so long: it won't come at the very same moment again. */
const MARGIN_MS = 2000;

/** The smallest plan that showed the violation, and the results folder in which its run lies. */
interface Hit {
  readonly plan: TestPlan;
  readonly results: RunResults;
  readonly folder: string;
  /** Of the violation, since the start of the run. */
  readonly atMs: number;
}

/**
 * Fewer faults for a run on real nodes, where nothing is the same twice: a candidate counts once one of `--repeat`
 * runs of it shows the violation. What is left is run that often again and kept, and how often it hit is told.
 */
export async function shrinkByRepetition(job: ShrinkJob): Promise<void> {
  await makeReady(job.plan);
  const scratch = mkdtempSync(path.join(os.tmpdir(), "raftwreck-shrink-"));
  try {
    const hit = await smallest(job, scratch);
    if (job.interrupt.signal.aborted) return keep(job, hit);
    await confirm(job, hit?.plan ?? job.plan);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Ended before everything was tried: the run that showed it last is the result. */
function keep(job: ShrinkJob, hit: Hit | undefined): void {
  const { id, flags, interrupt, say } = job;
  if (hit === undefined) {
    say(`stopped before ${id} was seen again; nothing is kept`);
    process.exitCode = exitOf(interrupt);
    return;
  }
  gatherRuns(hit.folder, flags.output);
  const directory = path.join(flags.output, hit.results.id);
  process.exitCode = hit.results.exitCode;
  process.stderr.write(
    `stopped before everything was tried: ${changeText(job, hit.results.plan)}\n` +
      `the run that showed it is ${hit.results.id}; go on with  ${goOnCommand(job, directory)}\n`,
  );
}

async function confirm(job: ShrinkJob, plan: TestPlan): Promise<void> {
  const { flags, interrupt, say } = job;
  const { faults } = plan.schedule;
  say(`  ${faultsText(faults.length)} left; running it ${flags.repeat} times`);
  let runs = 0;
  const hits: FinishedRun[] = [];
  for (; runs < flags.repeat && !interrupt.signal.aborted; runs++) {
    const how = { flags: { ...flags, quiet: true }, interrupt };
    const finished = await runOnce({ plan, command: againCommand(job), ...how });
    if (findIn(job, finished.results) !== undefined) hits.push(finished);
  }
  const hit = hits.at(-1);
  process.stderr.write(`${changeText(job, plan)}; seen in ${hits.length} of ${runs} runs\n`);
  const otherwise = interrupt.signal.aborted ? exitOf(interrupt) : EXIT.unknown;
  process.exitCode = hit?.results.exitCode ?? otherwise;
  if (hit === undefined) return;
  process.stderr.write(
    `repeat it with  npx raftwreck replay ${runArgument(hit.directory)} --repeat 10\n`,
  );
}

function changeText({ plan: before, startedAtMs }: ShrinkJob, plan: TestPlan): string {
  const seconds = Math.round((performance.now() - startedAtMs) / 1000);
  return (
    `from ${faultsText(before.schedule.faults.length)} in ${before.durationMs / 1000} s to ` +
    `${plan.schedule.faults.length} in ${plan.durationMs / 1000} s, in ${seconds} s`
  );
}

function faultsText(count: number): string {
  return `${count} fault${count === 1 ? "" : "s"}`;
}

/** Undefined: it did not show again, or the search was ended before it did. */
async function smallest(job: ShrinkJob, scratch: string): Promise<Hit | undefined> {
  const { plan, say } = job;
  let last = await attempt(job, { ...plan, failFast: true }, scratch);
  if (last === undefined) {
    if (!isOver(job)) say("  it did not show again as it was; with more --repeat it may");
    return undefined;
  }
  const { atMs } = last;
  const shorter = { ...plan, durationMs: Math.min(plan.durationMs, Math.ceil(atMs + MARGIN_MS)) };
  const steps = reduction<ScheduleEntry>(shorter.schedule.faults);
  const failed = new Set<string>();
  let left = shorter.schedule.faults;
  let step = steps.next();
  while (step.done !== true && !isOver(job)) {
    const name = step.value.map(({ id }) => id).join();
    if (failed.has(name)) {
      step = steps.next(false);
      continue;
    }
    const hit = await attempt(job, withFaults(shorter, step.value), scratch);
    if (hit === undefined && isOver(job)) break;
    const isEnough = hit !== undefined;
    say(
      `  without ${faultsText(left.length - step.value.length)}: ${isEnough ? "still seen" : "not seen"}`,
    );
    if (isEnough) {
      left = step.value;
      rmSync(last.folder, { recursive: true, force: true });
      last = hit;
    } else failed.add(name);
    step = steps.next(isEnough);
  }
  return { ...last, plan: withFaults(shorter, left) };
}

function isOver({ interrupt, startedAtMs, timeMs }: ShrinkJob): boolean {
  return interrupt.signal.aborted || performance.now() - startedAtMs > timeMs;
}

/** Runs the plan until the violation is seen, or often enough; undefined: it was not. */
async function attempt(job: ShrinkJob, plan: TestPlan, scratch: string): Promise<Hit | undefined> {
  for (let i = 0; i < job.flags.repeat && !isOver(job); i++) {
    const folder = mkdtempSync(path.join(scratch, "run-"));
    const { results } = await runTest({
      plan,
      resultsDirectory: folder,
      command: againCommand(job),
      display: new Display([SILENT], plan),
      signal: job.interrupt.signal,
    });
    const found = findIn(job, results);
    if (found !== undefined) return { plan, results, folder, atMs: found.timeNs / 1e6 };
    rmSync(folder, { recursive: true, force: true });
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
