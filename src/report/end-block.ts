import { printable, type TextStyle } from "./style.ts";
import type { Summary } from "./summary.ts";
import type { VerdictText } from "./verdict-text.ts";

/** The last words of a run, for stdout: what broke, whether it means something, where to look, how to repeat it. */
export function renderEndBlock(summary: Summary, style: TextStyle): string {
  const { glyph } = style;
  const lines = [
    "",
    verdictLine(summary, style),
    `  ${printable(summary.conclusion)}`,
    "",
    ...summary.violations.map(({ title, sentence, count }) => {
      const times = count > 1 ? ` (seen ${count} times)` : "";
      return `  ${style.bad(`${glyph.invalid} ${printable(title)}`)}: ${printable(sentence)}${times}`;
    }),
    ...(summary.moreViolations > 0 ? [`  and ${summary.moreViolations} more, in the report`] : []),
    ...summary.unknown.map(
      (check) =>
        `  ${style.warn(`${glyph.unknown} ${printable(check.checker)}`)}: ${printable(check.summary)}`,
    ),
    ...(summary.validChecks > 0
      ? [`  ${style.good(`${glyph.valid} ${summary.validChecks} checks passed`)}`]
      : []),
    "",
    `  chaos   ${printable(summary.bite)}`,
    `  report  ${printable(summary.reportPath)}`,
    `  again   ${printable(summary.command)}`,
    `  check   ${printable(summary.recheck)}`,
    style.dim(`  ${printable(summary.exit)}`),
    "",
  ];
  return lines.join("\n");
}

function verdictLine({ verdict, facts }: Summary, style: TextStyle): string {
  const paint = {
    valid: style.good,
    invalid: style.bad,
    unknown: style.warn,
    threshold: style.warn,
  };
  const badge = verdict.badge === "" ? "" : ` (${verdict.badge})`;
  const words = paint[verdict.look](style.bold(`${mark(verdict, style)} ${verdict.word}${badge}`));
  const separator = ` ${style.glyph.separator} `;
  return `${words}${separator}${facts.map(printable).join(separator)}`;
}

function mark({ look }: VerdictText, { glyph }: TextStyle): string {
  return look === "threshold" ? "!" : glyph[look];
}
