import { writeFileSync, appendFileSync } from "node:fs";
import { formatHeader, formatOp, parseOpLine } from "../checker/history-file.ts";
import { createLinearizability } from "../checker/linearizability/linearizability.ts";
import { readLines } from "../src/store/lines.ts";
import { type HistoryRecipe, registerHistory } from "./register-history.ts";

/** What one history cost, in a process of its own. Seconds are of all its threads together. */
export interface Judged {
  readonly verdict: string;
  readonly summary: string;
  readonly lines: number;
  readonly parseSeconds: number;
  readonly judgeSeconds: number;
  /** The most that the process ever held. */
  readonly residentMiB: number;
}

/**
 * `node dist/bench/judge-history.js write FILE RECIPE` makes a history up; `… judge FILE` reads it line by line,
 * judges it, and prints what that cost as JSON.
 */
const [command, file = "", recipe = ""] = process.argv.slice(2);
if (command === "write") writeHistory(file, JSON.parse(recipe) as HistoryRecipe);
else process.stdout.write(JSON.stringify(judgeHistory(file)));

function writeHistory(path: string, of: HistoryRecipe): void {
  const header = formatHeader({ workload: "register", startedAt: "2026-01-01T00:00:00.000Z" });
  let text = `${header}\n`;
  writeFileSync(path, "");
  for (const op of registerHistory(of)) {
    text += `${formatOp(op)}\n`;
    if (text.length < 1e6) continue;
    appendFileSync(path, text);
    text = "";
  }
  appendFileSync(path, text);
}

function judgeHistory(path: string): Judged {
  const startSeconds = cpuSeconds();
  const checker = createLinearizability({ online: false });
  let lines = 0;
  for (const { number, text } of readLines(path)) {
    if (number === 1) continue;
    const op = parseOpLine(text);
    if (!("process" in op)) throw new Error(`${path}: line ${number}: ${op.reason}`);
    checker.observe({ type: "op", op });
    lines++;
  }
  const parsedSeconds = cpuSeconds();
  const budget = {
    nowMs: () => performance.now(),
    deadlineMs: performance.now() + 60_000,
    memoryBytes: 2 ** 30,
  };
  const { verdict, summary } = checker.finish(budget);
  const endSeconds = cpuSeconds();
  return {
    verdict,
    summary,
    lines,
    parseSeconds: parsedSeconds - startSeconds,
    judgeSeconds: endSeconds - parsedSeconds,
    residentMiB: process.resourceUsage().maxRSS / 1024,
  };
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
