import { markup, type Markup, px } from "../page/markup.ts";
import type { FaultInterval } from "../timeline-data.ts";
import { faultShading } from "./fault-lane.ts";
import type { Frame } from "./frame.ts";
import type { Lane } from "./lane.ts";

/** A line over the bins; null where there is nothing to show, which leaves a gap. */
export interface Series {
  readonly name: string;
  /** Its class in the style sheet: colour, width and dashes. */
  readonly look: string;
  readonly values: readonly (number | null)[];
}

export interface PlotInput {
  readonly title: string;
  readonly unit: string;
  readonly series: readonly Series[];
  /** 0 (bottom) to 1 (top) of a value. */
  readonly scale: (value: number) => number;
  readonly ticks: readonly { readonly value: number; readonly text: string }[];
  readonly binNs: number;
  readonly faults: readonly FaultInterval[];
  readonly kinds: readonly string[];
}

const HEIGHT = 112;
const TITLE = 15;

/** Lines on a shared time axis, with the faults behind them and each line's name at its end. */
export function plotLane(input: PlotInput): Lane {
  return {
    height: TITLE + HEIGHT + 10,
    draw: (frame, laneTop) => {
      const top = laneTop + TITLE;
      const bottom = top + HEIGHT;
      const y = (value: number): number => bottom - input.scale(value) * HEIGHT;
      const faults = faultShading({ faults: input.faults, kinds: input.kinds }, frame, {
        top,
        bottom,
      });
      return markup`<g><text class="plot-title" x="${frame.left}" y="${px(top - 4)}">${input.title}</text><text class="tick" x="100" y="${px(top - 4)}" text-anchor="end">${input.unit}</text>${faults}${valueAxis(input, frame, y)}${input.series.map((series) => markup`<path class="line ${series.look}" d="${linePath(series, input.binNs, frame, y)}"/>`)}${endLabels(input, frame, y, { top, bottom })}</g>`;
    },
  };
}

function valueAxis({ ticks }: PlotInput, frame: Frame, y: (value: number) => number): Markup {
  const path = ticks.map(({ value }) => `M${frame.left} ${px(y(value))}H${frame.right}`).join("");
  return markup`<path class="grid" d="${path}"/>${ticks.map(({ value, text }) => markup`<text class="tick" x="100" y="${px(y(value) + 4)}" text-anchor="end">${text}</text>`)}`;
}

function linePath(
  { values }: Series,
  binNs: number,
  frame: Frame,
  y: (value: number) => number,
): string {
  let path = "";
  let isDrawing = false;
  for (const [bin, value] of values.entries()) {
    if (value === null) isDrawing = false;
    else {
      const x = frame.x((bin + 0.5) * binNs);
      // A bin between two gaps would be a line of no length.
      path += isDrawing ? `L${px(x)} ${px(y(value))}` : `M${px(x - 0.7)} ${px(y(value))}h1.4`;
      isDrawing = true;
    }
  }
  return path;
}

const LABEL_HEIGHT = 11;

/** Names right of the lines' ends, pushed apart where the ends are close together. */
function endLabels(
  { series }: PlotInput,
  frame: Frame,
  y: (value: number) => number,
  { top, bottom }: { top: number; bottom: number },
): Markup {
  const wanted = series
    .map(({ name, look, values }) => ({
      name,
      look,
      y: y(values.findLast((value) => value !== null) ?? 0),
    }))
    .toSorted((a, b) => a.y - b.y);
  // Downwards so that none covers the one above, then upwards from the bottom for those pushed out.
  let lowest = top;
  for (const label of wanted) {
    label.y = Math.max(label.y, lowest);
    lowest = label.y + LABEL_HEIGHT;
  }
  let highest = bottom + 3;
  for (const label of wanted.toReversed()) {
    label.y = Math.min(label.y, highest);
    highest = label.y - LABEL_HEIGHT;
  }
  return markup`${wanted.map((label) => markup`<text class="end-label ${label.look}" x="${frame.right + 5}" y="${px(label.y + 4)}">${label.name}</text>`)}`;
}
