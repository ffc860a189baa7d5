import { appendFileSync, existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Verdict } from "../../checker/verdict.ts";
import { diskTrouble } from "./disk-trouble.ts";
import { isRecord } from "./read-json.ts";
import type { RunResults } from "./results.ts";
import { parseRunName, RUNNING } from "./run-folder.ts";

/** One line of `runs.jsonl`: enough for a list of runs without opening their folders. */
export interface RunEntry {
  readonly id: string;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly verdict: Verdict;
  readonly exitCode: number;
  readonly conclusion: string;
  readonly environment: string;
  readonly system: string;
  readonly workload: string;
  readonly nemesis: readonly string[];
  readonly nodeCount: number;
  readonly seed: string;
  readonly mutant: string | null;
  /** Properties that were violated, each once. */
  readonly violated: readonly string[];
}

/** A run whose folder still says "running": it goes on, or its harness was killed. */
export interface UnfinishedRun {
  readonly id: string;
  readonly startedAt: string;
  readonly workload: string;
}

export function runEntry(results: RunResults): RunEntry {
  const { plan } = results;
  // A schedule from a file names no kinds, but its entries do.
  const lanes = [...new Set(plan.schedule.faults.map((entry) => entry.lane))];
  return {
    id: results.id,
    startedAt: results.startedAt,
    durationMs: results.durationMs,
    verdict: results.verdict,
    exitCode: results.exitCode,
    conclusion: results.conclusion,
    environment: plan.environment,
    system: plan.system,
    workload: plan.workload.name,
    nemesis: plan.nemesis.length > 0 ? plan.nemesis : lanes,
    nodeCount: plan.nodeCount,
    seed: plan.seed,
    mutant: plan.mutant,
    violated: [
      ...new Set(results.checks.flatMap((check) => check.anomalies.map((one) => one.property))),
    ],
  };
}

/** Appends the run to `<resultsDir>/runs.jsonl`. */
export function recordRun(resultsDir: string, results: RunResults): void {
  appendRun(resultsDir, runEntry(results));
}

/** The same for one that has an entry in another list already. */
export function appendRun(resultsDir: string, entry: RunEntry): void {
  const path = join(resultsDir, "runs.jsonl");
  try {
    // One write in append mode: runs that end at the same moment do not mix their lines.
    const before = isCutShort(path) ? "\n" : "";
    appendFileSync(path, `${before}${JSON.stringify(entry)}\n`);
  } catch (error) {
    throw diskTrouble(error, "write", path);
  }
}

/** Whoever wrote the last line did not come to its end; what follows must not be lost with it. */
function isCutShort(path: string): boolean {
  if (!existsSync(path)) return false;
  const text = readFileSync(path);
  return text.length > 0 && text.at(-1) !== "\n".charCodeAt(0);
}

/** Newest first; of a run that was judged twice the last word; lines that are no entry are skipped. */
export function readRuns(resultsDir: string): RunEntry[] {
  const path = join(resultsDir, "runs.jsonl");
  if (!existsSync(path)) return [];
  const entries = new Map<string, RunEntry>();
  for (const line of readFileSync(path, "utf8").split("\n")) {
    const entry = parseEntry(line);
    if (entry) entries.set(entry.id, entry);
  }
  return [...entries.values()].toSorted((a, b) => compareText(b.startedAt, a.startedAt));
}

/** Newest first. */
export function readUnfinishedRuns(resultsDir: string): UnfinishedRun[] {
  if (!existsSync(resultsDir)) return [];
  return readdirSync(resultsDir)
    .flatMap((id) => {
      const name = parseRunName(id);
      if (name?.verdict !== RUNNING) return [];
      return [{ id, startedAt: name.startedAt.toISOString(), workload: name.workload }];
    })
    .toSorted((a, b) => compareText(b.startedAt, a.startedAt));
}

const TEXTS = [
  "id",
  "startedAt",
  "verdict",
  "conclusion",
  "environment",
  "system",
  "workload",
  "seed",
] as const satisfies (keyof RunEntry)[];
const NUMBERS = ["durationMs", "exitCode", "nodeCount"] as const satisfies (keyof RunEntry)[];
const LISTS = ["nemesis", "violated"] as const satisfies (keyof RunEntry)[];

function parseEntry(line: string): RunEntry | undefined {
  try {
    const value = JSON.parse(line) as unknown;
    if (!isRecord(value)) return undefined;
    const isEntry =
      TEXTS.every((field) => typeof value[field] === "string") &&
      NUMBERS.every((field) => typeof value[field] === "number") &&
      LISTS.every((field) => Array.isArray(value[field]));
    return isEntry ? (value as unknown as RunEntry) : undefined;
  } catch {
    return undefined;
  }
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
