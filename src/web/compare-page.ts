import { formatDurationMs } from "../base/duration.ts";
import { markup } from "../report/page/markup.ts";
import { htmlPage, NO_SCRIPT } from "../report/page/shell.ts";
import { type Column, table } from "../report/page/table.ts";
import type { CheckResult } from "../../checker/verdict.ts";
import type { RunResults } from "../store/results.ts";

interface Row {
  readonly what: string;
  readonly values: readonly [string, string];
}

/** Two runs side by side: what they were, what each check said, what was measured; differences are marked. */
export function renderComparePage(a: RunResults, b: RunResults): string {
  const columns: readonly Column<Row>[] = [
    { head: "", cell: ({ what }) => what },
    { head: a.id, cell: ({ values }) => values[0] },
    {
      head: b.id,
      cell: ({ values: [left, right] }) => (left === right ? right : markup`<b>${right}</b>`),
    },
    { head: "same?", cell: ({ values: [left, right] }) => (left === right ? "=" : "≠") },
  ];
  return htmlPage(
    { title: "Two runs compared – Raftwreck", policy: NO_SCRIPT },
    markup`<main class="wide"><section><h1>Two runs compared</h1>
    ${table("The runs", columns, plainRows(a, b))}
    ${table("What the checks said", columns, checkRows(a, b))}
  </section></main>`,
  );
}

function plainRows(a: RunResults, b: RunResults): Row[] {
  const row = (what: string, read: (run: RunResults) => string): Row => {
    return { what, values: [read(a), read(b)] };
  };
  return [
    row("verdict", ({ verdict }) => verdict),
    row("conclusion", ({ conclusion }) => conclusion),
    row("workload", ({ plan }) => plan.workload.name),
    row("environment", ({ plan }) => plan.environment),
    row("nodes", ({ plan }) => String(plan.nodeCount)),
    row("seed", ({ plan }) => plan.seed),
    row("mutant", ({ plan }) => plan.mutant ?? "–"),
    row(
      "faults",
      ({ plan }) => plan.nemesis.join(", ") || `${plan.schedule.faults.length} scheduled`,
    ),
    row("duration", ({ durationMs }) => formatDurationMs(durationMs)),
  ];
}

function checkRows(a: RunResults, b: RunResults): Row[] {
  const ids = [...new Set([...a.checks, ...b.checks].map(({ checker }) => checker))];
  return ids.map((id) => ({ what: id, values: [said(a, id), said(b, id)] }));
}

function said({ checks }: RunResults, id: string): string {
  const check: CheckResult | undefined = checks.find(({ checker }) => checker === id);
  return check === undefined ? "not asked" : `${check.verdict}: ${check.summary}`;
}
