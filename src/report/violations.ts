import { join } from "node:path";
import { formatMomentNs } from "../base/duration.ts";
import type { RunResults } from "../store/results.ts";
import { writeWholeFile } from "../store/write-file.ts";
import { diagramSvg } from "./explain/diagram-svg.ts";
import type { Explanation } from "./explain/explain-run.ts";
import { orderText } from "./explain/linearization-view.ts";
import type { LogDiff } from "./explain/log-diff.ts";
import { cellText } from "./explain/log-diff-table.ts";
import { activeFaults, type Finding, findingFolder, findingsOf, lastHealed } from "./findings.ts";
import { type DescribeProperty, propertyText } from "./property.ts";
import { fence, markdownText } from "./summary.ts";
import type { TimelineData } from "./timeline-data.ts";

export interface ViolationsInput {
  readonly results: RunResults;
  readonly timeline: TimelineData;
  readonly describe: DescribeProperty;
  /** By the number of the finding. */
  readonly explanations: ReadonlyMap<number, Explanation>;
}

/** Beyond these a violation is in `results.json` only. */
const FOLDERS_MAX = 20;

/** `violations/01-election-safety/{explain.md,minimal.jsonl,diagram.svg}`, one folder per violation. */
export function writeViolations(dir: string, input: ViolationsInput): void {
  for (const finding of findingsOf(input.results).slice(0, FOLDERS_MAX)) {
    const folder = join(dir, "violations", findingFolder(finding));
    writeWholeFile(join(folder, "explain.md"), renderExplanation(finding, input));
    writeWholeFile(join(folder, "minimal.jsonl"), minimalRecords(finding));
    const diagram = diagramFile(finding, input);
    if (diagram !== undefined) writeWholeFile(join(folder, "diagram.svg"), diagram);
  }
}

/** One violation by itself, to be pasted into an issue. */
export function renderExplanation(finding: Finding, input: ViolationsInput): string {
  const { anomaly, number } = finding;
  const { title, rule, explanation } = propertyText(input.describe, anomaly.property);
  const times = anomaly.count > 1 ? `\n\nSeen ${anomaly.count} times; this is the first.` : "";
  const lines = [
    `# ${markdownText(title)}`,
    "",
    `**${markdownText(anomaly.sentence)}**${times}`,
    "",
    ...(rule === "" ? [] : [`Rule: ${markdownText(rule)}`, ""]),
    ...faultLines(anomaly, input.timeline),
    "",
    "| time | who | what |",
    "| ---: | --- | --- |",
    ...anomaly.evidence.map(
      ({ timeNs, who, text }) =>
        `| ${formatMomentNs(timeNs)} | ${markdownText(who)} | ${markdownText(text)} |`,
    ),
    "",
    ...(anomaly.linearization
      ? [`No order explains the answers: ${markdownText(orderText(anomaly))}`, ""]
      : []),
    ...explainedLines(input.explanations.get(number)),
    ...(explanation === "" ? [] : [markdownText(explanation), ""]),
    "Run it again:",
    "",
    fence(`${input.results.reproduce.command}\n${input.results.reproduce.recheck}`),
    "",
  ];
  return lines.join("\n");
}

/** The story, and the logs where they part. */
function explainedLines(explained: Explanation | undefined): string[] {
  if (!explained) return [];
  const { captions, logDiff } = explained;
  return [
    ...(captions.length === 0 ? [] : ["How it came to that:", ""]),
    ...captions.map(({ timeNs, text }) => `- ${formatMomentNs(timeNs)} ${markdownText(text)}`),
    "",
    ...(logDiff ? logLines(logDiff) : []),
  ];
}

function logLines({ index, nodes, rows }: LogDiff): string[] {
  const cells = (texts: readonly string[]): string => `| ${texts.join(" | ")} |`;
  return [
    `The logs around index ${index} (equal letters are equal entries, ✓ committed there):`,
    "",
    cells(["index", ...nodes.map(({ node }) => markdownText(node))]),
    cells(["---:", ...nodes.map(() => "---")]),
    ...rows.map((row) =>
      cells([row.isEqual ? String(row.index) : `≠ ${row.index}`, ...row.cells.map(cellText)]),
    ),
    "",
  ];
}

function faultLines(anomaly: Finding["anomaly"], { faults }: TimelineData): string[] {
  const active = activeFaults(anomaly, faults);
  if (active.length > 0)
    return ["Active faults:", "", ...active.map((fault) => `- ${markdownText(fault.sentence)}`)];
  const healed = lastHealed(anomaly, faults);
  if (!healed) return ["No fault was active, and none had been."];
  const sentence = markdownText(healed.sentence);
  return [`No fault was active; the last one ended at ${formatMomentNs(healed.toNs)}: ${sentence}`];
}

/** The diagram as a file of its own, or undefined where there is none. */
function diagramFile({ anomaly, number }: Finding, input: ViolationsInput): string | undefined {
  const diagram = input.explanations.get(number)?.diagram;
  if (!diagram || diagram.events.length === 0) return undefined;
  const faultKinds = input.timeline.faultKinds.map(({ kind }) => kind);
  const title = `What led to what before: ${anomaly.sentence}`;
  return diagramSvg(diagram, { id: "happened", title, faultKinds });
}

/** The evidence as recorded: lines of the history and of the trace, after a header. */
export function minimalRecords({ anomaly }: Finding): string {
  const header = { format: "raftwreck-evidence", version: 1, property: anomaly.property };
  const records = anomaly.evidence.flatMap(({ record }) => (record === undefined ? [] : [record]));
  return [header, ...records].map((record) => `${JSON.stringify(record)}\n`).join("");
}
