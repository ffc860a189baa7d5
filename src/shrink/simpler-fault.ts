import type { NodeId } from "../base/node-id.ts";
import type { Fault, LinkName, LinkScope } from "../../nemesis/fault.ts";
import type { ScheduleEntry } from "../../nemesis/schedule.ts";
import { smaller } from "./simpler-numbers.ts";

/** What an entry of a schedule, its targets named, could be replaced by; the simplest first. */
export function simplerEntries(entry: ScheduleEntry): ScheduleEntry[] {
  const { fault, forMs } = entry;
  return [
    ...simplerFaults(fault).map((simpler) => ({ ...entry, fault: simpler })),
    ...(forMs === null ? [] : [null, ...shorter(forMs)].map((ms) => ({ ...entry, forMs: ms }))),
  ];
}

function shorter(forMs: number): number[] {
  return smaller(forMs).filter((ms) => ms >= 1);
}

function simplerFaults(fault: Fault): Fault[] {
  return [...plainer(fault), ...narrower(fault), ...weaker(fault)];
}

/** Once for all, rather than again and again. */
function plainer(fault: Fault): Fault[] {
  const { type } = fault;
  if (type === "restart-storm" || type === "power-cut" || type === "stop") {
    return [{ type: "kill", nodes: fault.nodes }];
  }
  if (type === "disk-lost") return [{ type: "membership", nodes: fault.nodes }];
  if (type !== "flap" || !isList(fault.links)) return [];
  return [{ type: "cuts", links: fault.links, mode: fault.mode }];
}

function isList(links: LinkScope): links is readonly LinkName[] {
  return Array.isArray(links);
}

/** On fewer nodes or links. */
function narrower(fault: Fault): Fault[] {
  if ("nodes" in fault && typeof fault.nodes !== "string") {
    return fewerOf(fault.nodes).map((nodes) => ({ ...fault, nodes }));
  }
  if (!("links" in fault) || !isList(fault.links)) return [];
  const { links } = fault;
  const nodes = [...new Set(links.flatMap((link) => link.split("-")))];
  const isAt = (link: LinkName, node: NodeId): boolean => link.split("-").includes(node);
  const parts = nodes.flatMap((node) => [
    links.filter((link) => isAt(link, node)),
    links.filter((link) => !isAt(link, node)),
  ]);
  return [...fewerOf(links), ...parts]
    .filter((fewer) => fewer.length > 0 && fewer.length < links.length)
    .toSorted((a, b) => a.length - b.length)
    .map((fewer): Fault => ({ ...fault, links: fewer }) as Fault);
}

/** Singles, and all but one. */
function fewerOf<T>(list: readonly T[]): T[][] {
  const singles = list.length < 2 ? [] : list.map((one) => [one]);
  return list.length < 3 ? singles : [...singles, ...withoutOne(list)];
}

function withoutOne<T>(list: readonly T[]): T[][] {
  return list.map((_, i) => list.toSpliced(i, 1));
}

function weaker(fault: Fault): Fault[] {
  if (fault.type === "latency") {
    const steady = fault.jitterMs === 0 ? [] : [{ ...fault, jitterMs: 0 }];
    // The jitter is never more than the latency.
    const less = smaller(fault.latencyMs).map((latencyMs) => ({
      ...fault,
      latencyMs,
      jitterMs: Math.min(fault.jitterMs, latencyMs),
    }));
    return [...steady, ...less];
  }
  if (fault.type === "slow-disk") {
    return smaller(fault.delayMs).map((delayMs) => ({ ...fault, delayMs }));
  }
  if (fault.type !== "clock") return [];
  const isBoth = fault.rate !== 1 && fault.jumpMs !== 0;
  const halves = isBoth
    ? [
        { ...fault, rate: 1 },
        { ...fault, jumpMs: 0 },
      ]
    : [];
  return [...halves, ...smaller(fault.jumpMs).map((jumpMs) => ({ ...fault, jumpMs }))];
}
