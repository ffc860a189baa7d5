import type { Sought } from "../run/simulate.ts";
import type { TestPlan } from "../store/plan.ts";
import type { ShowFlags } from "./run.ts";

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
  readonly sought: Sought;
  readonly flags: ShrinkFlags;
  /** Progress, on stderr. */
  readonly say: (text: string) => void;
  readonly startedAtMs: number;
  readonly isTimeUp: () => boolean;
}
