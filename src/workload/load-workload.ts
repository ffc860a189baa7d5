import { UsageError } from "../base/errors.ts";
import { loadDefaultExport } from "../system/load-file.ts";
import { checkWorkload } from "./check-workload.ts";
import { ownWorkload } from "./own-run-workload.ts";
import { builtInWorkload, type RunWorkload, type WorkloadChoice } from "./run-workload.ts";
import type { OwnWorkload } from "./own-workload.ts";

/**
 * A workload file of the user's, given as `what`, or a configuration that holds a workload; throws a UserError with one
 * sentence where it is none.
 */
export function loadWorkloadFile(file: string, what = "--workload"): Promise<OwnWorkload> {
  return loadDefaultExport(what, file, (value, complain) =>
    checkWorkload(workloadIn(value), complain),
  );
}

function workloadIn(value: unknown): unknown {
  const held = (value as { readonly workload?: unknown } | null | undefined)?.workload;
  return typeof held === "object" ? held : value;
}

/** The workload of a plan, anew for every run; throws a UserError with one sentence where it can't be had. */
export async function loadWorkload(choice: WorkloadChoice): Promise<() => RunWorkload> {
  const { name, file } = choice;
  if (file === null) {
    throw new UsageError(`the workload "${name}" was given by a program, and is known only there`);
  }
  if (file === undefined) return () => builtInWorkload(choice);
  const own = await loadWorkloadFile(file);
  return () => ownWorkload(own);
}
