import { createHash } from "node:crypto";
import type { RunResults } from "../store/results.ts";
import { hatches } from "./chart/hatches.ts";
import { EXPLAIN_CSS } from "./explain/css.ts";
import type { Explanation } from "./explain/explain-run.ts";
import { explainSection } from "./explain/section.ts";
import { EXPLORE_CSS } from "./explore/css.ts";
import { packRecords, type RunRecords } from "./explore/pack.ts";
import { EXPLORE_SCRIPT } from "./explore/script.ts";
import { exploreSections } from "./explore/sections.ts";
import { findingsOf } from "./findings.ts";
import { biteSection } from "./page/bite.ts";
import { checksSection } from "./page/checks.ts";
import { environmentSection, filesSection, reproduceSection } from "./page/closing.ts";
import { cursorData } from "./page/cursor-data.ts";
import { effectsSection } from "./page/effects.ts";
import { pageHeader } from "./page/header.ts";
import { markup, type Markup, verbatim } from "./page/markup.ts";
import { performanceSection } from "./page/performance.ts";
import { SCRIPT } from "./page/script.ts";
import { htmlPage } from "./page/shell.ts";
import { timelineSection } from "./page/timeline-section.ts";
import { violationsSection } from "./page/violations.ts";
import type { DescribeProperty } from "./property.ts";
import type { TimelineData } from "./timeline-data.ts";
import { verdictText } from "./verdict-text.ts";

export interface ReportInput {
  readonly results: RunResults;
  readonly timeline: TimelineData;
  readonly describe: DescribeProperty;
  /** Paths inside the run's folder to link to, such as "history.jsonl", "logs/n1.log". */
  readonly files: readonly string[];
  /** By the number of the finding; without a trace there are none. */
  readonly explanations?: ReadonlyMap<number, Explanation>;
  /** For the tables of operations and logs. */
  readonly records?: RunRecords;
}

/**
 * One self-contained HTML page: no request, readable without JavaScript and without CSS. What comes from
 * nodes, users and histories is text everywhere.
 */
export function renderReport(input: ReportInput): string {
  const { results, timeline, describe, files, explanations = new Map(), records } = input;
  const { glyph, word } = verdictText(results);
  const endNs = Math.max(timeline.endNs, results.durationMs * 1e6);
  const findings = findingsOf(results);
  const packed = records && packRecords(records, timeline, endNs);
  return page(
    `${glyph} ${word} – ${results.plan.workload.name}, seed ${results.plan.seed} – Raftwreck`,
    markup`${pageHeader(results, timeline)}
      ${navigation({ isExplained: explanations.size > 0, hasRecords: records !== undefined })}
      <main id="main" class="wide">
        ${violationsSection({ results, timeline, describe, explanations })}
        ${checksSection(results.checks)}
        ${biteSection(timeline, { checks: results.checks, endNs })}
        ${timelineSection({ timeline, findings, endNs })}
        ${explainSection({ findings, explanations, timeline, describe })}
        ${effectsSection(results.checks)}
        ${performanceSection(timeline)}
        ${packed && exploreSections(packed)}
        ${reproduceSection(results)}
        ${environmentSection(results)}
        ${filesSection(files)}
      </main>
      ${cursorData(timeline, { endNs, findings })}`,
  );
}

function navigation({
  isExplained,
  hasRecords,
}: {
  readonly isExplained: boolean;
  readonly hasRecords: boolean;
}): Markup {
  const links = [
    ["broke", "What broke"],
    ["checks", "Checks"],
    ["bite", "Did it bite?"],
    ["timeline", "Timeline"],
    ...(isExplained ? [["explain", "How it came to that"] as const] : []),
    ["performance", "Performance"],
    ...(hasRecords
      ? ([
          ["operations", "Operations"],
          ["logs", "Logs"],
        ] as const)
      : []),
    ["reproduce", "Reproduce"],
    ["environment", "Environment"],
  ] as const;
  return markup`<nav aria-label="Sections"><ul class="wide">${links.map(([id, text]) => markup`<li><a href="#${id}">${text}</a></li>`)}</ul></nav>`;
}

/** The browser itself refuses every request, and every script but ours. */
function page(title: string, body: Markup): string {
  const script = SCRIPT + EXPLORE_SCRIPT;
  const scriptHash = createHash("sha256").update(script).digest("base64");
  const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${scriptHash}'; base-uri 'none'; form-action 'none'`;
  return htmlPage(
    { title, policy, css: EXPLAIN_CSS + EXPLORE_CSS },
    markup`<a class="skip" href="#main">Skip to what broke</a>
    ${hatches()}
    ${body}
    <script>${verbatim(script)}</script>`,
  );
}
