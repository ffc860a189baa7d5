import type { Verdict } from "../../checker/verdict.ts";
import { formatDurationMs } from "../base/duration.ts";
import type { RunEntry, UnfinishedRun } from "../store/runs.ts";
import { markup, type Markup } from "./page/markup.ts";
import { htmlPage, NO_SCRIPT } from "./page/shell.ts";
import { type Column, table } from "./page/table.ts";

/** What a list that a server makes is narrowed to; empty texts: all. */
export interface RunFilter {
  readonly verdict: string;
  /** Any part of id, workload, environment, seed, mutant, kinds of fault or violated properties. */
  readonly text: string;
}

/** `results/index.html`: all runs, newest first; no script, no request. With a filter where a server asks. */
export function renderIndexPage(
  runs: readonly RunEntry[],
  unfinished: readonly UnfinishedRun[],
  filter?: RunFilter,
): string {
  const columns = filter === undefined ? COLUMNS : [...COLUMNS, PLAYGROUND];
  return htmlPage(
    { title: "Runs – Raftwreck", policy: NO_SCRIPT },
    markup`<main class="wide">
    <section><h1>Runs</h1>
      ${filter !== undefined && filterForm(filter, runs)}
      ${trend(runs)}
      <p>${`${counted(runs, "invalid")} with a violation, ${counted(runs, "unknown")} unknown, ${counted(runs, "valid")} passed.`}</p>
      ${runs.length > 0 && table("Finished runs, the newest first", columns, runs)}
    </section>
    ${unfinished.length > 0 && unfinishedList(unfinished)}
  </main>`,
  );
}

const VERDICTS: Readonly<Record<Verdict, { readonly look: string; readonly text: string }>> = {
  valid: { look: "good", text: "✓ pass" },
  unknown: { look: "warn", text: "? unknown" },
  invalid: { look: "fail", text: "✕ violation" },
};

const COLUMNS: readonly Column<RunEntry>[] = [
  {
    head: "run",
    cell: ({ id, startedAt }) =>
      markup`<a href="./${encodeURIComponent(id)}/report.html">${startedAt.slice(0, 19).replace("T", " ")}</a>`,
  },
  { head: "verdict", cell: (run) => verdictCell(run) },
  { head: "what broke", cell: ({ violated }) => violated.join(", ") || "–" },
  { head: "workload", cell: ({ workload }) => workload },
  { head: "nemesis", cell: ({ nemesis }) => nemesis.join(", ") || "none" },
  {
    head: "environment",
    cell: ({ environment, nodeCount }) => `${environment}, ${nodeCount} nodes`,
  },
  { head: "duration", cell: ({ durationMs }) => formatDurationMs(durationMs), isNumber: true },
  { head: "seed", cell: ({ seed }) => markup`<code>${seed}</code>` },
  { head: "mutant", cell: ({ mutant }) => mutant ?? "–" },
];

/** Only where there is a server for it. */
const PLAYGROUND: Column<RunEntry> = {
  head: "playground",
  cell: ({ id, environment }) =>
    environment === "sim"
      ? markup`<a href="/playground?run=${encodeURIComponent(id)}">play</a>`
      : "–",
};

function verdictCell({ verdict, exitCode }: RunEntry): Markup {
  // A version to come may know more verdicts than this one.
  const { look, text } = VERDICTS[verdict] ?? { look: "warn", text: verdict };
  const asExpected = verdict === "invalid" && exitCode === 0 ? " (as expected)" : "";
  return markup`<span class="${look} verdict">${text}${asExpected}</span>`;
}

function filterForm({ verdict, text }: RunFilter, runs: readonly RunEntry[]): Markup {
  const options = ["", "valid", "unknown", "invalid"].map(
    (value) =>
      markup`<option value="${value}"${value === verdict && markup` selected`}>${value || "any verdict"}</option>`,
  );
  return markup`<form method="get" action="/" role="search">
    <label>Verdict <select name="verdict">${options}</select></label>
    <label>Contains <input name="text" value="${text}"></label>
    <button type="submit">Show</button> <a href="/cluster">Watch a cluster</a></form>
    <form method="get" action="/compare"><label>Compare <input name="a" size="40" list="runs" placeholder="a run's folder"></label>
    <label>with <input name="b" size="40" list="runs" placeholder="another"></label> <button type="submit">Compare</button>
    <datalist id="runs">${runs.map(({ id }) => markup`<option value="${id}"></option>`)}</datalist></form>`;
}

const TREND_COUNT = 120;

/** One mark for each of the last runs, the oldest first: its height by verdict, so that it needs no colour. */
function trend(runs: readonly RunEntry[]): Markup | false {
  if (runs.length < 2) return false;
  const last = runs.slice(0, TREND_COUNT).toReversed();
  const heights: Readonly<Record<Verdict, number>> = { valid: 6, unknown: 14, invalid: 22 };
  const marks = last.map(({ verdict, id }, i) => {
    const height = heights[verdict] ?? 14;
    return markup`<rect class="trend-${verdict}" x="${i * 8}" y="${24 - height}" width="6" height="${height}"><title>${id}</title></rect>`;
  });
  const text = `the last ${last.length} runs, oldest first: low is a pass, half high unknown, high a violation`;
  return markup`<svg class="trend" role="img" aria-label="${text}" width="${last.length * 8}" height="24">${marks}</svg>`;
}

function unfinishedList(unfinished: readonly UnfinishedRun[]): Markup {
  return markup`<section><h2>Running, or not finished</h2>
    <p>If nothing is running any more, <code>raftwreck check</code> judges what these recorded.</p>
    <ul class="reasons">${unfinished.map(({ id }) => markup`<li><a href="./${encodeURIComponent(id)}/">${id}</a></li>`)}</ul>
  </section>`;
}

function counted(runs: readonly RunEntry[], verdict: Verdict): number {
  return runs.filter((run) => run.verdict === verdict).length;
}
