import { formatMomentNs } from "../../base/duration.ts";
import { markup, type Markup, px } from "../page/markup.ts";
import {
  conflictingTerms,
  leaderless,
  leaderSegments,
  type LeaderSegment,
  packRows,
} from "../leadership.ts";
import type { LeaderInterval } from "../timeline-data.ts";
import type { Frame } from "./frame.ts";
import { labelWidth, laneName, plateLabel } from "./label.ts";
import type { Lane } from "./lane.ts";

const ROW = 24;
const BAR = 19;

/**
 * Who led when, with the terms. Leaders whose times overlap are stacked: two of one term are a conflict
 * and look like one; hatched below a newer leader is an older one that did not know yet, as Raft allows.
 */
export function leaderLane(leaders: readonly LeaderInterval[]): Lane {
  const rows = packRows(leaderSegments(leaders));
  const conflicts = conflictingTerms(leaders);
  return {
    height: Math.max(1, rows.length) * ROW + 2,
    draw: (frame, top) =>
      markup`${laneName("leader, term", top + 14)}${gaps(leaders, frame, top)}${rows.map((row, level) => row.map((lead) => leaderBar({ lead, isConflict: conflicts.has(lead.term) }, frame, top + level * ROW)))}`,
  };
}

function leaderBar(
  { lead, isConflict }: { lead: LeaderSegment; isConflict: boolean },
  frame: Frame,
  top: number,
): Markup {
  const from = frame.x(lead.fromNs);
  const width = Math.max(1.5, frame.x(lead.toNs ?? frame.endNs) - from);
  const text = barText(lead, isConflict, width - 8);
  const isHatched = isConflict || lead.isStale;
  const look = isConflict ? "conflict" : lead.isStale ? "stale" : `lead-${lead.term % 2}`;
  return markup`<g class="lead ${look}">
    <title>${leaderTitle(lead, isConflict)}</title>
    <rect class="body" x="${px(from)}" y="${px(top)}" width="${px(width)}" height="${BAR}" rx="2"/>
    ${isHatched ? plateLabel(text, { x: from + 5, y: top + 13.5 }) : text !== "" && markup`<text x="${px(from + 5)}" y="${px(top + 13.5)}">${text}</text>`}
  </g>`;
}

function barText({ node, term }: LeaderInterval, isConflict: boolean, width: number): string {
  const mark = isConflict ? "✕ " : "";
  const texts = [`${mark}${node} leads term ${term}`, `${mark}${node} · ${term}`, `${mark}${term}`];
  return texts.find((text) => labelWidth(text) <= width) ?? "";
}

export function leaderTitle(
  { node, term, fromNs, toNs }: LeaderInterval,
  isConflict: boolean,
): string {
  const until = toNs === null ? "to the end" : `to ${formatMomentNs(toNs)}`;
  const conflict = isConflict ? " — conflict: another node was leader in this term, too" : "";
  return `${node} leader of term ${term}, ${formatMomentNs(fromNs)} ${until}${conflict}`;
}

function gaps(leaders: readonly LeaderInterval[], frame: Frame, top: number): Markup {
  const path = leaderless(leaders, frame.endNs)
    .map(({ fromNs, toNs }) => {
      const from = frame.x(fromNs);
      return `M${px(from)} ${px(top)}h${px(Math.max(0.7, frame.x(toNs) - from))}v${BAR}H${px(from)}z`;
    })
    .join("");
  return markup`<path class="no-leader" d="${path}"><title>no leader</title></path>`;
}
