import type { RunResults } from "../store/results.ts";
import type { DescribeProperty } from "./property.ts";
import { propertyText } from "./property.ts";
import { findingsOf } from "./findings.ts";
import type { TimelineData } from "./timeline-data.ts";
import { biteSentence, exitMeaning, runFacts, verdictText } from "./verdict-text.ts";

export interface SummaryInput {
  readonly results: RunResults;
  readonly timeline: TimelineData;
  readonly describe: DescribeProperty;
  /** Where the report is, as the reader can open it. */
  readonly reportPath: string;
}

/** What is said at the end of a run, in the terminal as in `summary.md`. */
export interface Summary {
  readonly verdict: ReturnType<typeof verdictText>;
  readonly facts: readonly string[];
  readonly conclusion: string;
  readonly violations: readonly {
    readonly title: string;
    readonly sentence: string;
    readonly count: number;
  }[];
  /** Violations beyond the first ten: they are in the report. */
  readonly moreViolations: number;
  /** Checks that said unknown, and why. */
  readonly unknown: readonly { readonly checker: string; readonly summary: string }[];
  readonly validChecks: number;
  readonly bite: string;
  readonly reportPath: string;
  readonly command: string;
  readonly recheck: string;
  readonly exit: string;
}

const VIOLATIONS_MAX = 10;

export function summaryOf({ results, timeline, describe, reportPath }: SummaryInput): Summary {
  const findings = findingsOf(results);
  return {
    verdict: verdictText(results),
    facts: runFacts(results, timeline),
    conclusion: results.conclusion,
    violations: findings.slice(0, VIOLATIONS_MAX).map(({ anomaly }) => ({
      title: propertyText(describe, anomaly.property).title,
      sentence: anomaly.sentence,
      count: anomaly.count,
    })),
    moreViolations: Math.max(0, findings.length - VIOLATIONS_MAX),
    unknown: results.checks.filter((check) => check.verdict === "unknown"),
    validChecks: results.checks.filter((check) => check.verdict === "valid").length,
    bite: biteSentence(timeline, results),
    reportPath,
    command: results.reproduce.command,
    recheck: results.reproduce.recheck,
    exit: exitMeaning(results),
  };
}

/** `summary.md`: for a job summary, a merge request's comment or a person with `cat`. */
export function renderSummary(summary: Summary): string {
  const { glyph, word, badge } = summary.verdict;
  const lines = [
    `## ${glyph} ${word}${badge === "" ? "" : ` (${badge})`}`,
    "",
    summary.facts.map(markdownText).join(" · "),
    "",
    markdownText(summary.conclusion),
    "",
    ...violationLines(summary),
    ...summary.unknown.map(
      (check) => `- **? ${markdownText(check.checker)}**: ${markdownText(check.summary)}`,
    ),
    ...(summary.unknown.length > 0 ? [""] : []),
    `**Did the chaos bite?** ${markdownText(summary.bite)}`,
    "",
    `**Report:** \`${codeText(summary.reportPath)}\``,
    "",
    "**Run it again:**",
    "",
    fence(`${summary.command}\n${summary.recheck}`),
    "",
    `_${markdownText(summary.exit)}_`,
    "",
  ];
  return lines.join("\n");
}

function violationLines({ violations, moreViolations }: Summary): string[] {
  if (violations.length === 0) return [];
  const lines = violations.map(({ title, sentence, count }) => {
    const times = count > 1 ? ` (seen ${count} times)` : "";
    return `- **✕ ${markdownText(title)}**: ${markdownText(sentence)}${times}`;
  });
  if (moreViolations > 0) lines.push(`- and ${moreViolations} more, in the report`);
  return [...lines, ""];
}

/** Text as text: no markup, no HTML, no mention of a user, one line. */
export function markdownText(text: string): string {
  return oneLine(text)
    .replace(/[\\`*_[\]<>|~#]/g, (character) => `\\${character}`)
    .replaceAll("&", "&amp;")
    .replaceAll("@", "&#64;");
}

function codeText(text: string): string {
  return oneLine(text).replaceAll("`", "'");
}

/** A fence longer than any run of backticks inside. */
export function fence(text: string, language = "sh"): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const marks = "`".repeat(longest + 1);
  return `${marks}${language}\n${text}\n${marks}`;
}

function oneLine(text: string): string {
  // oxlint-disable-next-line no-control-regex -- they are what is replaced
  return text.replace(/[\u0000-\u001f\u007f]+/g, " ");
}
