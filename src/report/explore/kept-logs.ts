import type { LogLine } from "./log-lines.ts";

export interface KeptLogs {
  readonly lines: readonly LogLine[];
  readonly total: number;
  /** What was left out, in words; empty if nothing was. */
  readonly omitted: string;
}

export const LINES_MAX = 30_000;
const NEAR_MS = 5000;

/**
 * All lines if there is room; else without what is for debugging; else warnings, errors and what is near a violation.
 * `unread`: lines that were counted only.
 */
export function keepLogs(
  lines: readonly LogLine[],
  violationsMs: readonly number[],
  { max = LINES_MAX, unread = 0 }: { readonly max?: number; readonly unread?: number } = {},
): KeptLogs {
  const total = lines.length + unread;
  const sorted = lines.toSorted((a, b) => a.timeMs - b.timeMs);
  const isNear = ({ timeMs }: LogLine): boolean =>
    violationsMs.some((atMs) => Math.abs(atMs - timeMs) <= NEAR_MS);
  const isLoud = ({ level }: LogLine): boolean => level === "warn" || level === "error";
  const steps: readonly (readonly [omitted: string, keep: (line: LogLine) => boolean])[] = [
    ["", () => true],
    ["debug lines", ({ level }) => level !== "debug"],
    [
      "all but warnings, errors and lines within 5 s of a violation",
      (line) => isLoud(line) || isNear(line),
    ],
    [
      "all but errors and lines within 5 s of a violation",
      (line) => line.level === "error" || isNear(line),
    ],
  ];
  for (const [omitted, keep] of steps) {
    const kept = sorted.filter(keep);
    if (kept.length <= max) return { lines: kept, total, omitted: withUnread(omitted, unread) };
  }
  const omitted = `everything after the first ${max} lines`;
  return { lines: sorted.slice(0, max), total, omitted: withUnread(omitted, unread) };
}

function withUnread(omitted: string, unread: number): string {
  if (unread === 0) return omitted;
  return [omitted, "the ends of very long logs"].filter((part) => part !== "").join(" and ");
}
