import type { TestPlan } from "../store/plan.ts";

/** How much there is in a plan. */
export interface Size {
  /** Faults, operations, and everything else that deviates from the benign world. */
  readonly events: number;
  readonly faults: number;
  readonly operations: number;
}

export function sizeOf({ schedule, deviations = [] }: TestPlan): Size {
  const faults = schedule.faults.length;
  const operations = deviations.filter(({ type }) => type === "operation").length;
  return { events: faults + deviations.length, faults, operations };
}

/** "12 events (1 fault, 3 operations)". */
export function sizeText({ events, faults, operations }: Size): string {
  return `${count(events, "event")} (${count(faults, "fault")}, ${count(operations, "operation")})`;
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? "" : "s"}`;
}
