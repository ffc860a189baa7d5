import type { ScheduleEntry } from "../../nemesis/schedule.ts";
import type { TestPlan } from "../store/plan.ts";

/** The plan with these faults, without those that wait for the end of one that is not among them. */
export function withFaults(plan: TestPlan, faults: readonly ScheduleEntry[]): TestPlan {
  return { ...plan, schedule: { ...plan.schedule, faults: closed(faults) } };
}

function closed(faults: readonly ScheduleEntry[]): readonly ScheduleEntry[] {
  const ids = new Set(faults.map(({ id }) => id));
  const left = faults.filter(
    (entry) => !("when" in entry) || entry.when.type !== "healed" || ids.has(entry.when.entry),
  );
  return left.length === faults.length ? left : closed(left);
}
