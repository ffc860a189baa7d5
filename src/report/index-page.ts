import type { Verdict } from "../../checker/verdict.ts";
import { formatDurationMs } from "../base/duration.ts";
import type { RunEntry, UnfinishedRun } from "../store/runs.ts";
import { CSS } from "./page/css.ts";
import { markup, type Markup, verbatim } from "./page/markup.ts";
import { type Column, table } from "./page/table.ts";

/** `results/index.html`: all runs, newest first; no script, no request. */
export function renderIndexPage(
  runs: readonly RunEntry[],
  unfinished: readonly UnfinishedRun[],
): string {
  return `<!doctype html>\n${
    markup`<html lang="en"><head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Runs – Raftwreck</title>
    <style>${verbatim(CSS)}</style>
  </head><body><main class="wide">
    <section><h1>Runs</h1>
      <p>${`${counted(runs, "invalid")} with a violation, ${counted(runs, "unknown")} unknown, ${counted(runs, "valid")} passed.`}</p>
      ${runs.length > 0 && table("Finished runs, the newest first", COLUMNS, runs)}
    </section>
    ${unfinished.length > 0 && unfinishedList(unfinished)}
  </main></body></html>`.text
  }\n`;
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

function verdictCell({ verdict, exitCode }: RunEntry): Markup {
  // A version to come may know more verdicts than this one.
  const { look, text } = VERDICTS[verdict] ?? { look: "warn", text: verdict };
  const asExpected = verdict === "invalid" && exitCode === 0 ? " (as expected)" : "";
  return markup`<span class="${look} verdict">${text}${asExpected}</span>`;
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
