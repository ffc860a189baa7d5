import type { ScheduleEntry } from "../../nemesis/schedule.ts";
import { isTimed, type Deviation } from "../sim/deviation.ts";
import type { TestPlan } from "../store/plan.ts";
import { withFaults } from "./with-faults.ts";

/** All moments that are listed, in order and each once. */
export function momentsOf({ schedule, deviations = [] }: TestPlan): number[] {
  const ofFaults = schedule.faults.flatMap((entry) => ("atMs" in entry ? [entry.atMs] : []));
  const others = deviations.flatMap((one) => (hasMoment(one) ? [one.atMs] : []));
  return [...new Set([...ofFaults, ...others])].sort((a, b) => a - b);
}

/** Each moment moved. */
export function mapMoments(plan: TestPlan, move: (atMs: number) => number): TestPlan {
  const moved = <T extends object>(item: T): T =>
    "atMs" in item ? { ...item, atMs: move(item.atMs as number) } : item;
  const faults = plan.schedule.faults.map((entry): ScheduleEntry => moved(entry));
  const deviations = plan.deviations?.map((one) => (hasMoment(one) ? moved(one) : one));
  return withLists(plan, faults, deviations);
}

/** Without a list, what chance decides stays undecided. */
function withLists(
  plan: TestPlan,
  faults: readonly ScheduleEntry[],
  deviations: TestPlan["deviations"],
): TestPlan {
  const changed = withFaults(plan, faults);
  return deviations === undefined ? changed : { ...changed, deviations };
}

function hasMoment(
  deviation: Deviation,
): deviation is Extract<Deviation, { readonly atMs: number }> {
  return deviation.type === "operation" || isTimed(deviation);
}

/** Everything from one moment on comes so much earlier. */
export function earlier(plan: TestPlan, fromMs: number, byMs: number): TestPlan {
  const move = (atMs: number): number => (atMs < fromMs ? atMs : Math.max(0, atMs - byMs));
  return { ...mapMoments(plan, move), durationMs: Math.max(1, plan.durationMs - byMs) };
}

/** As if the load had begun at that moment only: what was over by then is gone, what lasts begins with it. */
export function fromMoment(plan: TestPlan, fromMs: number): TestPlan {
  const faults = plan.schedule.faults.flatMap((entry): ScheduleEntry[] => {
    if (!("atMs" in entry) || entry.atMs >= fromMs || entry.forMs === null) return [entry];
    const leftMs = entry.atMs + entry.forMs - fromMs;
    return leftMs <= 0 ? [] : [{ ...entry, atMs: fromMs, forMs: leftMs }];
  });
  const deviations = plan.deviations?.filter((one) => !hasMoment(one) || one.atMs >= fromMs);
  const later = withLists(plan, faults, deviations);
  const durationMs = Math.max(1, plan.durationMs - fromMs);
  return { ...mapMoments(later, (atMs) => Math.max(0, atMs - fromMs)), durationMs };
}
