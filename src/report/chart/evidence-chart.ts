import type { Anomaly } from "../../../checker/verdict.ts";
import { formatDurationMs } from "../../base/duration.ts";
import { conflictingTerms } from "../leadership.ts";
import { markup, type Markup, px } from "../page/markup.ts";
import type { FaultInterval, LeaderInterval, TimelineData } from "../timeline-data.ts";
import type { EvidenceOp } from "./evidence-ops.ts";
import { type EvidenceScene, evidenceScene } from "./evidence-scene.ts";
import { FAULT_LOOKS, faultTitle } from "./fault-lane.ts";
import { fitLabel, labelWidth, plateLabel } from "./label.ts";
import { momentTexts } from "./warp.ts";

const WIDTH = 660;
const LEFT = 84;
const RIGHT = WIDTH - 4;
const FAULT_ROW = 22;
const ROW = 48;
const BAR = 20;

export interface EvidenceChartInput {
  readonly anomaly: Anomaly;
  readonly timeline: TimelineData;
  /** Unique on the page. */
  readonly id: string;
}

/**
 * The violation as a picture: who did what in which order, under which faults. Its time axis is warped so
 * that every piece of evidence can be seen; the numbers are those of the table of evidence.
 */
export function evidenceChart({ anomaly, timeline, id }: EvidenceChartInput): Markup {
  const scene = evidenceScene(anomaly, timeline, { left: LEFT, right: RIGHT });
  const top = scene.faults.length * FAULT_ROW + 14;
  const bottom = top + scene.actors.length * ROW;
  const kinds = timeline.faultKinds.map(({ kind }) => kind);
  return markup`<svg class="chart evidence-chart" viewBox="0 0 ${WIDTH} ${bottom + 20}" role="img" aria-labelledby="${id}-title">
    <title id="${id}-title">${`In the order of time: ${anomaly.sentence}`}</title>
    ${ticks(scene, bottom)}
    ${scene.dispute && disputeBand(scene.dispute, scene, { top, bottom })}
    ${scene.faults.map((fault, i) => faultBar(fault, scene, { y: i * FAULT_ROW, look: kinds.indexOf(fault.kind) % FAULT_LOOKS }))}
    ${scene.actors.map((actor, i) => actorRow(actor, scene, top + i * ROW))}
    ${thenArrow(scene, top)}
  </svg>`;
}

function ticks({ warp }: EvidenceScene, bottom: number): Markup {
  const texts = momentTexts(warp.keysNs);
  const step = warp.keysNs.length < 2 ? WIDTH : warp.x(warp.keysNs[1]!) - warp.x(warp.keysNs[0]!);
  const every = Math.max(1, Math.ceil((labelWidth(`${texts[0]} s`) + 6) / step));
  return markup`${warp.keysNs.map((key, i) => {
    const x = px(warp.x(key));
    return markup`<path class="grid" d="M${x} 0V${bottom}"/>${i % every === 0 && markup`<text class="tick" x="${x}" y="${bottom + 14}" text-anchor="middle">${texts[i]!} s</text>`}`;
  })}`;
}

/** The time that must not exist, across all rows. */
function disputeBand(
  { fromNs, toNs }: NonNullable<EvidenceScene["dispute"]>,
  { warp }: EvidenceScene,
  { top, bottom }: { top: number; bottom: number },
): Markup {
  const from = warp.x(fromNs);
  const to = warp.x(toNs);
  const text = `two leaders for ${formatDurationMs((toNs - fromNs) / 1e6)}`;
  const middle = Math.min((from + to) / 2, RIGHT - labelWidth(text) / 2);
  return markup`<g class="dispute"><rect x="${px(from)}" y="${px(top - 10)}" width="${px(to - from)}" height="${px(bottom - top + 10)}"/><text x="${px(middle)}" y="${px(top + 3)}" text-anchor="middle">${text}</text></g>`;
}

function faultBar(
  fault: FaultInterval,
  { warp }: EvidenceScene,
  { y, look }: { y: number; look: number },
): Markup {
  const from = warp.x(fault.fromNs);
  const to = fault.toNs === null ? RIGHT : warp.x(fault.toNs);
  const label = fitLabel(`${fault.kind}: ${fault.sentence}`, RIGHT - from - 12);
  return markup`<g class="fault fault-${look}"><title>${faultTitle(fault)}</title><text class="lane-name" x="${LEFT - 8}" y="${y + 13}" text-anchor="end">fault</text><rect class="bar" x="${px(from)}" y="${y + 1}" width="${px(Math.max(3, to - from))}" height="17" rx="2"/>${plateLabel(label, { x: from + 6, y: y + 13 })}</g>`;
}

