import type { ProgressState } from "./progress.ts";

/** What the display needs besides the records: the plan of the run and what the checkers found so far. */
export interface ProgressView extends ProgressState {
  /** "starting 5 nodes", "load", "healing", "checking linearizability". */
  readonly phase: string;
  readonly durationMs: number;
  /** The next fault that is planned. */
  readonly nextFault: { readonly text: string; readonly inMs: number } | null;
  readonly checkers: readonly { readonly id: string; readonly found: number }[];
}
