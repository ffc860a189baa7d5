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
  /** By the number of the finding; without a trace there are none. */
  readonly explanations?: ReadonlyMap<number, Explanation>;
  /** For the tables of operations and logs. */
  readonly records?: RunRecords;
  /** For the report of a simulated run; undefined: there is none. */
  readonly program?: PlaygroundProgram | undefined;
}

/**
 * One self-contained HTML page: no request, readable without JavaScript and without CSS. What comes from
 * nodes, users and histories is text everywhere.
 */
export function renderReport(input: ReportInput): string {
  const { results, timeline, describe, files, explanations = new Map(), records, program } = input;
  const { glyph, word } = verdictText(results);
  const endNs = Math.max(timeline.endNs, results.durationMs * 1e6);
  const findings = findingsOf(results);
  const packed = records && packRecords(records, timeline, endNs);
  const played = playgroundData(results);
  const playground = played && playgroundSection(played, program);
  const links = navigation({
    explain: explanations.size > 0,
    playground: playground !== undefined,
    operations: packed !== undefined,
    logs: packed !== undefined,
  });
  return page(
    `${glyph} ${word} – ${results.plan.workload.name}, seed ${results.plan.seed} – Raftwreck`,
    markup`${pageHeader(results, timeline)}
      ${links}
      <main id="main" class="wide">
        ${violationsSection({ results, timeline, describe, explanations })}
        ${checksSection(results.checks)}
        ${biteSection(timeline, { checks: results.checks, endNs })}
        ${timelineSection({ timeline, findings, endNs })}
        ${explainSection({ findings, explanations, timeline, describe })}
        ${playground?.section}
        ${effectsSection(results.checks)}
        ${performanceSection(timeline)}
        ${packed && exploreSections(packed)}
        ${reproduceSection(results)}
        ${environmentSection(results)}
        ${filesSection(files)}
      </main>
      ${cursorData(timeline, { endNs, findings })}`,
    playground?.needs,
  );
}

/** Sections that not every report has. */
type Sometimes = Readonly<Record<"explain" | "playground" | "operations" | "logs", boolean>>;

function navigation(has: Sometimes): Markup {
  const links = [
    ["broke", "What broke"],
    ["checks", "Checks"],
    ["bite", "Did it bite?"],
    ["timeline", "Timeline"],
    ["explain", "How it came to that"],
    ["playground", "Playground"],
    ["performance", "Performance"],
    ["operations", "Operations"],
    ["logs", "Logs"],
    ["reproduce", "Reproduce"],
    ["environment", "Environment"],
  ] as const;
  const shown = links.filter(([id]) => !Object.hasOwn(has, id) || has[id as keyof Sometimes]);
  return markup`<nav aria-label="Sections"><ul class="wide">${shown.map(([id, text]) => markup`<li><a href="#${id}">${text}</a></li>`)}</ul></nav>`;
}

/** Its names are its own: a playground beside it has others of the same name. */
const PAGE_SCRIPT = `(() => {${SCRIPT}${EXPLORE_SCRIPT}})();`;

/** The browser itself refuses every request, and every script but ours. */
function page(title: string, body: Markup, needs?: PageNeeds): string {
  const scripts = [hashOf(PAGE_SCRIPT), ...(needs?.scripts ?? [])]
    .map((hash) => `'${hash}'`)
    .join(" ");
  const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src ${scripts}; base-uri 'none'; form-action 'none'`;
  return htmlPage(
    { title, policy, css: EXPLAIN_CSS + EXPLORE_CSS + (needs?.css ?? "") },
    markup`<a class="skip" href="#main">Skip to what broke</a>
    ${hatches()}
    ${body}
    <script>${verbatim(PAGE_SCRIPT)}</script>
    ${needs?.elements}`,
  );
}