function actorRow(actor: string, scene: EvidenceScene, top: number): Markup {
  const middle = top + ROW / 2;
  const { anomaly, leads, ops, warp } = scene;
  return markup`<g>
    <path class="actor-line" d="M${LEFT} ${px(middle)}H${RIGHT}"/>
    <text class="lane-name" x="${LEFT - 8}" y="${px(middle + 4)}" text-anchor="end">${fitLabel(actor, LEFT - 8)}</text>
    ${leads.filter((lead) => lead.node === actor).map((lead) => leadBar(lead, scene, middle))}
    ${ops.filter((op) => op.who === actor).map((op) => opBar(op, scene, middle))}
    ${anomaly.evidence.map((piece, i) => piece.who === actor && marker({ x: warp.x(piece.timeNs), y: middle - BAR / 2 }, { number: i + 1, text: piece.text }))}
  </g>`;
}

function leadBar(lead: LeaderInterval, { leads, warp }: EvidenceScene, middle: number): Markup {
  const isConflict = conflictingTerms(leads).has(lead.term);
  const from = warp.x(lead.fromNs);
  const width = Math.max(6, (lead.toNs === null ? RIGHT : warp.x(lead.toNs)) - from);
  const text = fitLabel(`${isConflict ? "✕ " : ""}leader of term ${lead.term}`, RIGHT - from - 18);
  const label = { x: from + 14, y: middle + 4 };
  const isInside = labelWidth(text) + 16 < width;
  return markup`<g class="lead ${isConflict ? "conflict" : "lead-0"}"><rect class="body" x="${px(from)}" y="${px(middle - BAR / 2)}" width="${px(width)}" height="${BAR}" rx="2"/>${isInside && !isConflict ? markup`<text x="${px(label.x)}" y="${px(label.y)}">${text}</text>` : plateLabel(text, label)}</g>`;
}

const MARKS = { ok: "✓", fail: "–", info: "?", open: "?" } as const;

/** Its label stands below, where a narrow bar has room for it, too. */
function opBar(op: EvidenceOp, { warp, culprit }: EvidenceScene, middle: number): Markup {
  const from = warp.x(op.fromNs);
  const width = Math.max(6, (op.toNs === null ? RIGHT : warp.x(op.toNs)) - from);
  const mark = op === culprit ? "✕" : MARKS[op.outcome];
  const text = fitLabel(`${mark} ${op.label}`, 190);
  const reach = labelWidth(text) / 2;
  const x = Math.min(Math.max(from + width / 2, LEFT + reach), RIGHT - reach);
  const look = op === culprit ? "culprit" : `op-${op.outcome}`;
  return markup`<g class="op ${look}"><title>${op.label}</title><rect x="${px(from)}" y="${px(middle - BAR / 2)}" width="${px(width)}" height="${BAR}" rx="2"/><text class="halo" x="${px(x)}" y="${px(middle + BAR / 2 + 13)}" text-anchor="middle">${text}</text></g>`;
}

/** From the last acknowledgement before it to the operation that ignores it: one was over when the other began. */
function thenArrow({ ops, culprit, actors, warp }: EvidenceScene, top: number): Markup | false {
  if (!culprit) return false;
  const before = ops
    .filter(({ outcome, toNs }) => outcome === "ok" && toNs !== null && toNs <= culprit.fromNs)
    .toSorted((a, b) => a.toNs! - b.toNs!)
    .at(-1);
  if (!before || before.who === culprit.who) return false;
  const y = (who: string): number => top + actors.indexOf(who) * ROW + ROW / 2;
  const from = { x: warp.x(before.toNs!), y: y(before.who) };
  const to = { x: warp.x(culprit.fromNs), y: y(culprit.who) };
  const turn = (from.x + to.x) / 2;
  return markup`<g class="then"><path d="M${px(from.x)} ${px(from.y)}H${px(turn)}V${px(to.y)}H${px(to.x - 6)}"/><path class="head" d="M${px(to.x - 9)} ${px(to.y - 4)}L${px(to.x - 1)} ${px(to.y)}L${px(to.x - 9)} ${px(to.y + 4)}z"/></g>`;
}

function marker(
  { x, y }: { x: number; y: number },
  { number, text }: { number: number; text: string },
): Markup {
  return markup`<g class="marker"><title>${text}</title><circle cx="${px(x)}" cy="${px(y)}" r="7.5"/><text x="${px(x)}" y="${px(y + 3.5)}" text-anchor="middle">${number}</text></g>`;
}
