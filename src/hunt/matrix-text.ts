import type { EquivalentMutant } from "../../node/mutants/mutants.ts";
import { formatDurationMs } from "../base/duration.ts";
import type { TextStyle } from "../report/style.ts";
import type { MatrixRow, Spread } from "./matrix.ts";

/** For a terminal: a line for each seeded bug, then what is to be explained. */
export function matrixText(rows: readonly MatrixRow[], style: TextStyle): string {
  const head = [
    "seeded bug",
    "named checker",
    "caught",
    "seeds",
    "time",
    "clients",
    "differed",
    "also",
  ];
  const cells = rows.map((row) => [
    row.mutant,
    row.property,
    ...(row.trialCount === 0 ? ["cut short"] : resultCells(row)),
  ]);
  const widths = head.map((title, column) =>
    Math.max(...[title, ...cells.map((row) => row[column] ?? "")].map(({ length }) => length)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  const { glyph } = style;
  const remarks = rows.flatMap(({ mutant, remarks }) => remarks.map((one) => `${mutant}: ${one}`));
  return [
    "",
    style.dim(`  ${line(head)}`),
    ...rows.map((row, i) => `${markOf(row, style)} ${line(cells[i] ?? [])}`),
    "",
    style.dim("  seeds and time: median (worst) until caught; clients: their history alone;"),
    style.dim(
      "  differed: seeds in which the bug decided otherwise than the rule that it replaces",
    ),
    ...(remarks.length === 0 ? [] : ["", "  To be explained:"]),
    ...remarks.map((remark) => `  ${style.bad(glyph.invalid)} ${remark}`),
  ].join("\n");
}

function resultCells({ named, trialCount, clients, differingShare, also }: MatrixRow): string[] {
  return [
    `${named.caught} of ${trialCount}`,
    seedsText(named),
    timeText(named),
    seedsText(clients),
    `${Math.round(differingShare * 100)} %`,
    also.slice(0, 3).join(", "),
  ];
}

function markOf({ remarks, trialCount }: MatrixRow, { good, bad, warn, glyph }: TextStyle): string {
  if (remarks.length > 0) return bad(glyph.invalid);
  return trialCount === 0 ? warn(glyph.unknown) : good(glyph.valid);
}

/** Bugs that are not in the catalogue, and why. */
export function equivalentText(left: readonly EquivalentMutant[], style: TextStyle): string {
  return [
    style.dim("  Left out, because here they break nothing that anybody could see:"),
    ...left.map(({ id, mechanism, reason }) => `  ${id}: ${mechanism}; but ${reason}`),
  ].join("\n");
}

/** For a README: what is the same on every host. */
export function matrixMarkdown(rows: readonly MatrixRow[]): string {
  const head = ["seeded bug", "what is wrong", "caught by", "seeds", "clients alone"];
  const cells = rows.map(({ mutant, mechanism, property, named, clients }) => [
    `\`${mutant}\``,
    mechanism,
    property,
    seedsText(named),
    seedsText(clients),
  ]);
  const widths = head.map((title, column) =>
    Math.max(...[title, ...cells.map((row) => row[column] ?? "")].map(({ length }) => length)),
  );
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...cells.map(line)].join(
    "\n",
  );
}

/** "2 (9)": median and worst. */
function seedsText({ seedsMedian, seedsWorst }: Spread): string {
  return seedsMedian === null ? "–" : `${seedsMedian} (${seedsWorst})`;
}

function timeText({ secondsMedian, secondsWorst }: Spread): string {
  if (secondsMedian === null || secondsWorst === null) return "–";
  return `${formatDurationMs(secondsMedian * 1000)} (${formatDurationMs(secondsWorst * 1000)})`;
}
