import { markup, type Markup, px } from "../page/markup.ts";
import type { ConditionInterval, NodeCondition, NodeLane } from "../timeline-data.ts";
import type { Frame } from "./frame.ts";
import { laneName } from "./label.ts";
import type { Lane } from "./lane.ts";

const HEIGHT = 26;
const SNAPSHOT_WIDTH = 6;

/** Where each condition is drawn inside the lane, from its top: leaders are tall, followers are a line. */
const SHAPES: Readonly<Record<NodeCondition, { readonly top: number; readonly height: number }>> = {
  leader: { top: 2, height: 22 },
  candidate: { top: 7, height: 17 },
  follower: { top: 18, height: 6 },
  down: { top: 2, height: 22 },
};

export interface NodeLaneContext {
  readonly binNs: number;
  readonly commitMax: number;
  /** Terms with two leaders. */
  readonly conflicts: ReadonlySet<number>;
}

/** What a node was: one path per condition, with its commit index as a line over all of it. */
export function nodeLane(lane: NodeLane, { binNs, commitMax, conflicts }: NodeLaneContext): Lane {
  return {
    height: HEIGHT + 5,
    draw: (frame, top) =>
      markup`<g>${laneName(lane.node, top + 17)}${(["follower", "candidate", "leader", "down"] as const).map((condition) => conditionPath(lane, condition, frame, top))}${conflictPath(lane, conflicts, frame, top)}${pauses(lane, frame, top)}${marks(lane, conflicts, frame, top)}${snapshotPath(lane, frame, top)}<path class="commit" d="${commitPath(lane, { binNs, commitMax }, frame, top)}"/></g>`,
  };
}

function conditionPath(
  { conditions }: NodeLane,
  condition: NodeCondition,
  frame: Frame,
  top: number,
): Markup | false {
  const own = conditions.filter((interval) => interval.condition === condition);
  return boxes(own, { condition, look: `role-${condition}` }, frame, top);
}

function conflictPath(
  { conditions }: NodeLane,
  conflicts: ReadonlySet<number>,
  frame: Frame,
  top: number,
): Markup | false {
  const own = conditions.filter(
    ({ condition, term }) => condition === "leader" && conflicts.has(term),
  );
  return boxes(own, { condition: "leader", look: "role-conflict" }, frame, top);
}

function boxes(
  intervals: readonly ConditionInterval[],
  { condition, look }: { condition: NodeCondition; look: string },
  frame: Frame,
  top: number,
): Markup | false {
  const { top: offset, height } = SHAPES[condition];
  const path = coalesce(intervals, frame)
    .map(({ from, to }) => `M${px(from)} ${px(top + offset)}H${px(to)}v${height}H${px(from)}z`)
    .join("");
  return path !== "" && markup`<path class="${look}" d="${path}"/>`;
}

/** Joins what is closer than a pixel, and widens what is narrower: a short life must not vanish. */
function coalesce(
  intervals: readonly ConditionInterval[],
  frame: Frame,
): { from: number; to: number }[] {
  const joined: { from: number; to: number }[] = [];
  for (const { fromNs, toNs } of intervals) {
    const from = frame.x(fromNs);
    const to = Math.max(from + 1, frame.x(toNs ?? frame.endNs));
    const last = joined.at(-1);
    if (last && from - last.to < 0.5) last.to = Math.max(last.to, to);
    else joined.push({ from, to });
  }
  return joined;
}

function pauses({ paused }: NodeLane, frame: Frame, top: number): Markup {
  return markup`${paused.map(({ fromNs, toNs }) => {
    const from = frame.x(fromNs);
    const width = Math.max(1, frame.x(toNs ?? frame.endNs) - from);
    return markup`<g><title>paused</title><rect class="paused" x="${px(from)}" y="${px(top + 2)}" width="${px(width)}" height="22"/>${width > 12 && markup`<text class="mark" x="${px(from + width / 2)}" y="${px(top + 17)}" text-anchor="middle">‖</text>`}</g>`;
  })}`;
}

/** A letter for those who do not see the colours: L on a leader, ✕ on a process that is down. */
function marks(
  { conditions }: NodeLane,
  conflicts: ReadonlySet<number>,
  frame: Frame,
  top: number,
): Markup {
  return markup`${conditions.map(({ condition, fromNs, toNs, term }) => {
    const width = frame.x(toNs ?? frame.endNs) - frame.x(fromNs);
    if (width < 12 || (condition !== "leader" && condition !== "down")) return null;
    const x = condition === "leader" ? frame.x(fromNs) + 4 : frame.x(fromNs) + width / 2;
    const isConflict = condition === "leader" && conflicts.has(term);
    const letter = isConflict ? "✕ L" : "L";
    const text = condition === "down" ? "✕" : width > 70 ? `${letter} · term ${term}` : letter;
    const anchor = condition === "down" ? "middle" : "start";
    return markup`<text class="mark mark-${isConflict ? "conflict" : condition}" x="${px(x)}" y="${px(top + 13)}" text-anchor="${anchor}">${text}</text>`;
  })}`;
}

/** A triangle on the upper edge for each, filled where it came from a leader; no two upon each other. */
function snapshotPath({ snapshots }: NodeLane, frame: Frame, top: number): Markup {
  return markup`${[false, true].map((isInstalled) => {
    let path = "";
    let last = -Infinity;
    for (const snapshot of snapshots) {
      const x = frame.x(snapshot.timeNs);
      if (snapshot.isInstalled !== isInstalled || x - last < SNAPSHOT_WIDTH) continue;
      path += `M${px(x - SNAPSHOT_WIDTH / 2)} ${px(top)}h${SNAPSHOT_WIDTH}l${-SNAPSHOT_WIDTH / 2} 5z`;
      last = x;
    }
    const title = isInstalled ? "snapshot installed" : "snapshot taken";
    return (
      path !== "" &&
      markup`<g><title>${title}</title><path class="snapshot${isInstalled ? " installed" : ""}" d="${path}"/></g>`
    );
  })}`;
}

function commitPath(
  { commits }: NodeLane,
  { binNs, commitMax }: { readonly binNs: number; readonly commitMax: number },
  frame: Frame,
  top: number,
): string {
  let path = "";
  let isDrawing = false;
  for (const [bin, index] of commits.entries()) {
    if (index === null) isDrawing = false;
    else {
      const x = frame.x((bin + 1) * binNs);
      const y = top + HEIGHT - 2 - (index / Math.max(1, commitMax)) * (HEIGHT - 4);
      path += `${isDrawing ? "L" : "M"}${px(x)} ${px(y)}`;
      isDrawing = true;
    }
  }
  return path;
}
