import type { TraceEvent } from "../src/base/trace.ts";
import type { Op } from "./history.ts";
import type { Anomaly, CheckResult } from "./verdict.ts";

/** What a checker is fed, in the order of time. */
export type CheckerRecord =
  { readonly type: "op"; readonly op: Op } | { readonly type: "trace"; readonly event: TraceEvent };

/** Ops, or one type of the trace's lines. */
export type RecordKind = "op" | TraceEvent["type"];

/** Whatever is fed with records. */
export interface Observer {
  /** What it is fed; everything where this is left out. */
  readonly reads?: readonly RecordKind[];
  observe(record: CheckerRecord): void;
  /** What observes the records of one kind instead of it, where the kind decides much: it is then asked for only once. */
  observerOf?(kind: RecordKind): Pick<Observer, "observe">;
}

/**
 * An incremental checker. The same code runs online (fed while the run goes on) and offline (fed from the
 * run's folder). Records of one node or process arrive in their order; across nodes a record may arrive
 * late by a moment, so a checker relies on causality, never on the global order alone.
 */
export interface Checker extends Observer {
  readonly id: string;
  /** What it judges by together with others: this is fed instead of them, once for all. */
  readonly model?: Observer;
  /** Anomalies proved so far; grows only. For `--fail-fast` and the live display. */
  readonly found: readonly Anomaly[];
  /** Called once, after the last record. Never throws for what it was fed. */
  finish(budget: CheckBudget): CheckResult;
}

/** What a checker may spend in `finish`; beyond it says `unknown`, naming what was left. */
export interface CheckBudget {
  /** A clock in milliseconds, handed in because checkers have none. */
  readonly nowMs: () => number;
  readonly deadlineMs: number;
  readonly memoryBytes: number;
}
