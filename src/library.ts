// Raftwreck as a library: all that `import … from "raftwreck"` gives, and nothing else of it is public.
import { randomBytes } from "node:crypto";
import path from "node:path";
import type { Format } from "../checker/formats/format.ts";
import type { Op } from "../checker/history.ts";
import type { Consistency } from "../checker/objects/concurrent-object.ts";
import type { Anomaly, Verdict } from "../checker/verdict.ts";
import { EnvironmentError, EXIT } from "./base/errors.ts";
import { cleanLeftovers } from "./environment/leftovers.ts";
import type { ProgressEvent } from "./report/progress.ts";
import { checkHistory as checkFile, checkOps } from "./run/check-history.ts";
import { checkOptions } from "./run/check-options.ts";
import { Display } from "./run/display.ts";
import { objectFor } from "./run/object-for.ts";
import type { TestOptions } from "./run/options.ts";
import { prepareTest } from "./run/prepare-test.ts";
import { renderAgain } from "./run/render-again.ts";
import { runTest as run } from "./run/run-test.ts";
import { PROGRAM_WORDING } from "./run/wording.ts";
import type { RunResults } from "./store/results.ts";
import { call, type Check, text } from "./system/check-fields.ts";

export { defineChecker } from "../checker/own-checker.ts";
export { linearizable } from "../checker/own-linearizability.ts";
export { defineConfig } from "./commands/config.ts";
export { defineFault } from "./system/own-fault.ts";
export { defineSystem } from "./system/system.ts";
export { defineWorkload } from "./workload/own-workload.ts";
export { ConfigError, EnvironmentError, UsageError, UserError } from "./base/errors.ts";

export type { CheckBudget } from "../checker/checker.ts";
export type { WorkloadName } from "../checker/checkers.ts";
export type { Op } from "../checker/history.ts";
export type { Model } from "../checker/linearizability/model.ts";
export type { OwnObject } from "../checker/own-linearizability.ts";
export type { OwnChecker, OwnJudge, Violation } from "../checker/own-checker.ts";
export type { Anomaly, CheckResult, Evidence, Verdict } from "../checker/verdict.ts";
export type { Prng } from "./base/prng.ts";
export type { TraceEvent } from "./base/trace.ts";
export type { Config } from "./commands/config.ts";
export type { TestOptions } from "./run/options.ts";
export type { RunResults } from "./store/results.ts";
export type { Client, ClientOptions, Completion, Invocation } from "./system/client.ts";
export type { ComposedFault, HookedFault, HookedNode, OwnFault } from "./system/own-fault.ts";
export type { HttpAnswer, HttpMapping, HttpQuestion, Redirect } from "./system/system.ts";
export type { Launch, NodeAccess, Packaging, Place, StateSight, System } from "./system/system.ts";
export type { OwnGenerator, OwnWorkload } from "./workload/own-workload.ts";
export type { Translation } from "./workload/workload.ts";

/** How a program goes along with a run that it has started. */
export interface RunOptions extends TestOptions {
  /** Folder for the runs' folders. Default: "results" in the working directory. */
  readonly output?: string | undefined;
  /** Ends the run in good order: such as the `signal` that vitest hands to a test. */
  readonly signal?: AbortSignal | undefined;
  /** Told of faults, leaders, exits and violations as they happen. */
  readonly onEvent?: ((event: ProgressEvent) => void) | undefined;
}

/** What came of a run: the content of its `results.json`, and where all of it lies. */
export interface TestResult extends RunResults {
  /** All that was asked for held: the exit code would be 0. A run that proved nothing has not passed. */
  readonly passed: boolean;
  /** The run's folder, an absolute path: history, trace, schedule, logs. */
  readonly directory: string;
  /** The report, one HTML file. */
  readonly reportFile: string;
}

/**
 * Starts a cluster, loads and wrecks it, heals it, checks what it promised, and leaves a folder with a report. At the
 * end no process of it is left, however it ends.
 *
 * Resolves with the verdict, `invalid` included. Rejects with a UsageError or ConfigError of one sentence where the
 * options can't mean anything, and with an EnvironmentError where the cluster could not be started or broke under the
 * run. Aborted by its signal it heals, stops its nodes and writes down what there is; then it rejects with the signal's
 * reason, unless a violation was proved until then, which it resolves with.
 */
