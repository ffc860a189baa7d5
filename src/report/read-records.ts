import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ConfigError } from "../base/errors.ts";
import { readHistory } from "../store/history-file.ts";
import { readLines } from "../store/lines.ts";
import type { RunResults } from "../store/results.ts";
import { keepLogs } from "./explore/kept-logs.ts";
import { linesOfLane, type LogLine, parseLogLine } from "./explore/log-lines.ts";
import { type KeptRows, OperationRows } from "./explore/operation-rows.ts";
import type { RunRecords } from "./explore/pack.ts";
import { findingsOf } from "./findings.ts";
import type { TimelineData } from "./timeline-data.ts";

/** Violations whose surroundings are kept whole. */
const NEAR_MAX = 10;
/** Lines of all logs together beyond which the ends of long ones are only counted: a log may be of any size. */
const READ_MAX = 200_000;

/** The operations and logs of a run's folder, as many as a report has room for. */
export function readRecords(dir: string, results: RunResults, { nodes }: TimelineData): RunRecords {
  const violationsNs = findingsOf(results)
    .slice(0, NEAR_MAX)
    .map(({ anomaly }) => anomaly.timeNs);
  const { lines, unread } = readLogs(join(dir, "logs"), Date.parse(results.startedAt));
  const logged = new Set(lines.map(({ source }) => source));
  for (const lane of nodes) if (!logged.has(lane.node)) lines.push(...linesOfLane(lane));
  const violationsMs = violationsNs.map((ns) => ns / 1e6);
  return {
    operations: operationRows(dir, violationsNs),
    logs: keepLogs(lines, violationsMs, { unread }),
  };
}

/** What can be read of the history: one that is damaged is told of by whoever judges it. */
function operationRows(dir: string, violationsNs: readonly number[]): KeptRows {
  const rows = new OperationRows(violationsNs);
  try {
    for (const op of readHistory(join(dir, "history.jsonl")).ops) rows.observe(op);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
  }
  return rows.finish();
}

function readLogs(folder: string, startedAtMs: number): { lines: LogLine[]; unread: number } {
  const names = existsSync(folder) ? readdirSync(folder).toSorted() : [];
  const logs = names.filter((name) => name.endsWith(".log"));
  const lines: LogLine[] = [];
  let unread = 0;
  for (const name of logs) {
    const source = name.slice(0, -".log".length);
    let left = Math.floor(READ_MAX / logs.length);
    let lastMs = 0;
    for (const { text } of readLines(join(folder, name))) {
      if (--left < 0) {
        unread++;
        continue;
      }
      const line = parseLogLine(text, source, { startedAtMs, lastMs });
      lastMs = line.timeMs;
      lines.push(line);
    }
  }
  return { lines, unread };
}
