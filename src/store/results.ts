import type { CheckResult, Verdict } from "../../checker/verdict.ts";
import type { TestPlan } from "./plan.ts";

/** `results.json`: the facts of a run, the same that the report shows. */
export interface RunResults {
  readonly format: "raftwreck-results";
  readonly version: 1;
  /** The run's folder name. */
  readonly id: string;
  /** ISO 8601. */
  readonly startedAt: string;
  /** What the load phase really lasted. */
  readonly durationMs: number;
  /** Worst of all checks. */
  readonly verdict: Verdict;
  readonly exitCode: number;
  /** One sentence: what the exit code means here, e.g. that the expected violation was found. */
  readonly conclusion: string;
  /** The signal that ended the run early, if any. */
  readonly interruptedBy: string | null;
  /** One sentence, if the environment failed under the run. Absent in results of older versions. */
  readonly environmentTrouble?: string | null;
  readonly plan: TestPlan;
  readonly checks: readonly CheckResult[];
  readonly reproduce: {
    /** The exact command of this run, seed included. */
    readonly command: string;
    readonly recheck: string;
  };
  /** Of a simulated run: what a replay has to come to again, and how fast it was. */
  readonly simulation?: {
    readonly digest: string;
    readonly events: number;
    readonly simulatedMs: number;
    readonly hostMs: number;
  };
  readonly host: {
    readonly raftwreckVersion: string;
    readonly nodeVersion: string;
    readonly platform: string;
    readonly cpus: number;
    readonly memoryBytes: number;
    /** Longest time the harness's own event loop was held up: a guard against latency of our own making. */
    readonly eventLoopLagMsMax: number;
  };
}
