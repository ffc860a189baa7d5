import type { NodeLane } from "../timeline-data.ts";

/** One line of somebody's output. */
export interface LogLine {
  /** Milliseconds since the start of the run; of a line without a time that of the line before it. */
  readonly timeMs: number;
  /** A node, or "harness". */
  readonly source: string;
  readonly level: LogLevel;
  readonly text: string;
}

export type LogLevel = "debug" | "info" | "warn" | "error";

const TEXT_MAX = 400;

/** Reads one line: pino's JSON, somebody else's JSON with a time and a message, or plain text. */
export function parseLogLine(
  line: string,
  source: string,
  { startedAtMs, lastMs }: { readonly startedAtMs: number; readonly lastMs: number },
): LogLine {
  const record = jsonOf(line);
  if (!record) return { timeMs: lastMs, source, level: levelOf(line), text: cut(line) };
  const { time, ts, level, msg, message, f, value, ...rest } = record;
  const atMs = momentOf(time ?? ts);
  const fault = faultText(f, value);
  const extra = fault === "" ? restText(rest) : "";
  return {
    timeMs: atMs === undefined ? lastMs : Math.round(atMs - startedAtMs),
    source,
    level: levelOf(level),
    text: cut([textOf(msg ?? message), fault, extra].filter((part) => part !== "").join(" ")),
  };
}

function jsonOf(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    const value = JSON.parse(line) as unknown;
    return typeof value === "object" && value !== null
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Milliseconds since 1970: of a number as it is (seconds are told by their size), of a text as a date. */
function momentOf(time: unknown): number | undefined {
  if (typeof time === "number") return time < 1e11 ? time * 1000 : time;
  const parsed = typeof time === "string" ? Date.parse(time) : Number.NaN;
  return Number.isNaN(parsed) ? undefined : parsed;
}

function levelOf(level: unknown): LogLevel {
  if (typeof level === "number")
    return level >= 50 ? "error" : level >= 40 ? "warn" : level >= 30 ? "info" : "debug";
  const text = textOf(level);
  if (/\b(error|fatal|panic)/i.test(text)) return "error";
  if (/\bwarn/i.test(text)) return "warn";
  return /^(debug|trace)$/i.test(text) ? "debug" : "info";
}

/** What the nemesis did, as the harness logs it. */
function faultText(f: unknown, value: unknown): string {
  if (typeof value !== "object" || value === null || typeof f !== "string") return "";
  const { sentence, phase } = value as { readonly sentence?: unknown; readonly phase?: unknown };
  return typeof sentence === "string" ? `${f}, ${textOf(phase)}: ${sentence}` : "";
}

function restText(rest: Record<string, unknown>): string {
  const shown = Object.entries(rest).filter(([name]) => name !== "pid" && name !== "hostname");
  return shown.length === 0 ? "" : JSON.stringify(Object.fromEntries(shown));
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

function cut(text: string): string {
  return text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}…` : text;
}

/** The changes of a node that wrote no log of its own, as a simulated one. */
export function linesOfLane({ node, conditions }: NodeLane): LogLine[] {
  return conditions.map(({ condition, term, fromNs }) => ({
    timeMs: Math.round(fromNs / 1e6),
    source: node,
    level: "info",
    text: condition === "down" ? "is down" : `${condition} in term ${term}`,
  }));
}
