import { hatches } from "../chart/hatches.ts";
import { CHART_CSS, TOKENS } from "../page/css.ts";
import { markup, verbatim } from "../page/markup.ts";
import { DIAGRAM_CSS } from "./css.ts";
import type { Diagram } from "./diagram.ts";
import { drawDiagram, type DrawOptions } from "./draw-diagram.ts";
import { layOut } from "./layout.ts";

/** The diagram as a file that stands by itself: with its style, its patterns and a ground to stand on. */
export function diagramSvg(diagram: Diagram, options: DrawOptions): string {
  const { width, height } = layOut(diagram);
  return `${
    markup`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">
    <style>${verbatim(TOKENS + CHART_CSS + DIAGRAM_CSS)}</style>
    ${hatches()}
    <rect width="100%" height="100%" style="fill: var(--surface)"/>
    ${drawDiagram(diagram, options)}
  </svg>`.text
  }\n`;
}
