import { findProperty } from "../../checker/properties.ts";
import { formatDurationMs } from "../base/duration.ts";
import { printable, type TextStyle } from "../report/style.ts";
import { groupDigits } from "../report/verdict-text.ts";
import type { HuntCause, HuntSummary, HuntUndecided } from "../store/hunt-file.ts";
import { countLines, excludedRate, verdictCount } from "./counts.ts";
import type { HuntLog } from "./hunt.ts";
import { countAsked, exitCodeOf, isCutShort } from "./summary.ts";

/** How a hunt stands after so long, which is `moment` in words: one line. */
export function progressText(log: HuntLog, elapsedMs: number, moment: string): string {
  const { seedCount, simulatedMs, coverage, causes } = log;
  const seconds = Math.max(1, elapsedMs) / 1000;
  const factor = Math.round(simulatedMs / 1000 / seconds);
  return [
    moment,
    `${seedCount} seeds, ${(seedCount / seconds).toFixed(1)}/s`,
    `${spanText(simulatedMs)} simulated (${factor} times as fast as real)`,
    `${coverage.count} behaviours`,
    causes.length === 0 ? "nothing found" : `found ${causes.length}`,
  ].join(" · ");
}

/** The last words, for stdout. `folder` is where the runs are. */
export function endText(hunt: HuntSummary, folder: string, style: TextStyle): string {
  const { glyph } = style;
  const separator = ` ${glyph.separator} `;
  const { causes, seedCount, simulatedMs, hostMs, workers, behaviours, mutant } = hunt;
  const facts = [
    hunt.explore,
    ...(mutant === null ? [] : [`seeded bug ${mutant}`]),
    counted(seedCount, "seed"),
    `${spanText(simulatedMs)} simulated in ${formatDurationMs(hostMs)} on ${counted(workers, "worker")}`,
    counted(behaviours.length, "behaviour"),
  ].join(separator);
  const headline =
    causes.length === 0
      ? style.good(style.bold(`${glyph.valid} NOTHING FOUND`))
      : style.bad(style.bold(`${glyph.invalid} FOUND ${causes.length}`));
  return [
    "",
    `${headline}${separator}${facts}`,
    "",
    ...causes.flatMap((cause) => causeLines(cause, folder, style)),
    ...hunt.undecided.map((one) => style.warn(`  ${glyph.unknown} ${undecidedText(one)}`)),
    ...[...countLines(hunt.counts), ...exclusion(hunt)].map((line) => style.dim(`  ${line}`)),
    ...unknownLines(hunt).flatMap((line) => [style.warn(`  ${glyph.unknown} ${line}`), ""]),
    style.dim(`  ${exitText(hunt)}`),
    "",
  ].join("\n");
}

/** What was not looked at. */
function unknownLines(hunt: HuntSummary): string[] {
  const { causes, seedCount, missingShards } = hunt;
  const unknown =
    missingShards.length === 0
      ? []
      : [`nothing is known of these shards: ${missingShards.join(", ")}`];
  // Whoever has found something may have stopped there.
  if (causes.length > 0 || !isCutShort(hunt)) return unknown;
  const all = groupDigits(countAsked(hunt));
  return [...unknown, `only ${groupDigits(seedCount)} of ${all} seeds were run`];
}

function undecidedText({ sentence, seeds, seedCount }: HuntUndecided): string {
  return `unknown: ${printable(sentence)} — ${seedWords(seeds, seedCount).join(" ")}`;
}

/** "seed" and "7", or "seeds" and "7, 9, 12, 15, 21, … (31 in all)". */
function seedWords(seeds: readonly string[], seedCount: number): [noun: string, which: string] {
  const few = seeds.slice(0, SEEDS_SHOWN).join(", ");
  if (seedCount === 1) return ["seed", few];
  return ["seeds", `${few}${seedCount > SEEDS_SHOWN ? ", …" : ""} (${seedCount} in all)`];
}

const SEEDS_SHOWN = 5;

/** Proof are only runs that are valid: what was not decided, or ended early at something else, may hide it. */
function exclusion({ causes, counts }: HuntSummary): string[] {
  const rate = excludedRate(verdictCount(counts, "valid"));
  if (causes.length > 0 || rate < 2) return [];
  return [`a bug that shows in one run of ${groupDigits(rate)} would have been seen with 99.9 %`];
}

function causeLines(cause: HuntCause, folder: string, style: TextStyle): string[] {
  const { kind, property, sentence, seeds, seedCount, also, run, again } = cause;
  const title = findProperty(property)?.title ?? property;
  const [noun, which] = seedWords(seeds, seedCount);
  const path = printable(`${folder}/${run}`);
  // Another property may have been violated before this one; of what is no violation there is nothing to shrink.
  const smaller = `    smaller npx raftwreck shrink ${path} --property ${property}`;
  const files = [
    `    report  ${path}/report.html`,
    `    replay  npx raftwreck replay ${path}`,
    ...(kind === "violation" ? [smaller] : []),
  ];
  return [
    `  ${style.bad(`${style.glyph.invalid} ${title}`)}: ${printable(sentence)}`,
    `    ${noun.padEnd(7)} ${which}`,
    ...(also.length === 0 ? [] : [`    also    ${also.join(", ")}`]),
    ...(run === null ? [] : files),
    `    again   ${again}`,
    "",
  ];
}

function exitText(hunt: HuntSummary): string {
  const code = exitCodeOf(hunt);
  const meaning: Readonly<Record<number, string>> = {
    0: nothingText(hunt),
    1: "something is wrong with the cluster",
    2: `${hunt.missingShards.length > 0 ? "shards are missing" : "not all seeds were run"}, so nothing is proved`,
    70: "a defect of Raftwreck itself",
  };
  return `exit code ${code}: ${meaning[code] ?? "interrupted"}`;
}

function nothingText({ find = null, counts }: HuntSummary): string {
  const otherCount = verdictCount(counts, "invalid");
  if (find === null && otherCount === 0) return "none of these seeds showed anything wrong";
  const what = find === null ? "what was looked for" : `a violation of ${find}, or anything worse`;
  const others = `; other properties were violated in ${counted(otherCount, "run")}`;
  return `none of these seeds showed ${what}${otherCount === 0 ? "" : others}`;
}

export function counted(count: number, noun: string): string {
  return `${groupDigits(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** "3 h 12 min"; shorter spans as anywhere. */
function spanText(ms: number): string {
  if (ms < 3_600_000) return formatDurationMs(ms);
  const minutes = Math.floor(ms / 60_000);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
