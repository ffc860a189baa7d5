import type { Sought } from "../run/simulate.ts";
import type { TestPlan } from "../store/plan.ts";
import type { RunWorkload } from "../workload/run-workload.ts";
import type { ShowFlags } from "./run-settings.ts";

export type ShrinkFlags = ShowFlags & {
  readonly run: string;
  readonly time: string | undefined;
  readonly repeat: number;
  readonly property: string | undefined;
  readonly any: boolean;
};

/** What is to be shrunk, and how. */
export interface ShrinkJob {
  /** Of the run. */
  readonly id: string;
  readonly plan: TestPlan;
  readonly workload: () => RunWorkload;
  readonly sought: Sought;
  readonly flags: ShrinkFlags;
  /** Progress, on stderr. */
  readonly say: (text: string) => void;
  readonly startedAtMs: number;
  readonly isTimeUp: () => boolean;
}
