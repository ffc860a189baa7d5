import type { Markup } from "../page/markup.ts";
import type { Frame } from "./frame.ts";

/** One horizontal part of the timeline. Lanes are stacked; `draw` is told where its top is. */
export interface Lane {
  readonly height: number;
  draw(frame: Frame, top: number): Markup;
}
