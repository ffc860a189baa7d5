import process from "node:process";
import type { CheckerRecord } from "../../checker/checker.ts";
import { UsageError } from "../base/errors.ts";
import { seek } from "../run/seek.ts";
import type { Sought } from "../run/simulate.ts";
import { shrinkPlan, type Shrunk } from "../shrink/shrink-plan.ts";
import { sizeOf, sizeText } from "../shrink/size.ts";
import { storyOf, type Seen } from "../shrink/story.ts";
import type { TestPlan } from "../store/plan.ts";
import { listenForInterrupt, runOnce } from "./run.ts";
import type { ShrinkJob } from "./shrink-job.ts";

/** Shrinks a simulated run, runs what is left of it into a folder of its own, and tells its story. */
export async function shrinkSimulated(job: ShrinkJob): Promise<void> {
  const { id, plan, workload, sought, flags, say, startedAtMs, isTimeUp } = job;
  const shrunk = shrinkPlan(plan, {
    attempt: (candidate, options) => seek(candidate, sought, { ...options, workload }),
    isTimeUp,
    onTry: progress(startedAtMs, say),
  });
  if (shrunk === undefined) {
    throw new UsageError(
      `${id} does not lead to this violation any more: the code has changed, so there is nothing to shrink`,
    );
  }
  const seconds = (performance.now() - startedAtMs) / 1000;
  const { results } = await runOnce({
    plan: shrunk.plan,
    command: `npx raftwreck shrink ${id}`,
    flags: { ...flags, quiet: true },
    interrupt: listenForInterrupt(),
  });
  process.exitCode = results.exitCode;
  const text = [
    ...story(shrunk, sought, workload),
    "",
    `from ${sizeText(shrunk.before)} on ${plan.nodeCount} nodes`,
    `  to ${sizeText(sizeOf(shrunk.plan))} on ${shrunk.plan.nodeCount}, in ${shrunk.tries} tries and ${seconds.toFixed(1)} s` +
      (shrunk.isDone ? "" : "; the time was up before everything was tried: give more with --time"),
    `replay it with  npx raftwreck replay ${results.id}`,
  ].join("\n");
  if (flags.json) process.stderr.write(`${text}\n`);
  else console.log(text);
}

/** How often is told how it goes. */
const PROGRESS_MS = 3000;

function progress(
  startedAtMs: number,
  say: (text: string) => void,
): (search: { readonly plan: TestPlan; readonly tries: number }) => void {
  let toldAtMs = startedAtMs;
  return ({ plan, tries }) => {
    const nowMs = performance.now();
    if (nowMs - toldAtMs < PROGRESS_MS) return;
    toldAtMs = nowMs;
    const seconds = Math.round((nowMs - startedAtMs) / 1000);
    say(`  ${seconds} s, ${tries} tries: ${sizeText(sizeOf(plan))} left`);
  };
}

function story({ plan }: Shrunk, sought: Sought, workload: ShrinkJob["workload"]): string[] {
  const deviations: Seen["deviations"][number][] = [];
  const records: CheckerRecord[] = [];
  const seen = seek(plan, sought, {
    workload,
    onDeviation: (deviation, timeNs) => deviations.push({ deviation, timeNs }),
    onRecord: (record) => records.push(record),
  });
  if (seen === undefined) return [];
  return [
    "What is left:",
    ...storyOf({ plan, ...seen, deviations, records }),
    `=> ${seen.anomaly.sentence}`,
  ];
}
