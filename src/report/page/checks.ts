import type { CheckResult, Verdict } from "../../../checker/verdict.ts";
import { markup, type Markup } from "./markup.ts";
import { table } from "./table.ts";

const VERDICTS: Readonly<Record<Verdict, { readonly glyph: string; readonly look: string }>> = {
  valid: { glyph: "✓", look: "good" },
  invalid: { glyph: "✕", look: "fail" },
  unknown: { glyph: "?", look: "warn" },
};

/** Every checker with what it says; those that need attention first. */
export function checksSection(checks: readonly CheckResult[]): Markup {
  const order: readonly Verdict[] = ["invalid", "unknown", "valid"];
  const sorted = checks.toSorted((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict));
  return markup`<section id="checks"><h2>Checks</h2>${table(
    "What was checked",
    [
      { head: "check", cell: ({ checker }) => checker },
      { head: "verdict", cell: ({ verdict }) => verdictCell(verdict) },
      { head: "what was looked at", cell: ({ summary }) => summary },
    ],
    sorted,
  )}</section>`;
}

function verdictCell(verdict: Verdict): Markup {
  const { glyph, look } = VERDICTS[verdict];
  return markup`<span class="${look} verdict"><span aria-hidden="true">${glyph}</span> ${verdict}</span>`;
}
