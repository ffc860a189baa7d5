import type { JudgedHistory } from "../../checker/objects/judge-history.ts";
import { formatMomentNs } from "../base/duration.ts";
import { printable, type TextStyle } from "./style.ts";

/** Evidence beyond this is counted, not told. */
const EVIDENCE_MAX = 20;
const ANOMALIES_MAX = 5;

/** A history that was judged, where it lay, and how it was written. */
export interface HistoryVerdict extends JudgedHistory {
  readonly file: string;
  readonly format: string;
  readonly exitCode: number;
}

/** For machines. Version 1. */
export function historyVerdictJson({ object, result, ...checked }: HistoryVerdict): unknown {
  const { verdict, summary, anomalies, measures } = result;
  return {
    format: "raftwreck-check",
    version: 1,
    file: checked.file,
    fileFormat: checked.format,
    model: object.name,
    isKeyed: checked.isKeyed,
    operations: checked.operations,
    succeeded: checked.succeeded,
    verdict,
    exitCode: checked.exitCode,
    summary,
    anomalies,
    measures,
  };
}

/** For people. */
export function renderHistoryVerdict(
  { file, format, object, isKeyed, isTimed, operations, result }: HistoryVerdict,
  style: TextStyle,
): string {
  const { glyph } = style;
  const { paint, word, mark } = {
    valid: { paint: style.good, word: "VALID", mark: glyph.valid },
    invalid: { paint: style.bad, word: "INVALID", mark: glyph.invalid },
    unknown: { paint: style.warn, word: "UNKNOWN", mark: glyph.unknown },
  }[result.verdict];
  const facts = [
    paint(style.bold(`${mark} ${word}`)),
    `${object.name}${isKeyed ? ", each key by itself" : ""}`,
    `${operations} operation${operations === 1 ? "" : "s"}`,
    printable(`${file} (${format})`),
  ];
  const told = result.anomalies.slice(0, ANOMALIES_MAX);
  const more = result.anomalies.length - told.length;
  return [
    "",
    facts.join(` ${glyph.separator} `),
    ...(told.length === 0 ? [`  ${printable(result.summary)}`] : []),
    ...told.flatMap((anomaly, at) => [...(at > 0 ? [""] : []), ...violationLines(anomaly, style)]),
    ...(told.length > 0 && !isTimed
      ? [style.dim("  (no times are recorded: op n is put at n s)")]
      : []),
    ...(more > 0 ? ["", `  and ${more} more violations, all of them in --json`] : []),
    "",
  ].join("\n");
}

function violationLines(
  { sentence, evidence }: JudgedHistory["result"]["anomalies"][number],
  style: TextStyle,
): string[] {
  const told = evidence.slice(0, EVIDENCE_MAX);
  const more = evidence.length - told.length;
  const width = Math.max(...told.map(({ timeNs }) => formatMomentNs(timeNs).length));
  const who = Math.max(...told.map((one) => one.who.length));
  return [
    `  ${style.bad(printable(sentence))}`,
    "",
    `  ${evidence.length} operations by themselves prove it:`,
    ...told.map(
      (one) =>
        `  ${formatMomentNs(one.timeNs).padStart(width)}  ${one.who.padEnd(who)}  ${printable(one.text)}`,
    ),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}
