import type { NodeId } from "../base/node-id.ts";
import { formatSchedule, parseSchedule, type Schedule } from "../../nemesis/schedule.ts";
import type { Deviation } from "./deviation.ts";
import { parseDeviations } from "./read-deviations.ts";

/** What a schedule file holds: faults, and for the simulator what else deviates from the benign world. */
export interface ScheduleFile {
  readonly schedule: Schedule;
  /** Undefined: the file has no list of them, and chance decides. */
  readonly deviations?: readonly Deviation[] | undefined;
}

/** Reads a schedule file as `parseSchedule` does, with a list of `deviations` beside the faults. */
export function parseScheduleFile(
  value: unknown,
  cluster: { readonly nodes: readonly NodeId[] },
  fileName: string,
): ScheduleFile {
  if (!hasDeviations(value)) {
    return { schedule: parseSchedule(value, fileName), deviations: undefined };
  }
  const { deviations, ...rest } = value;
  return {
    schedule: parseSchedule({ faults: [], ...rest }, fileName),
    deviations: parseDeviations(deviations, cluster, fileName),
  };
}

/** As JSON, one fault or deviation a line, the way `parseScheduleFile` reads it. */
export function formatScheduleFile({ schedule, deviations }: ScheduleFile): string {
  const text = formatSchedule(schedule);
  if (deviations === undefined) return text;
  const lines = deviations.map((deviation) => `    ${JSON.stringify(deviation)}`);
  return text.replace(/\n\}\n$/, `,\n  "deviations": [\n${lines.join(",\n")}\n  ]\n}\n`);
}

function hasDeviations(value: unknown): value is { readonly deviations: unknown } {
  return (
    typeof value === "object" && value !== null && !Array.isArray(value) && "deviations" in value
  );
}
