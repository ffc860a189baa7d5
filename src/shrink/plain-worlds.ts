import type { NodeId } from "../base/node-id.ts";
import type { ScheduleEntry } from "../../nemesis/schedule.ts";
import type { Deviation, ListedOperation } from "../sim/deviation.ts";
import { STARTS } from "./search.ts";
import type { TestPlan } from "../store/plan.ts";

/** By how much later the faults come, in milliseconds: another alignment with operations and heartbeats. */
const SHIFTS_MS = [0, 35, 110, 260, 430];

/**
 * The same faults and operations in the benign world, with nothing left of what chance decided but who is quick to
 * stand for election. Where the violation needs no particular accident, one of these few has it too, and what is left
 * of it can then be taken away piece by piece: nothing else hangs on how many messages there were before.
 */
export function plainWorlds(plan: TestPlan, start: number): TestPlan[] {
  const { deviations = [], schedule } = plan;
  const operations = deviations.filter((one): one is ListedOperation => one.type === "operation");
  const worlds = SHIFTS_MS.flatMap((shiftMs) => {
    const faults = schedule.faults.map((entry) => later(entry, shiftMs));
    return Array.from({ length: plan.nodeCount }, (_, i): TestPlan => {
      const eager = i === 0 ? [] : [waits("n1", 0.95), waits(`n${i + 1}`, 0)];
      return { ...plan, schedule: { ...schedule, faults }, deviations: [...eager, ...operations] };
    });
  });
  const place = Math.floor((start / STARTS) * worlds.length);
  return [...worlds.slice(place), ...worlds.slice(0, place)];
}

function later(entry: ScheduleEntry, ms: number): ScheduleEntry {
  return "atMs" in entry ? { ...entry, atMs: entry.atMs + ms } : entry;
}

/** Of the way from the shortest to the longest election timeout, every time. The benign world's n1 waits shortest. */
function waits(node: NodeId, value: number): Deviation {
  return { type: "chance", of: "election timeout", node, value };
}
