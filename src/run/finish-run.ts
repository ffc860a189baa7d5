import { readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { CheckResult } from "../../checker/verdict.ts";
import { PACKAGE_ROOT } from "../environment/docker/package-root.ts";
import type { DescribeProperty } from "../report/property.ts";
import type { Summary } from "../report/summary.ts";
import type { TimelineData } from "../report/timeline-data.ts";
import { writeIndexPage, writeRun } from "../report/write-run.ts";
import type { TestPlan } from "../store/plan.ts";
import type { RunResults } from "../store/results.ts";
import { finalRunId, isNamedAsRun, sealRunFolder } from "../store/run-folder.ts";
import { recordRun } from "../store/runs.ts";
import { judge, type Ending } from "./judge.ts";

export interface FinishInput {
  readonly plan: TestPlan;
  readonly directory: string;
  readonly command: string;
  readonly startedAt: Date;
  readonly durationMs: number;
  readonly eventLoopLagMsMax: number;
  readonly checks: readonly CheckResult[];
  /** What is told of a property that was violated. */
  readonly describe: DescribeProperty;
  readonly timeline: TimelineData;
  readonly ending: Ending;
  readonly simulation: RunResults["simulation"] | undefined;
}

export interface FinishedRun {
  readonly results: RunResults;
  readonly summary: Summary;
  /** The run's folder under its final name. */
  readonly directory: string;
}

/** Judges a checked run and writes down everything that is to be said about it. */
export function finishRun(input: FinishInput): FinishedRun {
  const { plan, checks, ending, directory } = input;
  const resultsDirectory = path.dirname(directory);
  const judgement = judge(plan, checks, ending);
  const id = finalRunId(directory, judgement.verdict);
  const sealed = path.join(resultsDirectory, id);
  const results: RunResults = {
    format: "raftwreck-results",
    version: 1,
    id,
    startedAt: input.startedAt.toISOString(),
    durationMs: input.durationMs,
    ...judgement,
    ...ending,
    plan,
    checks,
    reproduce: { command: input.command, recheck: `npx raftwreck check ${shortPath(sealed)}` },
    ...(input.simulation === undefined ? {} : { simulation: input.simulation }),
    host: describeHost(input.eventLoopLagMsMax),
  };
  const summary = writeRun({
    dir: directory,
    results,
    timeline: input.timeline,
    describe: input.describe,
    reportPath: shortPath(path.join(sealed, "report.html")),
  });
  sealRunFolder(directory, judgement.verdict);
  if (isNamedAsRun(directory)) {
    recordRun(resultsDirectory, results);
    writeIndexPage(resultsDirectory);
  }
  return { results, summary, directory: sealed };
}

/** As a reader in this folder would type it. */
export function shortPath(file: string): string {
  const short = path.relative(process.cwd(), file);
  return short.startsWith("..") ? file : short;
}

function describeHost(eventLoopLagMsMax: number): RunResults["host"] {
  return {
    raftwreckVersion: packageVersion(),
    nodeVersion: process.version,
    platform: `${os.type()} ${os.release()} ${os.arch()}`,
    cpus: os.availableParallelism(),
    memoryBytes: os.totalmem(),
    eventLoopLagMsMax,
  };
}

export function packageVersion(): string {
  const file = path.join(PACKAGE_ROOT, "package.json");
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}
