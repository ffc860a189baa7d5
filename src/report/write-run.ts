import { existsSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { ConfigError } from "../base/errors.ts";
import type { TraceEvent } from "../base/trace.ts";
import type { RunResults } from "../store/results.ts";
import { writeResults } from "../store/results-file.ts";
import { readRuns, readUnfinishedRuns } from "../store/runs.ts";
import { readTrace, tracePaths } from "../store/trace-file.ts";
import { writeWholeFile } from "../store/write-file.ts";
import { type Explanation, explainRun } from "./explain/explain-run.ts";
import { type Finding, findingsOf } from "./findings.ts";
import { renderReport } from "./html.ts";
import { renderIndexPage } from "./index-page.ts";
import { renderJunit } from "./junit.ts";
import { readPlaygroundProgram } from "./playground/program.ts";
import type { DescribeProperty } from "./property.ts";
import { readRecords } from "./read-records.ts";
import { renderSummary, type Summary, summaryOf } from "./summary.ts";
import type { TimelineData } from "./timeline-data.ts";
import { writeViolations } from "./violations.ts";

export interface WriteRunInput {
  /** The run's folder as it is called now. */
  readonly dir: string;
  readonly results: RunResults;
  readonly timeline: TimelineData;
  readonly describe: DescribeProperty;
  /** Where the report will be, as the reader can open it: the folder may still get its final name. */
  readonly reportPath: string;
}

/** Writes results.json, junit.xml, summary.md, violations/ and report.html; returns what was summed up. */
export function writeRun({ dir, results, timeline, describe, reportPath }: WriteRunInput): Summary {
  const summary = summaryOf({ results, timeline, describe, reportPath });
  // Facts first: should the disk be full, what matters most is there.
  writeResults(dir, results);
  writeWholeFile(join(dir, "summary.md"), renderSummary(summary));
  writeWholeFile(
    join(dir, "junit.xml"),
    renderJunit({ results, describe, reportPath: "report.html" }),
  );
  const explanations = explained(dir, findingsOf(results), timeline);
  writeViolations(dir, { results, timeline, describe, explanations });
  const report = renderRun({ dir, results, timeline, describe }, explanations);
  writeWholeFile(join(dir, "report.html"), report);
  return summary;
}

/** The report of what lies in a run's folder. */
export function renderRun(
  { dir, results, timeline, describe }: Omit<WriteRunInput, "reportPath">,
  explanations = explained(dir, findingsOf(results), timeline),
): string {
  const records = readRecords(dir, results, timeline);
  const files = runFiles(dir);
  const program = results.plan.environment === "sim" ? readPlaygroundProgram() : undefined;
  return renderReport({ results, timeline, describe, explanations, records, files, program });
}

/** A trace that cannot be read costs the explanations, never the report. */
function explained(
  dir: string,
  findings: readonly Finding[],
  timeline: TimelineData,
): ReadonlyMap<number, Explanation> {
  if (findings.length === 0) return new Map();
  try {
    return explainRun(findings, timeline, () => traceOf(dir));
  } catch (error) {
    if (error instanceof ConfigError) return explainRun(findings, timeline, () => []);
    throw error;
  }
}

/** The run's trace in the order of time; nothing where it could not be merged. */
function traceOf(dir: string): Iterable<TraceEvent> {
  const isMerged = existsSync(join(dir, "trace.jsonl"));
  return isMerged ? readTrace(tracePaths(dir), 0) : [];
}

/** Brings `results/index.html` up to date with the runs that are there. */
export function writeIndexPage(resultsDir: string): void {
  const runs = readRuns(resultsDir).filter((run) => existsSync(join(resultsDir, run.id)));
  const page = renderIndexPage(runs, readUnfinishedRuns(resultsDir));
  writeWholeFile(join(resultsDir, "index.html"), page);
}

/** What a report links to: the run's own files, then those in subfolders. */
export function runFiles(dir: string): string[] {
  const files = readdirSync(dir, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(dir, join(entry.parentPath, entry.name)))
    .filter((file) => file !== "report.html" && !file.endsWith(".tmp"))
    // The nodes' own disks are for those who look for them.
    .filter((file) => !file.startsWith("data/"))
    .toSorted();
  const isInside = (file: string): boolean => file.includes("/");
  return [...files.filter((file) => !isInside(file)), ...files.filter(isInside)];
}
