import { markup, type Markup, verbatim } from "../page/markup.ts";
import { FAULT_LOOKS } from "./fault-lane.ts";

/** Six patterns that stay apart in greyscale, then those with a fixed meaning. */
const LINES = [
  "M-2 2L2 -2M0 8L8 0M6 10L10 6",
  "M-2 6L2 10M0 0L8 8M6 -2L10 2",
  "M0 4H8",
  "M4 0V8",
  "M0 8L8 0M0 0L8 8",
  "M3 4h2",
];

/** The fills that colour alone could not tell apart; referred to by all charts of a page. */
export function hatches(): Markup {
  const faults = LINES.slice(0, FAULT_LOOKS).map((path, look) => pattern(`fault-${look}`, path));
  return markup`<svg class="defs" width="0" height="0" aria-hidden="true"><defs>
    ${faults}
    ${pattern("conflict", "M-2 2L2 -2M0 8L8 0M6 10L10 6")}
    ${pattern("stale", "M-2 6L2 10M0 0L8 8M6 -2L10 2")}
    ${pattern("candidate", "M0 4H8M0 0H8")}
    ${pattern("paused", "M2 0V8M6 0V8")}
    ${pattern("info", "M-2 2L2 -2M0 8L8 0M6 10L10 6")}
    ${pattern("no-leader", "M-2 2L2 -2M0 8L8 0M6 10L10 6")}
  </defs></svg>`;
}

function pattern(name: string, path: string): Markup {
  return markup`<pattern id="hatch-${name}" width="8" height="8" patternUnits="userSpaceOnUse"><path class="hatch hatch-${name}" d="${verbatim(path)}"/></pattern>`;
}
