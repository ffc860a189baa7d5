import { EdnHistory } from "./edn-history.ts";
import type { HistoryParser } from "./history-parser.ts";
import { JsonArrayHistory, JsonLinesHistory } from "./json-history.ts";
import { LogHistory } from "./log-history.ts";

export const FORMATS = ["json", "edn", "log"] as const;
export type Format = (typeof FORMATS)[number];

/** What a history that begins so is written in; undefined where nothing stands there yet. */
export function detectFormat(beginning: string): Format | undefined {
  const start = startOfContent(beginning);
  const first = beginning[start];
  if (first === undefined) return undefined;
  if (first === "#" || first === "(") return "edn";
  if (first !== "{" && first !== "[") return "log";
  // {"type": … or [{"type": … is JSON, {:type … is EDN. A logger may also write its lines in brackets.
  let at = start + 1;
  while (" \t\r\n,[{".includes(beginning[at] ?? "x")) at++;
  const next = beginning[at];
  if (next === undefined) return undefined;
  if (next === '"' || (first === "[" && next === "]")) return "json";
  return first === "{" || next === ":" || next === "#" || next === ";" ? "edn" : "log";
}

export function createHistoryParser(format: Format, beginning: string): HistoryParser {
  switch (format) {
    case "edn":
      return new EdnHistory();
    case "log":
      return new LogHistory();
    case "json":
      return beginning[startOfContent(beginning)] === "["
        ? new JsonArrayHistory()
        : new JsonLinesHistory();
  }
}

/** After white space, a byte order mark and EDN's comments. */
function startOfContent(text: string): number {
  let at = 0;
  for (;;) {
    while (" \t\r\n,\ufeff".includes(text[at] ?? "x")) at++;
    if (text[at] !== ";") return at;
    const end = text.indexOf("\n", at);
    at = end === -1 ? text.length : end;
  }
}
