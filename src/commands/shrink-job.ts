import type { Sought } from "../run/simulate.ts";
import type { TestPlan } from "../store/plan.ts";
import type { RunWorkload } from "../workload/run-workload.ts";
import type { Found } from "./choose-finding.ts";
import type { Interrupt } from "./run.ts";
import { quote } from "./quote.ts";
import { runArgument } from "./run-argument.ts";
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
  /** Where it lies. */
  readonly dir: string;
  readonly plan: TestPlan;
  readonly workload: () => RunWorkload;
  /** What the run shows; `sought` says what counts as the same. */
  readonly found: Found;
  readonly sought: Sought;
  readonly flags: ShrinkFlags;
  readonly interrupt: Interrupt;
  /** Progress, on stderr. */
  readonly say: (text: string) => void;
  readonly startedAtMs: number;
  readonly timeMs: number;
}

/** The command that shrinks the same run again. */
export function againCommand({ dir, flags }: Pick<ShrinkJob, "dir" | "flags">): string {
  return commandFor(dir, flags);
}

/** The command that goes on with a run that is smaller already, and lies in this folder. */
export function goOnCommand(
  { found, flags }: Pick<ShrinkJob, "found" | "flags">,
  directory: string,
): string {
  return commandFor(directory, { any: flags.any, property: found.anomaly.property });
}

function commandFor(
  directory: string,
  { property, any }: Pick<ShrinkFlags, "property" | "any">,
): string {
  const words = [
    runArgument(directory),
    ...(property === undefined ? [] : ["--property", quote(property)]),
    ...(any ? ["--any"] : []),
  ];
  return `npx raftwreck shrink ${words.join(" ")}`;
}
