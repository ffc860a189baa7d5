import { existsSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import type { RunResults } from "../store/results.ts";
import { writeResults } from "../store/results-file.ts";
import { readRuns, readUnfinishedRuns } from "../store/runs.ts";
import { writeWholeFile } from "../store/write-file.ts";
import { renderReport } from "./html.ts";
import { renderIndexPage } from "./index-page.ts";
import { renderJunit } from "./junit.ts";
import { readPlaygroundProgram } from "./playground/program.ts";
import type { DescribeProperty } from "./property.ts";
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
  writeViolations(dir, { results, timeline, describe });
  const files = runFiles(dir);
  const program = results.plan.environment === "sim" ? readPlaygroundProgram() : undefined;
  const report = renderReport({ results, timeline, describe, files, program });
  writeWholeFile(join(dir, "report.html"), report);
  return summary;
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
