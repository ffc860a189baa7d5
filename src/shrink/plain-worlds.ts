import type { NodeId } from "../base/node-id.ts";
import type { ScheduleEntry } from "../../nemesis/schedule.ts";
import type { Deviation, ListedOperation } from "../sim/deviation.ts";
import type { TestPlan } from "../store/plan.ts";

/** By how much later the faults come, in milliseconds: another alignment with operations and heartbeats. */
const SHIFTS_MS = [0, 35, 110, 260, 430];

/**
 * The same faults and operations in the benign world, with nothing left of what chance decided but who is quick to
 * stand for election. Where the violation needs no particular accident, one of these few has it too, and what is left
 * of it can then be taken away piece by piece: nothing else hangs on how many messages there were before.
 */
export function* plainWorlds(plan: TestPlan): Iterable<TestPlan> {
  const { deviations = [], schedule } = plan;
  const operations = deviations.filter((one): one is ListedOperation => one.type === "operation");
  for (const shiftMs of SHIFTS_MS) {
    const faults = schedule.faults.map((entry) => later(entry, shiftMs));
    for (let first = 1; first <= plan.nodeCount; first++) {
      const eager = first === 1 ? [] : [waits("n1", 0.95), waits(`n${first}`, 0)];
      yield { ...plan, schedule: { ...schedule, faults }, deviations: [...eager, ...operations] };
    }
  }
}

function later(entry: ScheduleEntry, ms: number): ScheduleEntry {
  return "atMs" in entry ? { ...entry, atMs: entry.atMs + ms } : entry;
}

/** Of the way from the shortest to the longest election timeout, every time. The benign world's n1 waits shortest. */
function waits(node: NodeId, value: number): Deviation {
  return { type: "chance", of: "election timeout", node, value };
}
