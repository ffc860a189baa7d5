import type { CheckerOptions, WorkloadName } from "../../checker/checkers.ts";
import type { OwnChecker } from "../../checker/own-checker.ts";
import { ConfigError, UsageError } from "../base/errors.ts";
import type { Client, ClientOptions } from "../system/client.ts";
import type { Workload } from "./workload.ts";
import { asWorkloadName, workloadNamed } from "./workloads.ts";

/** What a plan says of its workload. */
export type WorkloadChoice =
  | { readonly name: WorkloadName; readonly file?: undefined }
  /** One of the user's own: where it is; null: a program gave it. */
  | { readonly name: string; readonly file: string | null };

/** The workload of one run: a built-in one, or one of the user's own. */
export interface RunWorkload extends Workload<string> {
  /** What its checkers are made of. */
  readonly judgedBy: CheckerOptions["workload"];
  /** Those that nobody else can explain. */
  readonly ownCheckers: readonly OwnChecker[];
  /** In the place of the system's own client. */
  readonly createClient?: (options: ClientOptions) => Client;
  /** One sentence once the user's own code has failed. */
  trouble(): string | undefined;
}

/** The workload of a plan, where it is a built-in one; else a UsageError that says why it can't be had here. */
export function builtInWorkload({ name, file }: WorkloadChoice): RunWorkload {
  if (file !== undefined) {
    throw new UsageError(
      `the workload "${name}" is not a built-in one; this can't be done with workloads of your own`,
    );
  }
  const known = asWorkloadName(name);
  if (known === undefined) {
    throw new ConfigError(`there is no workload "${name}", which the run's plan names`);
  }
  const workload = workloadNamed(known);
  return { ...workload, judgedBy: workload.name, ownCheckers: [], trouble: () => undefined };
}
