import { formatMomentNs } from "../../base/duration.ts";
import { faultTitle } from "../chart/fault-lane.ts";
import { timelineChart } from "../chart/timeline-chart.ts";
import type { Finding } from "../findings.ts";
import { conflictingTerms } from "../leadership.ts";
import type { TimelineData } from "../timeline-data.ts";
import { markup, type Markup } from "./markup.ts";
import { table } from "./table.ts";

export interface TimelineInput {
  readonly timeline: TimelineData;
  readonly findings: readonly Finding[];
  readonly endNs: number;
}

const ROWS_MAX = 200;

/** The whole run on one time axis, a legend, and the same as tables for those who cannot see it. */
export function timelineSection({ timeline, findings, endNs }: TimelineInput): Markup {
  return markup`<section id="timeline"><h2>Timeline</h2>
    <div class="scroll chart-box" tabindex="0" role="region" aria-label="Timeline">${timelineChart({ timeline, findings, endNs, title: "Timeline of the run", description: describe(timeline, findings) })}</div>
    <p id="cursor-text" class="cursor-text" aria-live="polite"></p>
    <ul id="cluster-at" class="cluster-at" aria-label="The cluster at the cursor" hidden></ul>
    ${legend(timeline)}
    ${timeline.omittedIntervals > 0 && markup`<p class="warn">${timeline.omittedIntervals} role changes and snapshots are not shown: there were too many of them. All are in <code>trace.jsonl</code>.</p>`}
    ${timeline.omittedClients > 0 && markup`<p class="dim small">${timeline.clients.length} of ${timeline.clients.length + timeline.omittedClients} clients have a lane. All operations are in the table below.</p>`}
    ${timeline.crashes.length > 0 && markup`<h3>Crashes told by the nodes</h3><ul class="reasons">${timeline.crashes.map(({ timeNs, node, text }) => markup`<li>${formatMomentNs(timeNs)} <strong>${node}</strong> <code>${text}</code></li>`)}</ul>`}
    <details><summary>The timeline as tables</summary>${faultTable(timeline)}${leaderTable(timeline)}</details>
  </section>`;
}

function describe(
  { faults, leaders, leaderChanges }: TimelineData,
  findings: readonly Finding[],
): string {
  const conflicts = conflictingTerms(leaders).size;
  return (
    `${faults.length} faults, ${leaderChanges} elections won, ${findings.length} violations` +
    (conflicts > 0 ? `, ${conflicts} terms with two leaders` : "") +
    ". The same facts follow as tables."
  );
}

/** What the legend draws as a line, and how; all else is a box. */
const LINES: Readonly<Record<string, string>> = {
  commit: "M1 14L9 9H15L25 3",
  snapshot: "M8 5h10l-5 8z",
  "snapshot installed": "M8 5h10l-5 8z",
};

function legend({ nodes, leaders, clients }: TimelineData): Markup | false {
  if (nodes.length === 0) return false;
  const isSnapshot = (isInstalled: boolean): boolean =>
    nodes.some(({ snapshots }) => snapshots.some((one) => one.isInstalled === isInstalled));
  const swatch = (look: string, text: string): Markup =>
    markup`<li><svg width="26" height="16" viewBox="0 0 26 16" aria-hidden="true">${LINES[look] ? markup`<path class="${look}" d="${LINES[look]}"/>` : markup`<g class="${look}"><rect class="body ${look}" x="1" y="1" width="24" height="14"/></g>`}</svg> ${text}</li>`;
  return markup`<ul class="legend">
    ${swatch("role-leader", "leader (L)")}
    ${swatch("role-candidate", "candidate")}
    ${swatch("role-follower", "follower")}
    ${swatch("role-down", "down (✕)")}
    ${swatch("paused", "paused (‖)")}
    ${swatch("commit", "commit index")}
    ${isSnapshot(false) && swatch("snapshot", "snapshot taken")}
    ${isSnapshot(true) && swatch("snapshot installed", "snapshot installed")}
    ${swatch("no-leader", "no leader")}
    ${clients.length > 0 && swatch("client-ok", "a client's operations: ok (a line)")}
    ${clients.length > 0 && swatch("client-fail", "failed (low)")}
    ${clients.length > 0 && swatch("client-info", "unknown (high)")}
    ${swatch("lead stale", "leader of an older term: allowed")}
    ${conflictingTerms(leaders).size > 0 && swatch("lead conflict", "two leaders in one term (✕)")}
  </ul>`;
}

function faultTable({ faults }: TimelineData): Markup {
  const shown = faults.slice(0, ROWS_MAX);
  return markup`${table(
    "Faults",
    [
      { head: "kind", cell: ({ kind }) => kind },
      { head: "what", cell: (fault) => faultTitle(fault) },
    ],
    shown,
  )}${cut(faults.length - shown.length)}`;
}

function leaderTable({ leaders }: TimelineData): Markup {
  const conflicts = conflictingTerms(leaders);
  const shown = leaders.slice(0, ROWS_MAX);
  return markup`${table(
    "Leaders",
    [
      { head: "node", cell: ({ node }) => node },
      { head: "term", cell: ({ term }) => term, isNumber: true },
      { head: "from", cell: ({ fromNs }) => formatMomentNs(fromNs), isNumber: true },
      {
        head: "to",
        cell: ({ toNs }) => (toNs === null ? "end" : formatMomentNs(toNs)),
        isNumber: true,
      },
      { head: "votes of", cell: ({ votes }) => votes.join(", ") },
      {
        head: "conflict",
        cell: ({ term }) => (conflicts.has(term) ? "✕ two leaders in this term" : ""),
      },
    ],
    shown,
  )}${cut(leaders.length - shown.length)}`;
}

function cut(left: number): Markup | false {
  return left > 0 && markup`<p>${left} more are not listed here.</p>`;
}
