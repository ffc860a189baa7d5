import { existsSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { CheckerRecord } from "../../checker/checker.ts";
import type { HistoryHeader } from "../../checker/history.ts";
import { ConfigError, UsageError } from "../base/errors.ts";
import { readHistory } from "./history-file.ts";
import { readLatest } from "./latest.ts";
import type { TestPlan } from "./plan.ts";
import { readPlan } from "./plan-file.ts";
import { readRecords } from "./records.ts";
import type { RunResults } from "./results.ts";
import { readResults } from "./results-file.ts";
import { readRunFile, type RunFile } from "./run-file.ts";
import { tracePaths } from "./trace-file.ts";

/** A run on disk, or a history by itself. */
export interface StoredRun {
  /** The run's folder; of a history by itself the folder it lies in. */
  readonly dir: string;
  readonly id: string;
  /** "history": a file by itself, of which nothing but the operations is known. */
  readonly type: "run" | "history";
  readonly historyPath: string;
  readonly header: HistoryHeader;
  /** Merged, or one per node if the harness was killed; empty where nothing was traced. */
  readonly tracePaths: readonly string[];
  readonly run: RunFile | undefined;
  readonly plan: TestPlan | undefined;
  /** Undefined: the run was never judged, because its harness was killed or is still at it. */
  readonly results: RunResults | undefined;
  /** History and trace, merged by time. Reads the files anew at every iteration. */
  readonly records: Iterable<CheckerRecord>;
}

/**
 * Opens a run by its folder, by its folder's name inside `resultsDir`, as "latest", or by the path of a
 * history file. Throws a UsageError if there is no such thing, a ConfigError if it is not what it should be.
 */
export function openRun(path: string, options: { readonly resultsDir: string }): StoredRun {
  const found = locate(path, options.resultsDir);
  return statSync(found).isDirectory() ? openFolder(realpathSync(found)) : openFile(found);
}

function locate(path: string, resultsDir: string): string {
  if (path === "latest" && !existsSync(path)) return locateLatest(resultsDir);
  for (const candidate of [resolve(path), resolve(resultsDir, path)])
    if (existsSync(candidate)) return candidate;
  throw new UsageError(
    `there is no run or history at ${path}; give a run's folder, "latest" or a history.jsonl`,
  );
}

function locateLatest(resultsDir: string): string {
  const id = readLatest(resultsDir);
  if (id === undefined)
    throw new UsageError(
      `there is no latest run in ${resultsDir}; make one with \`raftwreck run\``,
    );
  const dir = resolve(resultsDir, id);
  if (existsSync(dir)) return dir;
  throw new UsageError(
    `the latest run, ${id}, is no longer in ${resultsDir}; name the folder of another run`,
  );
}

function openFolder(dir: string): StoredRun {
  const historyPath = join(dir, "history.jsonl");
  if (!existsSync(historyPath))
    throw new ConfigError(`${dir} is not a run's folder: it has no history.jsonl`);
  const traces = tracePaths(dir);
  const run = readRunFile(dir);
  if (run === undefined && traces.some((trace) => basename(trace) !== "trace.jsonl"))
    throw new ConfigError(
      `${dir} has traces by node but no run.json, so their times cannot be related to the history's`,
    );
  return {
    ...sources(historyPath, traces, run),
    dir,
    id: basename(dir),
    type: "run",
    run,
    plan: readPlan(join(dir, "plan.json")),
    results: readResults(join(dir, "results.json")),
  };
}

function openFile(path: string): StoredRun {
  // The history of a complete folder is that run; anywhere else it stands for itself.
  const dir = dirname(path);
  if (basename(path) === "history.jsonl" && existsSync(join(dir, "plan.json")))
    return openFolder(realpathSync(dir));
  return {
    ...sources(path, [], undefined),
    dir,
    id: basename(path),
    type: "history",
    run: undefined,
    plan: undefined,
    results: undefined,
  };
}

function sources(
  historyPath: string,
  traces: readonly string[],
  run: RunFile | undefined,
): Pick<StoredRun, "historyPath" | "header" | "tracePaths" | "records"> {
  const { header, ops } = readHistory(historyPath);
  const records = readRecords({ ops, tracePaths: traces, originNs: run?.originNs ?? 0 });
  return { historyPath, header, tracePaths: traces, records };
}
