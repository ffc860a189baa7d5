import { createCheckers, type CheckerOptions } from "../../checker/checkers.ts";
import type { CheckerRecord } from "../../checker/checker.ts";
import { CheckerSet } from "../../checker/run-checkers.ts";
import type { CheckResult } from "../../checker/verdict.ts";
import { Timeline } from "../report/timeline.ts";
import type { TestPlan } from "../store/plan.ts";

/** Everything that looks at a run: the checkers, and the timeline of the report. Online and offline alike. */
export class Observers {
  readonly checkers: CheckerSet;
  readonly timeline = new Timeline();

  constructor(options: CheckerOptions) {
    this.checkers = new CheckerSet(createCheckers(options));
  }

  observe(record: CheckerRecord): void {
    this.checkers.observe(record);
    this.timeline.observe(record);
  }

  finish({
    checkTimeoutMs,
    checkMemoryBytes,
  }: Pick<TestPlan, "checkTimeoutMs" | "checkMemoryBytes">): CheckResult[] {
    const nowMs = (): number => performance.now();
    return this.checkers.finish({
      nowMs,
      deadlineMs: nowMs() + checkTimeoutMs,
      memoryBytes: checkMemoryBytes,
    });
  }
}
