import { markup, type Markup, px } from "../page/markup.ts";
import { type Frame, tickText, timeTicksNs } from "./frame.ts";
import type { Lane } from "./lane.ts";

/** Labels of the time axis. */
export function axisLane(): Lane {
  return {
    height: 18,
    draw: (frame, top) =>
      markup`${timeTicksNs(frame.endNs).map((tick) => markup`<text class="tick" x="${px(frame.x(tick))}" y="${px(top + 13)}" text-anchor="middle">${tickText(tick, frame.endNs)}</text>`)}`,
  };
}

/** Hairlines at the same moments, behind everything else. */
export function gridLines(frame: Frame, top: number, bottom: number): Markup {
  const path = timeTicksNs(frame.endNs)
    .map((tick) => `M${px(frame.x(tick))} ${px(top)}V${px(bottom)}`)
    .join("");
  return markup`<path class="grid" d="${path}"/>`;
}
