import type { RunResults } from "../store/results.ts";
import { hatches } from "./chart/hatches.ts";
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
import { hashOf } from "./page/script-hash.ts";
import { htmlPage } from "./page/shell.ts";
import { timelineSection } from "./page/timeline-section.ts";
import { violationsSection } from "./page/violations.ts";
import { playgroundData } from "./playground/data.ts";
import type { PlaygroundProgram } from "./playground/program.ts";
import { type PageNeeds, playgroundSection } from "./playground/section.ts";
import type { DescribeProperty } from "./property.ts";
import type { TimelineData } from "./timeline-data.ts";
import { verdictText } from "./verdict-text.ts";

export interface ReportInput {
  readonly results: RunResults;
  readonly timeline: TimelineData;
  readonly describe: DescribeProperty;
  /** Paths inside the run's folder to link to, such as "history.jsonl", "logs/n1.log". */
  readonly files: readonly string[];
  /** For the report of a simulated run; undefined: there is none. */
  readonly program?: PlaygroundProgram | undefined;
}

/**
 * One self-contained HTML page: no request, readable without JavaScript and without CSS. What comes from
 * nodes, users and histories is text everywhere.
 */
export function renderReport(input: ReportInput): string {
  const { results, timeline, describe, files, program } = input;
  const { glyph, word } = verdictText(results);
  const endNs = Math.max(timeline.endNs, results.durationMs * 1e6);
  const findings = findingsOf(results);
  const played = playgroundData(results);
  const playground = played && playgroundSection(played, program);
  return page(
    `${glyph} ${word} – ${results.plan.workload.name}, seed ${results.plan.seed} – Raftwreck`,
    markup`${pageHeader(results, timeline)}
      ${navigation(playground !== undefined)}
      <main id="main" class="wide">
        ${violationsSection({ results, timeline, describe })}
        ${checksSection(results.checks)}
        ${biteSection(timeline, { checks: results.checks, endNs })}
        ${timelineSection({ timeline, findings, endNs })}
        ${playground?.section}
        ${effectsSection(results.checks)}
        ${performanceSection(timeline)}
        ${reproduceSection(results)}
        ${environmentSection(results)}
        ${filesSection(files)}
      </main>
      ${cursorData(timeline, endNs)}`,
    playground?.needs,
  );
}

function navigation(hasPlayground: boolean): Markup {
  const links = [
    ["broke", "What broke"],
    ["checks", "Checks"],
    ["bite", "Did it bite?"],
    ["timeline", "Timeline"],
    ...(hasPlayground ? [["playground", "Playground"] as const] : []),
    ["performance", "Performance"],
    ["reproduce", "Reproduce"],
    ["environment", "Environment"],
  ] as const;
  return markup`<nav aria-label="Sections"><ul class="wide">${links.map(([id, text]) => markup`<li><a href="#${id}">${text}</a></li>`)}</ul></nav>`;
}

/** The browser itself refuses every request, and every script but ours. */
function page(title: string, body: Markup, needs?: PageNeeds): string {
  const scripts = [hashOf(SCRIPT), ...(needs?.scripts ?? [])].map((hash) => `'${hash}'`).join(" ");
  const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src ${scripts}; base-uri 'none'; form-action 'none'`;
  return htmlPage(
    { title, policy, css: needs?.css ?? "" },
    markup`<a class="skip" href="#main">Skip to what broke</a>
    ${hatches()}
    ${body}
    <script>${verbatim(SCRIPT)}</script>
    ${needs?.elements}`,
  );
}