export async function runTest(options: RunOptions = {}): Promise<TestResult> {
  checkOptions(options, OTHER_OPTIONS);
  const { output = "results", signal, onEvent, ...test } = options;
  signal?.throwIfAborted();
  cleanLeftovers();
  const { system, workload, ownFaults, planFor } = await prepareTest(test, PROGRAM_WORDING);
  const plan = planFor(test.seed ?? randomBytes(4).toString("hex"));
  const listener = { update: () => undefined, event: onEvent ?? ignore, close: () => undefined };
  const abort = new AbortController();
  const onAbort = (): void => abort.abort("the program that started it");
  signal?.addEventListener("abort", onAbort);
  try {
    if (signal?.aborted === true) onAbort();
    const { results, directory } = await run({
      plan,
      system,
      workload,
      ownFaults,
      resultsDirectory: output,
      command: `runTest({ seed: ${JSON.stringify(plan.seed)}, … }), in the program that made this run`,
      display: new Display([listener], plan),
      signal: abort.signal,
    });
    if (results.verdict !== "invalid") {
      signal?.throwIfAborted();
      if (results.exitCode === EXIT.environment) throw new EnvironmentError(results.conclusion);
    }
    const folder = path.resolve(directory);
    const reportFile = path.join(folder, "report.html");
    return { ...results, passed: results.exitCode === EXIT.valid, directory: folder, reportFile };
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}

const ignore = (): void => undefined;

const OTHER_OPTIONS: Readonly<Record<Exclude<keyof RunOptions, keyof TestOptions>, Check>> = {
  output: text,
  signal: (value) => (value instanceof AbortSignal ? true : "an AbortSignal"),
  onEvent: call,
};

/** How a history is to be judged; what is left out is told by its content. */
export interface HistoryOptions extends Pick<TestOptions, "checkTimeoutMs" | "checkMemoryBytes"> {
  /** What it is about, such as "cas-register", "mutex", "fifo-queue": as `raftwreck check --model`. */
  readonly model?: string | undefined;
  /** Each value is `[key, value]`, and each key is judged by itself. */
  readonly independent?: boolean | undefined;
  /** What is promised: a model of transactions (default: "strict-serializable"), or "session" of registers. */
  readonly consistency?: Consistency | undefined;
  /** How a file is written. */
  readonly format?: Format | undefined;
}

/** What a history is worth. */
export interface CheckedHistory {
  readonly verdict: Verdict;
  /** One line: what was looked at, or why it is unknown. */
  readonly summary: string;
  /** Each with the fewest operations that prove it. */
  readonly anomalies: readonly Anomaly[];
  /** What it was judged as. */
  readonly model: string;
  /** Invocations, and how many of them succeeded. */
  readonly operations: number;
  readonly succeeded: number;
}

/**
 * Judges any history: the path of a file (ours, Jepsen's, Maelstrom's, Porcupine's; also gzipped), or ops in their
 * order. Rejects with a UsageError where it can't be told what it is about, with a ConfigError that names the line
 * where a file is none.
 */
export async function checkHistory(
  history: string | Iterable<Op>,
  options: HistoryOptions = {},
): Promise<CheckedHistory> {
  const { model, independent, consistency, format } = options;
  const { checkTimeoutMs = 60_000, checkMemoryBytes = 2 ** 31 } = options;
  const object = model === undefined ? undefined : objectFor(model);
  const budget = { checkTimeoutMs, checkMemoryBytes };
  const choices = { object, isKeyed: independent, consistency, ...budget };
  const judged =
    typeof history === "string"
      ? await checkFile(history, { ...choices, format })
      : checkOps("the history", history, choices);
  const { verdict, summary, anomalies } = judged.result;
  const { operations, succeeded } = judged;
  return { verdict, summary, anomalies, model: judged.object.name, operations, succeeded };
}

/**
 * The report of a run as one self-contained HTML page: of what `runTest` returned, or of a run's folder. Throws a
 * UserError where there is no such run, or one that was never judged.
 */
export function renderReport(run: string | Pick<TestResult, "directory">): string {
  return renderAgain(typeof run === "string" ? run : run.directory);
}
