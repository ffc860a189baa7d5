import { formatDurationMs } from "../base/duration.ts";
import { latencyText, leaderText, operationsText } from "./progress-lines.ts";
import { printable, type TextStyle } from "./style.ts";
import type { ProgressView } from "./progress-view.ts";

/** The display of a running test: at most six lines, each no wider than the terminal. */
export function liveBlock(
  view: ProgressView,
  { style, columns }: { readonly style: TextStyle; readonly columns: number },
): string[] {
  const width = Math.max(20, columns - 1);
  const cut = (text: string): string => shorten(text, width);
  return [
    timeBar(view, style, width),
    cut(`  ${leaderText(view)}`),
    cut(`  ${operationsText(view)} ${style.glyph.separator} ${latencyText(view)}`),
    paintFaults(view, style, cut),
    cut(`  next    ${nextText(view)}`),
    checkerLights(view, style, width),
  ];
}

function timeBar(
  { phase, elapsedMs, durationMs }: ProgressView,
  style: TextStyle,
  width: number,
): string {
  const share = durationMs > 0 ? Math.min(1, elapsedMs / durationMs) : 1;
  const cells = Math.max(8, Math.min(30, width - 44));
  const full = Math.round(share * cells);
  const bar = style.glyph.bar.repeat(full) + style.glyph.gap.repeat(cells - full);
  const time = `${(elapsedMs / 1000).toFixed(1)} of ${formatDurationMs(durationMs)}`;
  const rest = shorten(`${time} ${style.glyph.separator} ${printable(phase)}`, width - cells - 3);
  return `  ${style.good(bar)} ${rest}`;
}

function paintFaults(view: ProgressView, style: TextStyle, cut: (text: string) => string): string {
  if (view.activeFaults.length === 0) return style.dim(cut("  faults  none active"));
  const text = view.activeFaults.map(printable).join("; ");
  return style.warn(cut(`  faults  ${view.activeFaults.length} active: ${text}`));
}

function nextText({ nextFault }: ProgressView): string {
  if (nextFault === null) return "nothing more planned";
  return `in ${formatDurationMs(nextFault.inMs)}: ${printable(nextFault.text)}`;
}

/** As many lights as fit; those that found something come first. */
function checkerLights({ checkers }: ProgressView, style: TextStyle, width: number): string {
  const sorted = checkers.toSorted((a, b) => b.found - a.found);
  let line = "  ";
  let length = 2;
  for (const { id, found } of sorted) {
    const text =
      found === 0 ? `${style.glyph.pending} ${id}` : `${style.glyph.invalid} ${id} (${found})`;
    if (length + text.length + 2 > width) break;
    line += `${found === 0 ? style.dim(text) : style.bad(text)}  `;
    length += text.length + 2;
  }
  return line.trimEnd();
}

function shorten(text: string, width: number): string {
  const characters = Array.from(text);
  return characters.length <= width
    ? text
    : `${characters.slice(0, Math.max(0, width - 3)).join("")}...`;
}
