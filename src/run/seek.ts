import type { Anomaly } from "../../checker/verdict.ts";
import type { Schedule } from "../../nemesis/schedule.ts";
import { simulate, type SimulateOptions, type Sought } from "./simulate.ts";
import type { TestPlan } from "../store/plan.ts";

/** Where a run came to the violation that was sought. */
export interface Seen {
  readonly anomaly: Anomaly;
  /** Events of the simulator until there. */
  readonly eventCount: number;
  /** When the load began, or when the violation was there, if that was before. */
  readonly beganNs: number;
  /** As it ran until there. */
  readonly schedule: Schedule;
}

/** Runs a plan in the simulator until the violation is seen; undefined: it is not. */
export function seek(
  plan: TestPlan,
  sought: Sought,
  options: Omit<SimulateOptions, "sought" | "onDifference"> = {},
): Seen | undefined {
  const { checks, beganNs, schedule, events } = simulate(plan, {
    ...options,
    sought,
  });
  const anomaly = checks.flatMap(({ anomalies }) => anomalies).find(sought.isIt);
  if (anomaly === undefined) return undefined;
  return {
    anomaly,
    eventCount: events,
    beganNs: beganNs ?? anomaly.timeNs,
    schedule: schedule ?? { ...plan.schedule, faults: [] },
  };
}

/** The same violation: of the same property, in the same way, and of processes that end also for the same reason. */
export function sameAs({ checker, anomaly }: { checker: string; anomaly: Anomaly }): Sought {
  const way = wayOf(anomaly);
  const reason = reasonOf(anomaly);
  return {
    checker,
    isIt: (other) =>
      other.property === anomaly.property &&
      (way === undefined || wayOf(other) === way) &&
      reasonOf(other) === reason,
  };
}

/** In whichever term it was. */
function wayOf({ kind }: Anomaly): string | undefined {
  return kind?.replace(/\d+/g, "#");
}

/** Ends of processes have one property and any number of reasons, which the end of the sentence says. */
function reasonOf({ property, sentence }: Anomaly): string {
  if (property !== "process-exits") return "";
  return sentence.replace(/^[^:]*/, "").replace(/\d+/g, "#");
}
