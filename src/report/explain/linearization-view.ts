import type { Anomaly } from "../../../checker/verdict.ts";
import { formatMomentNs } from "../../base/duration.ts";
import { type EvidenceOp, evidenceOps } from "../chart/evidence-ops.ts";
import { fitLabel } from "../chart/label.ts";
import { createWarp, momentTexts } from "../chart/warp.ts";
import { markup, type Markup, px } from "../page/markup.ts";

const WIDTH = 900;
const LEFT = 116;
const RIGHT = WIDTH - 8;
const ROW = 34;
const TOP = 8;
const BAR = 18;

/**
 * The operations of the proof, one a row: those that can be told one after the other numbered in that order, and
 * the one that cannot come next, with what it claims and what was there.
 */
export function linearizationView(anomaly: Anomaly, violation: number): Markup | false {
  const { linearization, evidence } = anomaly;
  if (!linearization) return false;
  const { order, stuck, state, claim } = linearization;
  // One piece of evidence stands for one operation here.
  const ops = evidence.map((piece) => evidenceOps([piece])[0]);
  const stuckOp = ops[stuck];
  if (!stuckOp) return false;
  const shown = ops.flatMap((op, at) =>
    op ? [{ op, place: order.indexOf(at) + 1, isStuck: at === stuck }] : [],
  );
  const warp = createWarp(
    shown.flatMap(({ op }) => (op.toNs === null ? [op.fromNs] : [op.fromNs, op.toNs])),
    { left: LEFT, right: RIGHT },
  );
  const bottom = TOP + shown.length * ROW;
  const texts = momentTexts(warp.keysNs);
  return markup`<figure><div class="scroll" tabindex="0" role="region" aria-label="Order of the operations of violation ${violation}"><svg class="chart linearization" viewBox="0 0 ${WIDTH} ${bottom + 18}" role="img" aria-labelledby="order-${violation}-title">
    <title id="order-${violation}-title">${orderText(anomaly)}</title>
    ${warp.keysNs.map((key, at) => markup`<path class="grid" d="M${px(warp.x(key))} 0V${bottom}"/>${(at % 2 === 0 || warp.keysNs.length < 9) && markup`<text class="tick" x="${px(warp.x(key))}" y="${bottom + 13}" text-anchor="middle">${texts[at]!} s</text>`}`)}
    ${shown.map(({ op, place, isStuck }, row) => opRow(op, { place, isStuck }, warp.x, TOP + row * ROW))}
  </svg></div>
  <figcaption>${order.length === 0 ? "Nothing can come first" : `Numbered is the longest order that can be told (${order.length} of ${shown.length}); real time only fixes what was over before the next began`}. <strong class="fail">✕ Then ${stuckOp.who} cannot come next: the state is ${state}, but it claims ${claim}.</strong> Distances are not to scale.</figcaption></figure>`;
}

/** The same in words, for those who cannot see it. */
export function orderText({ linearization, evidence }: Anomaly): string {
  if (!linearization) return "";
  const { order, stuck, state, claim } = linearization;
  const label = (at: number): string => {
    const piece = evidence[at];
    const op = piece && evidenceOps([piece])[0];
    return op ? `${op.label} (${op.who}, ${formatMomentNs(op.fromNs)})` : "?";
  };
  const steps = order.map((at, place) => `${place + 1}. ${label(at)}`);
  return `${[...steps, `✕ ${label(stuck)} cannot come next`].join("; ")}: the state is ${state}, but it claims ${claim}.`;
}

function opRow(
  op: EvidenceOp,
  { place, isStuck }: { readonly place: number; readonly isStuck: boolean },
  x: (timeNs: number) => number,
  top: number,
): Markup {
  const from = x(op.fromNs);
  const to = op.toNs === null ? RIGHT : x(op.toNs);
  const width = Math.max(6, to - from);
  const mark = isStuck ? "✕" : place > 0 ? String(place) : "–";
  const label = fitLabel(op.label, 220);
  const isRight = from < (LEFT + RIGHT) / 2;
  const middle = top + ROW / 2;
  return markup`<g class="op ${isStuck ? "culprit" : `op-${op.outcome}`}"><title>${`${op.who}: ${op.label}`}</title>
    <text class="lane-name" x="${LEFT - 34}" y="${px(middle + 4)}" text-anchor="end">${fitLabel(op.who, LEFT - 36)}</text>
    <g class="${isStuck ? "place stuck" : "place"}"><circle cx="${LEFT - 16}" cy="${px(middle)}" r="11"/><text x="${LEFT - 16}" y="${px(middle + 4)}" text-anchor="middle">${mark}</text></g>
    <rect x="${px(from)}" y="${px(middle - BAR / 2)}" width="${px(width)}" height="${BAR}" rx="2"/>
    <text class="halo" x="${px(isRight ? from + width + 6 : from - 6)}" y="${px(middle + 4)}" text-anchor="${isRight ? "start" : "end"}">${label}</text></g>`;
}
