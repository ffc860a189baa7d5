import type { WorkloadName } from "../../checker/checkers.ts";
import { didYouMean } from "../../nemesis/suggest.ts";
import { UsageError } from "../base/errors.ts";
import { looksLikePath } from "../system/load-file.ts";
import type { System } from "../system/system.ts";
import { checkWorkload } from "../workload/check-workload.ts";
import { loadWorkloadFile } from "../workload/load-workload.ts";
import type { OwnWorkload } from "../workload/own-workload.ts";
import { asWorkloadName } from "../workload/workloads.ts";
import type { TestOptions } from "./options.ts";
import type { PlanChoices } from "./plan.ts";
import { complain, type Wording } from "./wording.ts";

export interface TakenWorkload {
  /** As the plan has it. */
  readonly workload: PlanChoices["workload"];
  readonly own: OwnWorkload | undefined;
}

/** What clients do, be it a value, a name or a file. */
export async function takeWorkload(
  { workload: given }: TestOptions,
  system: System,
  wording: Wording,
): Promise<TakenWorkload> {
  if (typeof given === "object") {
    const own = checkWorkload(given, (sentence) => {
      throw new UsageError(`workload: ${sentence}`);
    });
    return { workload: { name: own.name, file: null }, own };
  }
  if (given !== undefined && looksLikePath(given)) {
    const own = await loadWorkloadFile(given, wording.name("workload"));
    return { workload: { name: own.name, file: given }, own };
  }
  return { workload: namedWorkload(given, system, wording), own: undefined };
}

function namedWorkload(
  given: string | undefined,
  { name, workloads }: System,
  wording: Wording,
): WorkloadName {
  const text = given ?? workloads[0] ?? "";
  const known = asWorkloadName(text);
  if (known !== undefined && workloads.includes(known)) return known;
  const can = workloads.length === 0 ? "" : `${workloads.join(", ")} (what ${name} can do), or `;
  return complain(
    wording.name("workload"),
    text === "" ? "is missing" : text,
    `${can}the path of a file such as ./workload.mjs${didYouMean(text, workloads)}`,
  );
}
