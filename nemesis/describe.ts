import { unreachable } from "../src/base/assert.ts";
import { formatDurationMs } from "../src/base/duration.ts";
import { describeCuts } from "./describe-cuts.ts";
import type { BandwidthFault, ClientLinkFault, ClockFault, CutMode, Fault } from "./fault.ts";
import type { LatencyFault, PartitionFault } from "./fault.ts";
import { linksAre, linksText, nodesAre, nodesText, NOTHING_KNOWN, type Known } from "./wording.ts";

/** One sentence, without a full stop, saying what the fault does: "n2 (leader) is killed". */
export function describeFault(fault: Fault, known: Known = NOTHING_KNOWN): string {
  switch (fault.type) {
    case "partition":
      return `${partitionText(fault, known)} (${modeText(fault.mode)})`;
    case "cuts":
      return `${describeCuts(fault.links, known)} (${modeText(fault.mode)})`;
    case "flap":
      return `${linksAre(fault.links, known)} cut and healed every ${formatDurationMs(fault.periodMs)} (${modeText(fault.mode)})`;
    case "latency":
      return `${linksAre(fault.links, known)} slowed down by ${latencyText(fault)}`;
    case "bandwidth":
      return bandwidthText(fault, known);
    case "slice":
      return `data on ${linksText(fault.links, known)} arrives in pieces of about ${fault.averageBytes} bytes`;
    case "reset":
      return `connections on ${linksText(fault.links, known)} are reset${afterText(fault.afterMs)}`;
    case "lose-answers":
      return `calls on ${linksText(fault.links, known)} are executed but their answers are lost`;
    case "kill":
      return `${nodesAre(fault.nodes, known)} killed`;
    case "pause":
      return `${nodesAre(fault.nodes, known)} paused`;
    case "power-cut":
      return `${nodesAre(fault.nodes, known)} killed at one instant, as by a power cut`;
    case "restart-storm":
      return `${nodesAre(fault.nodes, known)} killed and started again every ${formatDurationMs(fault.periodMs)}`;
    case "stop":
      return `${nodesAre(fault.nodes, known)} asked to end`;
    case "unplug":
      return `${nodesAre(fault.nodes, known)} taken off the network`;
    case "slow-cpu":
      return `${nodesAre(fault.nodes, known)} slowed down to ${fault.cores} of a processor`;
    case "clock":
      return `${nodesAre(fault.nodes, known)} given a clock that ${clockText(fault)}`;
    case "disk-full":
      return `${nodesAre(fault.nodes, known)} left without room on the disk`;
    case "slow-disk":
      return `${nodesAre(fault.nodes, known)} held up by ${formatDurationMs(fault.delayMs)} at every sync of the disk`;
    case "memory":
      return `${nodesAre(fault.nodes, known)} limited to ${fault.limitMb} MB of memory`;
    case "membership":
      return `${nodesAre(fault.nodes, known)} removed from the cluster`;
    case "disk-lost":
      return `${nodesAre(fault.nodes, known)} removed from the cluster and deprived of all data`;
    case "own":
      return `${nodesAre(fault.nodes, known)} ${fault.text}`;
    case "client-link":
      return `clients ${clientText(fault, nodesText(fault.nodes, known))}`;
    default:
      return unreachable(fault);
  }
}

/** The same of its end: "n2 (leader) is started again". */
export function describeHeal(fault: Fault, known: Known = NOTHING_KNOWN): string {
  switch (fault.type) {
    case "kill":
    case "power-cut":
    case "stop":
      return `${nodesAre(fault.nodes, known)} started again`;
    case "unplug":
      return `${nodesAre(fault.nodes, known)} back on the network`;
    case "slow-cpu":
      return `${nodesAre(fault.nodes, known)} given whole processors again`;
    case "clock":
      return `${nodesAre(fault.nodes, known)} given a true clock again`;
    case "disk-full":
      return `${nodesAre(fault.nodes, known)} given room on the disk again`;
    case "slow-disk":
      return `${nodesAre(fault.nodes, known)} no longer held up by the disk`;
    case "memory":
      return `${nodesAre(fault.nodes, known)} given all memory again`;
    case "membership":
    case "disk-lost":
      return `${nodesAre(fault.nodes, known)} added to the cluster again`;
    case "restart-storm":
      return `${nodesAre(fault.nodes, known)} left running`;
    case "pause":
      return `${nodesAre(fault.nodes, known)} resumed`;
    case "client-link":
      return `the trouble between clients and ${nodesText(fault.nodes, known)} ends`;
    case "own":
    case "partition":
    case "cuts":
    case "flap":
    case "latency":
    case "bandwidth":
    case "slice":
    case "reset":
    case "lose-answers":
      return `healed: ${describeFault(fault, known)}`;
    default:
      return unreachable(fault);
  }
}

function partitionText({ shape, of }: PartitionFault, known: Known): string {
  const subject = nodesText(of ?? "random", known);
  switch (shape) {
    case "halves":
      return "the first half of the nodes and the rest cannot reach each other";
    case "random-halves":
      return of === undefined
        ? "two random halves of the nodes cannot reach each other"
        : `two random halves of the nodes, the larger one with ${subject}, cannot reach each other`;
    case "isolate-one":
      return `${nodesAre(of ?? "random", known)} cut off from all others`;
    case "isolate-leader":
      return "the leader is cut off from all others";
    case "majorities-ring":
      return "every node hears a different majority";
    case "bridge":
      return `two halves of the nodes reach each other only through ${subject}`;
    case "one-way":
      return `${subject} cannot reach the others, but they can reach it`;
    case "random-links":
      return `links are cut in one direction or both, most of them at ${subject}`;
    default:
      return unreachable(shape);
  }
}

function modeText(mode: CutMode): string {
  return mode === "refuse" ? "connections refused" : "messages silently lost";
}

function latencyText({ latencyMs, jitterMs }: LatencyFault): string {
  const latency = formatDurationMs(latencyMs);
  return jitterMs === 0 ? latency : `${latency} ± ${formatDurationMs(jitterMs)}`;
}

function bandwidthText({ links, rateKbytesPerSecond }: BandwidthFault, known: Known): string {
  if (rateKbytesPerSecond === 0) return `all data on ${linksText(links, known)} is held back`;
  return `${linksAre(links, known)} narrowed to ${rateKbytesPerSecond} KB/s`;
}

function afterText(afterMs: number): string {
  return afterMs === 0 ? " at once" : ` after ${formatDurationMs(afterMs)}`;
}

function clockText({ jumpMs, rate }: ClockFault): string {
  const by = formatDurationMs(Math.abs(jumpMs));
  const jump = jumpMs === 0 ? [] : [`jumps ${jumpMs > 0 ? "forward" : "back"} by ${by}`];
  const pace = rate === 1 && jumpMs !== 0 ? [] : [`runs at ${rate} times its rate`];
  return [...jump, ...pace].join(" and ");
}

function clientText({ trouble, latencyMs }: ClientLinkFault, nodes: string): string {
  switch (trouble) {
    case "refuse":
      return `are refused by ${nodes}`;
    case "drop":
      return `are not heard by ${nodes}`;
    case "lose-answers":
      return `are heard by ${nodes} but get no answers`;
    case "latency":
      return `wait ${formatDurationMs(latencyMs)} longer for ${nodes}`;
    case "reset":
      return `have their connections to ${nodes} reset`;
    default:
      return unreachable(trouble);
  }
}
