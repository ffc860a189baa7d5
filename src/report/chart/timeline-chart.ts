import type { Finding } from "../findings.ts";
import { conflictingTerms } from "../leadership.ts";
import { markup, type Markup, px } from "../page/markup.ts";
import type { TimelineData } from "../timeline-data.ts";
import { axisLane, gridLines } from "./axis.ts";
import { faultLane } from "./fault-lane.ts";
import { clientLanes } from "./client-lanes.ts";
import { createFrame, type Frame } from "./frame.ts";
import type { Lane } from "./lane.ts";
import { latencyLane } from "./latency.ts";
import { leaderLane } from "./leader-lane.ts";
import { nodeLane } from "./node-lane.ts";
import { throughputLane } from "./throughput.ts";

const GAP: Lane = { height: 8, draw: () => markup`` };
const FLAGS_HEIGHT = 18;

export interface TimelineChartInput {
  readonly timeline: TimelineData;
  readonly findings: readonly Finding[];
  readonly endNs: number;
  readonly title: string;
  readonly description: string;
}

/** The whole run on one time axis: violations, faults, leaders, nodes, clients, throughput, latency. */
export function timelineChart(input: TimelineChartInput): Markup {
  const frame = createFrame(input.endNs);
  const lanes = lanesOf(input.timeline);
  const height = FLAGS_HEIGHT + lanes.reduce((sum, lane) => sum + lane.height, 0);
  const drawn: Markup[] = [];
  let top = FLAGS_HEIGHT;
  for (const lane of lanes) {
    drawn.push(lane.draw(frame, top));
    top += lane.height;
  }
  return markup`<svg class="chart" id="timeline-chart" viewBox="0 0 ${frame.width} ${height}" role="img" aria-labelledby="timeline-title timeline-description" data-left="${frame.left}" data-right="${frame.right}" data-width="${frame.width}"><title id="timeline-title">${input.title}</title><desc id="timeline-description">${input.description}</desc>${gridLines(frame, FLAGS_HEIGHT + 18, height - 16)}${drawn}${flags(input.findings, frame, height)}<path id="cursor" class="cursor" d="M-9 0V${height}"/></svg>`;
}

function lanesOf(timeline: TimelineData): Lane[] {
  const { faults, faultKinds, nodes, clients, binNs } = timeline;
  const commitMax = Math.max(
    1,
    ...nodes.flatMap((node) => node.commits.map((index) => index ?? 0)),
  );
  const conflicts = conflictingTerms(timeline.leaders);
  return [
    axisLane(),
    ...faultKinds.map(({ kind }, look) => faultLane(kind, faults, look)),
    GAP,
    ...(nodes.length === 0 ? [] : [leaderLane(timeline.leaders), GAP]),
    ...nodes.map((node) => nodeLane(node, { binNs, commitMax, conflicts })),
    GAP,
    ...(clients.length === 0 ? [] : [clientLanes(clients, binNs)]),
    throughputLane(timeline),
    latencyLane(timeline),
    axisLane(),
  ];
}

/** A line down through all lanes where a violation first shows, and a flag with its number. */
function flags(findings: readonly Finding[], frame: Frame, height: number): Markup {
  const shown = findings.slice(0, 10);
  // From the last to the first: of flags that lie on each other the first violation's is on top.
  return markup`${shown.toReversed().map(({ number, anomaly }) => {
    const x = frame.x(anomaly.timeNs);
    return markup`<g class="violation"><title>${`violation ${number}: ${anomaly.sentence}`}</title><path class="violation-line" d="M${px(x)} 16V${height}"/><rect x="${px(x - 13)}" y="0" width="26" height="16" rx="3"/><text x="${px(x)}" y="12" text-anchor="middle">✕ ${number}</text></g>`;
  })}`;
}
