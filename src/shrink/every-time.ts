import type { Deviation, MessagePattern } from "../sim/deviation.ts";

/**
 * What could be listed in place of all these, which are of one kind and at one place: one that is so every time. It
 * says no place in the log and no number of a sync, so it holds whatever is taken away beside it.
 */
export function everyTime(group: readonly Deviation[]): Deviation[] {
  const [first] = group;
  if (first === undefined) return [];
  const isAlone = group.length === 1;
  if (first.type === "chance") {
    const { of, node, key } = first;
    if (isAlone && key === undefined) return [];
    const values = group.flatMap((one) => (one.type === "chance" ? [one.value] : []));
    return spread(values).map((value) => ({ type: "chance", of, node, value }));
  }
  if (!("message" in first)) return [];
  const { from, to, kind } = first.message;
  const message = { from, to, kind } as MessagePattern;
  if (first.type !== "delay") return isAlone ? [] : [{ type: first.type, message }];
  const delays = group.flatMap((one) => (one.type === "delay" ? [one.byMs] : []));
  return spread(delays).map((byMs) => ({ type: "delay", message, byMs }));
}

/** The largest and the one in the middle. */
function spread(values: readonly number[]): number[] {
  const inOrder = values.toSorted((a, b) => b - a);
  return [...new Set([inOrder[0]!, inOrder[inOrder.length >> 1]!])];
}
