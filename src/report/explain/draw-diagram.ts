import { FAULT_LOOKS } from "../chart/fault-lane.ts";
import { fitLabel, labelWidth } from "../chart/label.ts";
import { markup, type Markup, px } from "../page/markup.ts";
import type { Diagram, DiagramArrow, DiagramEvent, DiagramFault, EventLook } from "./diagram.ts";
import { type DiagramLayout, layOut } from "./layout.ts";

/** Each kind of event has a sign of its own, so that none is told by its colour alone. */
const SIGNS: Readonly<Record<EventLook, string>> = {
  start: "▲",
  down: "✕",
  leader: "★",
  candidate: "◇",
  follower: "○",
  vote: "●",
  append: "■",
  commit: "✓",
  truncate: "−",
  collapsed: "⋮",
  operation: "▸",
};

/** Its letters are smaller than those of other charts. */
const NARROW = 1.12;

export interface DrawOptions {
  /** Unique on the page. */
  readonly id: string;
  readonly title: string;
  /** Kinds of fault in the order of the timeline's lanes, which gives each its look. */
  readonly faultKinds: readonly string[];
}

/** The diagram as SVG: time goes down, one line of life per actor, an arrow from each cause to its effect. */
export function drawDiagram(diagram: Diagram, { id, title, faultKinds }: DrawOptions): Markup {
  const layout = layOut(diagram);
  const { width, height } = layout;
  const look = (kind: string): number => Math.max(0, faultKinds.indexOf(kind)) % FAULT_LOOKS;
  return markup`<svg class="chart happened" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="${id}-title">
    <title id="${id}-title">${title}</title>
    ${diagram.columns.map((column, at) => lifeline(column, layout.columnX(at), height))}
    ${diagram.faults.map((fault, at) => faultBar(fault, at, look(fault.kind), layout))}
    ${diagram.arrows.map((arrow) => arrowLine(arrow, diagram, layout))}
    ${diagram.arrows.map((arrow) => arrowLabel(arrow, diagram, layout))}
    ${eventRows(diagram, layout)}
  </svg>`;
}

function lifeline(column: string, x: number, height: number): Markup {
  return markup`<text class="lane-name" x="${px(x)}" y="14" text-anchor="middle">${fitLabel(column, 150)}</text><path class="actor-line" d="M${px(x)} 20V${px(height - 4)}"/>`;
}

function faultBar(fault: DiagramFault, at: number, look: number, layout: DiagramLayout): Markup {
  const { fromY, toY } = layout.faults[at]!;
  const x = layout.faultX(at);
  const since = `${(fault.fromNs / 1e9).toFixed(2)} s`;
  const end = fault.toNs === null ? undefined : `${(fault.toNs / 1e9).toFixed(2)} s`;
  return markup`<g class="fault fault-${look}"><title>${`${fault.kind}: ${fault.sentence}, since ${since}${end === undefined ? "" : `, until ${end}`}`}</title>
    <rect class="bar" x="${px(x)}" y="${px(fromY)}" width="9" height="${px(Math.max(4, toY - fromY))}"/>
    ${faultLine(`▼ ${since} ${fault.kind}: ${fault.sentence}`, fromY, x, layout)}
    ${end !== undefined && faultLine(`▲ ${end} over: ${fault.sentence}`, toY, x, layout)}
  </g>`;
}

function faultLine(text: string, y: number, x: number, { width, columnX }: DiagramLayout): Markup {
  const left = columnX(0) - 18;
  const label = fitLabel(text, width - left - 8);
  return markup`<path class="fault-edge" d="M${px(x)} ${px(y)}H${px(width - 4)}"/><text class="halo fault-text" x="${px(left)}" y="${px(y + 4)}">${label}</text>`;
}

const LOST_LABEL = 70;

