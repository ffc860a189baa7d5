import type { NodeConcern } from "../sim/chance.ts";
import type { Deviation } from "../sim/deviation.ts";

/** All others are the disk's syncs, and listed by the how-manieth it is, which is about one for each entry. */
const NOT_COUNTED: readonly NodeConcern[] = [
  "election timeout",
  "start",
  "clock",
  "clock offset",
  "order",
  "full disk",
];

/** What is listed for a place in the log, for the place that is so many entries before. */
export function movedUp(deviation: Deviation, by: number): Deviation {
  if (deviation.type === "chance") {
    const { of, key } = deviation;
    if (key === undefined || NOT_COUNTED.includes(of)) return deviation;
    const [number = 0, ...rest] = key;
    return number <= by ? deviation : { ...deviation, key: [number - by, ...rest] };
  }
  if (!("message" in deviation)) return deviation;
  const { index = 0 } = deviation.message;
  if (index <= by) return deviation;
  return { ...deviation, message: { ...deviation.message, index: index - by } };
}
