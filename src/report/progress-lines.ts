import { formatDurationMs } from "../base/duration.ts";
import type { ProgressEvent } from "./progress.ts";
import { printable, type TextStyle } from "./style.ts";
import type { ProgressView } from "./progress-view.ts";

/** "  21.1 s  ▼ n2 (leader) is cut off from n1, n3": one line per event. */
export function eventLine({ type, timeNs, text }: ProgressEvent, style: TextStyle): string {
  const moment = style.dim(`${(timeNs / 1e9).toFixed(1).padStart(6)} s`);
  const { glyph } = style;
  const said = printable(text);
  switch (type) {
    case "fault":
      return `${moment}  ${style.warn(`${glyph.fault} fault on `)}  ${said}`;
    case "healed":
      return `${moment}  ${style.good(`${glyph.healed} fault off`)}  ${said}`;
    case "leader":
      return `${moment}  ${glyph.leader} leader     ${said}`;
    case "exit":
      return `${moment}  ${style.bad(`${glyph.invalid} exit`)}       ${said}`;
    case "violation":
      return `${moment}  ${style.bad(style.bold(`${glyph.invalid} VIOLATION`))}  ${said}`;
    case "note":
      return `${moment}  ${glyph.note} note       ${said}`;
  }
}

/** How the run stands, in one line. */
export function progressLine(view: ProgressView, style: TextStyle): string {
  const separator = ` ${style.glyph.separator} `;
  const moment = style.dim(`${(view.elapsedMs / 1000).toFixed(1).padStart(6)} s`);
  const parts = [printable(view.phase), leaderText(view), operationsText(view), latencyText(view)];
  if (view.activeFaults.length > 0) parts.push(`${view.activeFaults.length} faults active`);
  return `${moment}  ${parts.join(separator)}`;
}

export function leaderText({ leader }: ProgressView): string {
  return leader === null ? "no leader" : `leader ${printable(leader.node)}, term ${leader.term}`;
}

export function operationsText({ ok, fail, info, rate }: ProgressView): string {
  return `ok ${ok}, fail ${fail}, info ${info}, ${rate.toFixed(0)}/s`;
}

export function latencyText({ p99Ms }: ProgressView): string {
  return p99Ms === null ? "no successful operation lately" : `p99 ${formatDurationMs(p99Ms)}`;
}
