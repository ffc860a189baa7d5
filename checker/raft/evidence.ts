import type { TraceEvent } from "../../src/base/trace.ts";
import type { Evidence } from "../verdict.ts";

/** A line of the trace, and what it shows. */
export function lineOf(event: TraceEvent, text: string): Evidence {
  return { timeNs: event.timeNs, who: event.node, text, record: event };
}

/** "n1", "n1 and n2", "n1, n2 and n3". */
export function list(names: readonly string[]): string {
  if (names.length === 0) return "nobody";
  if (names.length === 1) return names[0]!;
  return `${names.slice(0, -1).join(", ")} and ${names[names.length - 1]!}`;
}

/** "1 leader", "3 leaders". */
export function count(number: number, singular: string, plural = `${singular}s`): string {
  return `${number} ${number === 1 ? singular : plural}`;
}
