import path from "node:path";
import { checkScheduleFits } from "../../nemesis/schedule.ts";
import { UsageError } from "../base/errors.ts";
import { knownMutant } from "../run/choices.ts";
import { clusterOf } from "../run/plan.ts";
import { parseDeviations } from "../sim/read-deviations.ts";
import type { StoredRun } from "../store/open-run.ts";
import type { TestPlan } from "../store/plan.ts";

/** The plan of a run, to be run again. Throws a UserError with one sentence where it can't be: it may have been edited. */
export function planAgain({ id, dir, plan }: Pick<StoredRun, "id" | "dir" | "plan">): TestPlan {
  if (plan === undefined) throw new UsageError(`${id} has no plan.json, so it can't be run again`);
  const { schedule, deviations, mutant } = plan;
  const file = path.join(dir, "plan.json");
  const cluster = clusterOf(plan);
  checkScheduleFits(schedule, cluster, `${file}: schedule`);
  if (mutant !== null) knownMutant(mutant);
  if (deviations === undefined) return plan;
  return { ...plan, deviations: parseDeviations(deviations, cluster, file) };
}
