import fs from "node:fs";
import type { ExitEvent, LogTextEvent } from "../base/trace.ts";

const TEXT_LINES_MAX = 20;

/** What other people's programs say at the end. */
const LAST_LINES = 3;

/**
 * What a node wrote since it began that is not an ordinary log line: a stack trace, or a fatal one. Of programs that
 * log otherwise than the bundled nodes, the last few lines.
 */
export function crashText(logFile: string, offset: number): LogTextEvent[] {
  const text = fs.readFileSync(logFile).subarray(offset).toString("utf8");
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  if (!/^\{"level":\d+,/m.test(text)) {
    return lines.slice(-LAST_LINES).map((line) => ({ type: "log", level: "error", text: line }));
  }
  const telling = lines.flatMap((line): LogTextEvent[] => {
    const fatal = /^\{"level":60,.*?"msg":"(.*)"\}$/.exec(line)?.[1];
    if (fatal !== undefined) return [{ type: "log", level: "fatal", text: fatal }];
    return line.startsWith("{") ? [] : [{ type: "log", level: "fatal", text: line }];
  });
  return telling.slice(0, TEXT_LINES_MAX);
}

/** Last words come first: they are the reason. What is fatal stands for itself. */
export function withLastWords(
  exit: ExitEvent,
  texts: readonly LogTextEvent[],
): (ExitEvent | LogTextEvent)[] {
  const lastWords = texts.filter(({ level }) => level === "error");
  const fatal = texts.filter(({ level }) => level === "fatal");
  return [...lastWords, exit, ...fatal];
}
