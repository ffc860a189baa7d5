import type { Anomaly } from "../../../checker/verdict.ts";
import { conflictingTerms } from "../leadership.ts";
import type { FaultInterval, LeaderInterval, TimelineData } from "../timeline-data.ts";
import { type EvidenceOp, evidenceOps } from "./evidence-ops.ts";
import { createWarp, type Warp } from "./warp.ts";

/** What the picture of a violation shows. */
export interface EvidenceScene {
  readonly anomaly: Anomaly;
  /** Nodes and processes, one row each. */
  readonly actors: readonly string[];
  readonly faults: readonly FaultInterval[];
  readonly leads: readonly LeaderInterval[];
  readonly ops: readonly EvidenceOp[];
  /** The one whose answer shows the violation, or else the last that was answered. */
  readonly culprit: EvidenceOp | undefined;
  /** When two nodes led one term at the same time. */
  readonly dispute: { readonly fromNs: number; readonly toNs: number } | undefined;
  readonly warp: Warp;
}

const FAULTS_MAX = 3;
const ACTORS_MAX = 8;

export function evidenceScene(
  anomaly: Anomaly,
  timeline: TimelineData,
  range: { readonly left: number; readonly right: number },
): EvidenceScene {
  const named = anomaly.evidence.map(({ who }) => who);
  const nodes = anomaly.nodes.filter((node) => timeline.nodes.some((lane) => lane.node === node));
  const actors = [...new Set([...named, ...nodes])].slice(0, ACTORS_MAX);
  const ops = evidenceOps(anomaly.evidence);
  const momentsNs = [
    ...anomaly.evidence.map(({ timeNs }) => timeNs),
    ...ops.flatMap(({ toNs }) => (toNs === null ? [] : [toNs])),
  ];
  const firstNs = Math.min(anomaly.timeNs, ...momentsNs);
  const lastNs = Math.max(anomaly.endNs ?? anomaly.timeNs, ...momentsNs);
  const isWithin = ({ fromNs, toNs }: { fromNs: number; toNs: number | null }): boolean =>
    fromNs <= lastNs && (toNs === null || toNs >= firstNs);
  const leads = timeline.leaders.filter((lead) => actors.includes(lead.node) && isWithin(lead));
  const dispute = disputeOf(leads, timeline.endNs);
  const extraNs = [...(dispute ? [dispute.toNs] : []), ...(anomaly.endNs ? [anomaly.endNs] : [])];
  return {
    anomaly,
    actors,
    leads,
    ops,
    dispute,
    faults: timeline.faults.filter(isWithin).slice(-FAULTS_MAX),
    culprit:
      ops.find(({ toNs }) => toNs === anomaly.timeNs) ??
      ops.findLast(({ outcome }) => outcome === "ok"),
    warp: createWarp([...momentsNs, ...extraNs], range),
  };
}

function disputeOf(leads: readonly LeaderInterval[], endNs: number): EvidenceScene["dispute"] {
  const conflicts = conflictingTerms(leads);
  const [first, second] = leads.filter(({ term }) => conflicts.has(term));
  if (!first || !second) return undefined;
  const fromNs = Math.max(first.fromNs, second.fromNs);
  const toNs = Math.min(first.toNs ?? endNs, second.toNs ?? endNs);
  return fromNs < toNs ? { fromNs, toNs } : undefined;
}
