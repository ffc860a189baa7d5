import { appendFileSync } from "node:fs";
import { messageOf } from "../base/errors.ts";
import { renderSummary, type Summary } from "./summary.ts";

/** GitHub shows ten errors of a step, and drops a whole job summary above 1 MB; several runs may share one. */
const ANNOTATIONS_MAX = 10;
const SUMMARY_BYTES_MAX = 64 * 1024;

/** `::error` commands, to be written to stdout: one per violation, and one if the verdict is unknown. */
export function githubAnnotations(summary: Summary): string[] {
  const violations = summary.violations.map(({ title, sentence }) => annotation(title, sentence));
  const unknown = summary.unknown.map((check) =>
    annotation(`${check.checker}: unknown`, check.summary),
  );
  return [...violations, ...unknown].slice(0, ANNOTATIONS_MAX);
}

/**
 * Appends `summary.md` to the job's summary when running in GitHub Actions. Returns a sentence if that was
 * not possible: the run's verdict does not hang on it.
 */
export function appendGithubSummary(
  summary: Summary,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const path = env["GITHUB_STEP_SUMMARY"];
  if (path === undefined || path === "") return undefined;
  try {
    appendFileSync(path, `${capBytes(renderSummary(summary), SUMMARY_BYTES_MAX)}\n`);
    return undefined;
  } catch (error) {
    return `the job summary could not be written: ${messageOf(error)}`;
  }
}

/** Cut at a line, with a word that it was cut. */
export function capBytes(text: string, bytesMax: number): string {
  if (Buffer.byteLength(text) <= bytesMax) return text;
  const note = "\n\n_(cut here; the report has everything)_\n";
  const kept = Buffer.from(text)
    .subarray(0, bytesMax - Buffer.byteLength(note))
    .toString();
  const lastLine = kept.lastIndexOf("\n");
  return (lastLine > 0 ? kept.slice(0, lastLine) : kept.replace(/\ufffd+$/, "")) + note;
}

function annotation(title: string, message: string): string {
  return `::error title=${escapeProperty(title)}::${escapeData(message)}`;
}

/** A line break would end the command, and the rest of the text could begin another. */
function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
