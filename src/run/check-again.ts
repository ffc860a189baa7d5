import { existsSync } from "node:fs";
import path from "node:path";
import { ConfigError, EXIT, UsageError } from "../base/errors.ts";
import { isAlive } from "../environment/leftovers.ts";
import { summaryOf, type Summary } from "../report/summary.ts";
import { openRun, type StoredRun } from "../store/open-run.ts";
import { inSlices } from "../store/records.ts";
import type { RunResults } from "../store/results.ts";
import { parseRunName, RUNNING } from "../store/run-folder.ts";
import { mergeTrace } from "../store/trace-file.ts";
import { loadWorkload } from "../workload/load-workload.ts";
import { builtInWorkload, type RunWorkload } from "../workload/run-workload.ts";
import { asWorkloadName, WORKLOADS } from "../workload/workloads.ts";
import { describeWith } from "./describe-with.ts";
import { finishRun } from "./finish-run.ts";
import { type Ending, judge } from "./judge.ts";
import { Observers } from "./observers.ts";
import { createPlan, DEFAULT_CHOICES, nodeNames } from "./plan.ts";

export interface CheckedAgain {
  readonly results: RunResults;
  readonly summary: Summary;
}

/**
 * Checks what a run recorded with the checkers of today. A run's folder gets its results and its report anew,
 * also when the harness was killed before there were any; a history by itself is only judged.
 */
export async function checkAgain(given: string, resultsDirectory: string): Promise<CheckedAgain> {
  const stored = openRun(given, { resultsDir: resultsDirectory });
  refuseRunning(stored);
  const plan = stored.plan ?? planForHistory(stored);
  const workload = await workloadOf(stored);
  const observers = new Observers({
    workload: workload.judgedBy,
    nodes: nodeNames(plan.nodeCount),
    judgedBy: plan.judgedBy,
  });
  let endNs = 0;
  for await (const records of inSlices(stored.records)) {
    for (const record of records) {
      observers.observe(record);
      if (record.type === "op") endNs = record.op.timeNs;
    }
  }
  const checks = observers.finish(plan);
  const timeline = observers.timeline.snapshot();
  const before = stored.results;
  const command = before?.reproduce.command ?? `npx raftwreck check ${given}`;
  const facts = {
    plan,
    command,
    startedAt: new Date(stored.run?.startedAt ?? stored.header.startedAt),
    durationMs: before?.durationMs ?? endNs / 1e6,
    eventLoopLagMsMax: before?.host.eventLoopLagMsMax ?? 0,
    checks,
    describe: describeWith(workload.ownCheckers),
    timeline,
    ending: endingOf(before),
    simulation: before?.simulation,
  };
  if (stored.type === "history") return judgeOnly(stored, facts);
  if (stored.run !== undefined && existsSync(path.join(stored.dir, "trace"))) {
    mergeTrace(stored.dir, stored.run.originNs);
  }
  return finishRun({ ...facts, directory: stored.dir });
}

/** It will be judged, and its folder renamed, by its own harness. */
function refuseRunning({ id, run }: StoredRun): void {
  if (run?.pidStartedAt === undefined || parseRunName(id)?.verdict !== RUNNING) return;
  if (!isAlive({ pid: run.pid, startedAt: run.pidStartedAt })) return;
  throw new UsageError(`${id} is still under way; check it when it has ended`);
}

/** How the run ended is not for its checks to say. */
function endingOf(before: RunResults | undefined): Ending {
  if (before === undefined) return { interruptedBy: null, environmentTrouble: null };
  const { interruptedBy, exitCode, conclusion } = before;
  // Older results tell of trouble only where it decided the exit code: as their conclusion.
  const concluded = exitCode === EXIT.environment ? conclusion : null;
  return { interruptedBy, environmentTrouble: before.environmentTrouble ?? concluded };
}

async function workloadOf({ plan, header, historyPath }: StoredRun): Promise<RunWorkload> {
  if (plan?.workload.file !== undefined) return (await loadWorkload(plan.workload))();
  const name = asWorkloadName(header.workload);
  if (name !== undefined) return builtInWorkload({ name });
  const known = WORKLOADS.map((workload) => workload.name).join(", ");
  throw new ConfigError(
    `${historyPath}: line 1: no workload "${header.workload}" is known; this Raftwreck checks ${known}`,
  );
}

type Facts = Omit<Parameters<typeof finishRun>[0], "directory">;

function judgeOnly(stored: StoredRun, facts: Facts): CheckedAgain {
  const results: RunResults = {
    format: "raftwreck-results",
    version: 1,
    id: stored.id,
    startedAt: facts.startedAt.toISOString(),
    durationMs: facts.durationMs,
    ...judge(facts.plan, facts.checks, facts.ending),
    ...facts.ending,
    plan: facts.plan,
    checks: facts.checks,
    reproduce: { command: facts.command, recheck: facts.command },
    host: {
      raftwreckVersion: "",
      nodeVersion: process.version,
      platform: process.platform,
      cpus: 0,
      memoryBytes: 0,
      eventLoopLagMsMax: 0,
    },
  };
  const { timeline } = facts;
  const reportPath = "(none: a history by itself has no folder)";
  return {
    results,
    summary: summaryOf({ results, timeline, describe: facts.describe, reportPath }),
  };
}

/** Of a history by itself nothing is known but its operations. */
function planForHistory(stored: StoredRun): ReturnType<typeof createPlan> {
  return createPlan({ ...DEFAULT_CHOICES, seed: stored.id, kinds: [], allowUnknown: true });
}
