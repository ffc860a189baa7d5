import type { NodeId } from "../base/node-id.ts";
import type { Fault, NodeSelector } from "../../nemesis/fault.ts";
import type { ScheduleEntry } from "../../nemesis/schedule.ts";
import { CLIENTS } from "../../nemesis/target.ts";
import type { Deviation } from "../sim/deviation.ts";
import type { TestPlan } from "../store/plan.ts";

/** The same without one node; those after it move up, and what is about it alone is gone. */
export function withoutNode(plan: TestPlan, number: number): TestPlan {
  const nodeCount = plan.nodeCount - 1;
  const rename = (node: NodeId): NodeId | undefined => {
    const place = Number(node.slice(1)) - 1;
    if (place === number) return undefined;
    return place < number ? node : `n${place}`;
  };
  const faults = plan.schedule.faults.flatMap((entry) => {
    const fault = renameFault(entry.fault, rename);
    return fault === undefined ? [] : [{ ...entry, fault } as ScheduleEntry];
  });
  const { deviations = [] } = plan;
  const client = moveClients(plan, number);
  return {
    ...plan,
    nodeCount,
    schedule: { ...plan.schedule, faults },
    workload: { ...plan.workload, concurrency: 4 * plan.workload.concurrency },
    deviations: deviations.flatMap((one) => renameDeviation(one, rename, client)),
  };
}

type Rename = (node: NodeId) => NodeId | undefined;

function renameAll(names: readonly NodeId[], rename: Rename): NodeId[] {
  return names.map(rename).filter((name) => name !== undefined);
}

/** Undefined where nothing is left that it is done to. */
function renameFault(fault: Fault, rename: Rename): Fault | undefined {
  const isNothing = (selector: NodeSelector): boolean => selector.length === 0;
  const select = (selector: NodeSelector): NodeSelector =>
    typeof selector === "string" ? selector : renameAll(selector, rename);
  if ("nodes" in fault) {
    const nodes = select(fault.nodes);
    return isNothing(nodes) ? undefined : { ...fault, nodes };
  }
  if ("of" in fault && fault.of !== undefined) {
    const of = select(fault.of);
    return isNothing(of) ? undefined : { ...fault, of };
  }
  if (!("links" in fault) || typeof fault.links === "string") return fault;
  if ("of" in fault.links) {
    const of = select(fault.links.of);
    return isNothing(of) ? undefined : ({ ...fault, links: { of } } as Fault);
  }
  const links = fault.links.flatMap((link) => {
    const ends = renameAll(link.split("-"), rename);
    return ends.length === 2 ? [ends.join("-")] : [];
  });
  return links.length === 0 ? undefined : ({ ...fault, links } as Fault);
}

function renameDeviation(
  deviation: Deviation,
  rename: Rename,
  moveClient: (client: number) => number,
): Deviation[] {
  if (deviation.type === "operation") {
    return [{ ...deviation, client: moveClient(deviation.client) }];
  }
  if ("node" in deviation) {
    const node = rename(deviation.node);
    return node === undefined ? [] : [{ ...deviation, node }];
  }
  const { from, to, ...rest } = deviation.message;
  const ends = { from, to };
  const renamed: { from?: NodeId; to?: NodeId } = {};
  for (const side of ["from", "to"] as const) {
    const end = ends[side];
    if (end === undefined) continue;
    const name = end === CLIENTS ? end : rename(end);
    if (name === undefined) return [];
    renamed[side] = name;
  }
  return [{ ...deviation, message: { ...renamed, ...rest } }];
}

/**
 * Which node a client turns to first, and whether it has a session, follows from its number and that of the nodes:
 * where there is one node fewer, the same client has another number. Those of the node that is gone turn to another.
 */
function moveClients({ nodeCount }: TestPlan, number: number): (client: number) => number {
  return (client) => {
    const home = client % nodeCount;
    const round = Math.floor(client / nodeCount);
    const isMoved = home === number;
    const newHome = isMoved ? number % (nodeCount - 1) : home < number ? home : home - 1;
    return newHome + (round + (isMoved ? 2 : 0)) * (nodeCount - 1);
  };
}
