import fs from "node:fs";
import type { LogTextEvent } from "../base/trace.ts";

const TEXT_LINES_MAX = 20;

/** What a node wrote since it began that is not an ordinary log line: a stack trace, or a fatal one. */
export function crashText(logFile: string, offset: number): LogTextEvent[] {
  const lines = fs.readFileSync(logFile).subarray(offset).toString("utf8").split("\n");
  const telling = lines.flatMap((line): LogTextEvent[] => {
    if (line.trim() === "") return [];
    const fatal = /^\{"level":60,.*?"msg":"(.*)"\}$/.exec(line)?.[1];
    if (fatal !== undefined) return [{ type: "log", level: "fatal", text: fatal }];
    return line.startsWith("{") ? [] : [{ type: "log", level: "fatal", text: line }];
  });
  return telling.slice(0, TEXT_LINES_MAX);
}