interface Line {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

/** A lost message ends before its receiver, where its label has room. */
function lineOf(
  { from, to }: DiagramArrow,
  { columns, events }: Diagram,
  layout: DiagramLayout,
): Line {
  const xOf = (column: string): number => layout.columnX(columns.indexOf(column));
  const x1 = xOf(events[from]!.column);
  const y1 = layout.rowY(from);
  if (typeof to === "number") return { x1, y1, x2: xOf(events[to]!.column), y2: layout.rowY(to) };
  const target = xOf(to.column);
  return { x1, y1, x2: target - Math.sign(target - x1) * LOST_LABEL, y2: y1 + 16 };
}

function arrowLine(arrow: DiagramArrow, diagram: Diagram, layout: DiagramLayout): Markup {
  const { x1, y1, x2, y2 } = lineOf(arrow, diagram, layout);
  const length = Math.max(1, Math.hypot(x2 - x1, y2 - y1));
  const [dx, dy] = [(x2 - x1) / length, (y2 - y1) / length];
  const at = (back: number, aside: number): string =>
    `${px(x2 - dx * back - dy * aside)} ${px(y2 - dy * back + dx * aside)}`;
  const isLost = typeof arrow.to !== "number";
  const head = isLost
    ? false
    : markup`<path class="head" d="M${at(7, 0)}L${at(14, 4)}L${at(14, -4)}z"/>`;
  const title = isLost && markup`<title>${`${arrow.label}: no sign that it arrived`}</title>`;
  return markup`<g class="message${isLost ? " lost" : ""}">${title}<path d="M${px(x1 + dx * 7)} ${px(y1 + dy * 7)}L${at(isLost ? 0 : 9, 0)}"/>${head}</g>`;
}

/** Beside the arrow's end, on the side it comes from, where no event's own words stand. */
function arrowLabel(arrow: DiagramArrow, diagram: Diagram, layout: DiagramLayout): Markup {
  const { x1, x2, y1, y2 } = lineOf(arrow, diagram, layout);
  if (typeof arrow.to !== "number") {
    const text = `✕ ${arrow.to.lostTo}`;
    return markup`<text class="halo message-text lost-text" x="${px(x2)}" y="${px(y2 + 4)}" text-anchor="${x2 > x1 ? "start" : "end"}">${text}</text>`;
  }
  const share = Math.min(0.5, (labelWidth(arrow.label) / 2 + 16) / Math.max(1, Math.abs(x2 - x1)));
  const x = x2 - (x2 - x1) * share;
  const y = y2 - (y2 - y1) * share;
  return markup`<text class="halo message-text" x="${px(x)}" y="${px(y - 3)}" text-anchor="middle">${arrow.label}</text>`;
}

function eventRows({ columns, events }: Diagram, layout: DiagramLayout): Markup {
  const times = events.map(({ timeNs }) => (timeNs / 1e9).toFixed(3));
  return markup`${events.map((event, row) => {
    const x = layout.columnX(columns.indexOf(event.column));
    const y = layout.rowY(row);
    return markup`<g class="act act-${event.look}"><title>${`${times[row]} s ${event.column}: ${event.text}`}</title>
      <text class="tick" x="${px(layout.timeX)}" y="${px(y + 4)}" text-anchor="end">${times[row]!}</text>
      ${sign(event, x, y)}<text class="halo" x="${px(x + 12)}" y="${px(y + 4)}">${fitLabel(event.text, (layout.columnWidth - 16) * NARROW)}</text></g>`;
  })}`;
}

function sign({ evidence, look }: DiagramEvent, x: number, y: number): Markup {
  if (evidence !== undefined)
    return markup`<g class="marker"><circle cx="${px(x)}" cy="${px(y)}" r="8"/><text x="${px(x)}" y="${px(y + 3.5)}" text-anchor="middle">${evidence}</text></g>`;
  return markup`<circle class="sign-plate" cx="${px(x)}" cy="${px(y)}" r="7"/><text class="sign" x="${px(x)}" y="${px(y + 4)}" text-anchor="middle">${SIGNS[look]}</text>`;
}
