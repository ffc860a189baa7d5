import type { Anomaly } from "../../../checker/verdict.ts";
import type { TraceEvent } from "../../base/trace.ts";
import { evidenceOps } from "../chart/evidence-ops.ts";
import type { FaultInterval, LeaderInterval, TimelineData } from "../timeline-data.ts";
import type { Diagram, DiagramEvent, DiagramFault } from "./diagram.ts";
import type { Draft } from "./draft.ts";
import { Drafts } from "./drafts.ts";
import { happenedBefore } from "./happened-before.ts";

/** Rows beyond which the oldest that are no evidence are left out. */
const ROWS_MAX = 70;
/** Rows at most, evidence or not. */
const EVER_MAX = 300;
const NODES_MAX = 7;
/** More do not fit beside each other. */
const MANY_NODES = 5;
const PROCESSES_MAX = 4;
const FAULTS_MAX = 8;
/** Who has led for so long before the first evidence led in peace. */
const STABLE_NS = 0.5e9;
/** An election begins about this long before its leader. */
const BEFORE_LEADER_NS = 2e9;

/** The stretch of time that explains an anomaly: from the election of the last stable leader before the first evidence. */
export function explainedTime(
  { evidence, timeNs, endNs }: Anomaly,
  leaders: readonly LeaderInterval[],
): { readonly fromNs: number; readonly toNs: number; readonly leader: LeaderInterval | undefined } {
  const momentsNs = [timeNs, ...evidence.map((piece) => piece.timeNs)];
  const firstNs = Math.min(...momentsNs);
  const opEndsNs = evidenceOps(evidence).flatMap(({ toNs }) => (toNs === null ? [] : [toNs]));
  const toNs = Math.max(...momentsNs, ...opEndsNs, Math.min(endNs ?? 0, timeNs));
  const leader = leaders
    .filter(({ fromNs }) => fromNs < firstNs - STABLE_NS)
    .toSorted((a, b) => a.fromNs - b.fromNs)
    .at(-1);
  return { fromNs: leader ? leader.fromNs - BEFORE_LEADER_NS : 0, toNs, leader };
}

/** Builds one anomaly's diagram from the trace, fed in the order of time. */
export class DiagramBuilder {
  readonly #anomaly: Anomaly;
  readonly #timeline: TimelineData;
  readonly #time: ReturnType<typeof explainedTime>;
  readonly #drafts: Drafts;

  constructor(anomaly: Anomaly, timeline: TimelineData, focus: number | undefined) {
    this.#anomaly = anomaly;
    this.#timeline = timeline;
    this.#time = explainedTime(anomaly, timeline.leaders);
    this.#drafts = new Drafts({ evidence: anomaly.evidence, focus, ...this.#time });
  }

  observe(event: TraceEvent): void {
    this.#drafts.observe(event);
  }

  finish(): Diagram {
    const { evidence, nodes } = this.#anomaly;
    const started = afterElection(this.#drafts.finish(), this.#time.leader);
    const all = [...started, ...operationDrafts(evidence)].toSorted((a, b) => a.timeNs - b.timeNs);
    const columns = columnsOf(all, [...nodes, ...evidence.map(({ who }) => who)]);
    const placed = all.filter(({ column }) => columns.includes(column));
    const shown = atMost(placed, ROWS_MAX);
    const { faults } = this.#timeline;
    return {
      columns,
      events: shown.map(eventOf),
      arrows: happenedBefore(shown, { columns, faults }),
      faults: faultsOver(shown, faults),
      omittedEvents: placed.length - shown.length,
    };
  }
}

function eventOf({ column, timeNs, look, text, evidence }: Draft): DiagramEvent {
  return { column, timeNs, look, text, ...(evidence !== undefined && { evidence }) };
}

/** What came before the candidacy of the first leader has no part in it. */
function afterElection(
  drafts: readonly Draft[],
  leader: LeaderInterval | undefined,
): readonly Draft[] {
  if (!leader) return drafts;
  const begin = drafts.findIndex(
    ({ column, fact }) =>
      column === leader.node &&
      fact.type === "role" &&
      fact.term === leader.term &&
      fact.role !== "follower",
  );
  return begin < 0
    ? drafts
    : drafts.filter((draft, at) => at >= begin || draft.evidence !== undefined);
}

/** Call and answer of each operation among the evidence; one row where nothing lies between. */
function operationDrafts(evidence: Anomaly["evidence"]): Draft[] {
  return evidenceOps(evidence).flatMap((op): Draft[] => {
    const piece = evidence.findIndex(({ who, timeNs }) => who === op.who && timeNs === op.fromNs);
    const record = evidence[piece]?.record as { readonly node?: string } | undefined;
    const evidenceNumber = piece < 0 ? {} : { evidence: piece + 1 };
    const base = { column: op.who, look: "operation" as const };
    const call: Draft = {
      ...base,
      timeNs: op.fromNs,
      text: `calls ${op.label.split(" →")[0]}`,
      fact: { type: "other" },
    };
    if (op.toNs === null) return [{ ...call, ...evidenceNumber, text: `${call.text}, no answer` }];
    const node = record?.node ?? null;
    const mark = op.outcome === "ok" ? "✓" : "–";
    const answer: Draft = {
      ...base,
      ...evidenceNumber,
      timeNs: op.toNs,
      text: `${mark} ${op.label}`,
      fact: { type: "operation", node },
    };
    return op.toNs - op.fromNs < 20e6 ? [answer] : [call, answer];
  });
}

/** Nodes in the order of their names, those that the evidence names first if there are many; then processes. */
function columnsOf(drafts: readonly Draft[], named: readonly string[]): string[] {
  const isProcess = (name: string): boolean => name.startsWith("process ");
  const byName = (a: string, b: string): number => a.localeCompare(b, "en", { numeric: true });
  const all = [...new Set([...named, ...drafts.map(({ column }) => column)])];
  const nodes = all.filter((name) => !isProcess(name)).slice(0, NODES_MAX);
  const processes = all.filter(isProcess).slice(0, PROCESSES_MAX);
  const isNamed = (node: string): boolean => nodes.length > MANY_NODES && named.includes(node);
  const ordered = nodes.toSorted((a, b) => Number(isNamed(b)) - Number(isNamed(a)) || byName(a, b));
  return [...ordered, ...processes.toSorted(byName)];
}

function atMost(drafts: readonly Draft[], max: number): readonly Draft[] {
  let excess = drafts.length - max;
  return drafts.filter(({ evidence }) => evidence !== undefined || excess-- <= 0).slice(-EVER_MAX);
}

/** Faults that were active at some time of the picture, placed between its rows. */
function faultsOver(drafts: readonly Draft[], faults: readonly FaultInterval[]): DiagramFault[] {
  const [first, last] = [drafts.at(0), drafts.at(-1)];
  if (!first || !last) return [];
  const rowOf = (timeNs: number): number => drafts.filter((draft) => draft.timeNs < timeNs).length;
  return faults
    .filter(({ fromNs, toNs }) => fromNs <= last.timeNs && (toNs ?? Infinity) >= first.timeNs)
    .slice(-FAULTS_MAX)
    .map(({ kind, sentence, nodes, fromNs, toNs }) => ({
      kind,
      sentence,
      hits: nodes,
      fromNs,
      toNs: toNs === null || toNs > last.timeNs ? null : toNs,
      fromRow: rowOf(fromNs),
      toRow: toNs === null || toNs > last.timeNs ? drafts.length : rowOf(toNs),
    }));
}
