import type { Anomaly } from "../../checker/verdict.ts";
import type { Schedule } from "../../nemesis/schedule.ts";
import { simulate, type SimulateOptions, type Sought } from "./simulate.ts";
import type { TestPlan } from "../store/plan.ts";

/** Where a run came to the violation that was sought. */
export interface Seen {
  readonly anomaly: Anomaly;
  /** When the load began, or when the violation was there, if that was before. */
  readonly beganNs: number;
  /** As it ran until there. */
  readonly schedule: Schedule;
}

/** More than any run that is worth shrinking has: what goes on for longer goes round in circles. */
const EVENT_COUNT_MAX = 1_000_000;

/** Runs a plan in the simulator until the violation is seen; undefined: it is not. */
export function seek(
  plan: TestPlan,
  sought: Sought,
  listeners: Pick<SimulateOptions, "onDeviation" | "onRecord"> = {},
): Seen | undefined {
  const { checks, beganNs, schedule } = simulate(plan, {
    ...listeners,
    sought,
    eventCountMax: EVENT_COUNT_MAX,
  });
  const anomaly = checks.flatMap(({ anomalies }) => anomalies).find(sought.isIt);
  if (anomaly === undefined) return undefined;
  return {
    anomaly,
    beganNs: beganNs ?? anomaly.timeNs,
    schedule: schedule ?? { ...plan.schedule, faults: [] },
  };
}

/** The same violation: of the same property, and of processes that end also for the same reason. */
export function sameAs({ checker, anomaly }: { checker: string; anomaly: Anomaly }): Sought {
  const reason = reasonOf(anomaly);
  return {
    checker,
    isIt: (other) => other.property === anomaly.property && reasonOf(other) === reason,
  };
}

/** Ends of processes have one property and any number of reasons, which the end of the sentence says. */
function reasonOf({ property, sentence }: Anomaly): string {
  if (property !== "process-exits") return "";
  return sentence.replace(/^[^:]*/, "").replace(/\d+/g, "#");
}
