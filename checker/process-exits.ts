import { formatMomentNs } from "../src/base/duration.ts";
import type { ExitEvent, LogTextEvent, TraceEvent } from "../src/base/trace.ts";
import { AnomalyLog } from "./anomaly-log.ts";
import type { Checker } from "./checker.ts";
import { lineOf } from "./raft/evidence.ts";
import type { CheckResult } from "./verdict.ts";

type TextLine = TraceEvent & LogTextEvent;

/** Crash output longer than this says nothing more to a reader. */
const TEXT_LINES_MAX = 8;

/** A node's process ends only when a fault or the end of the run makes it: everything else is a crash. */
export function createProcessExits(): Checker {
  const anomalies = new AnomalyLog("process-exits");
  const lastTexts = new Map<string, TextLine[]>();
  let expectedCount = 0;

  function exited(event: TraceEvent & ExitEvent): void {
    const texts = lastTexts.get(event.node) ?? [];
    lastTexts.delete(event.node);
    if (event.expected) {
      expectedCount++;
      return;
    }
    const how = event.signal === null ? `code ${event.code}` : `signal ${event.signal}`;
    const reason = texts[0] ? `: ${firstLine(texts[0].text)}` : "";
    anomalies.report({ kind: `exit ${how}`, nodes: [event.node] }, () => ({
      sentence: `${event.node} ended by itself at ${formatMomentNs(event.timeNs)} with ${how}${reason}`,
      timeNs: event.timeNs,
      evidence: [
        ...texts.map((line) => lineOf(line, line.text)),
        lineOf(event, `the process ended with ${how}, and nobody asked for it`),
      ],
    }));
  }

  function wrote(event: TextLine): void {
    const texts = lastTexts.get(event.node) ?? [];
    lastTexts.set(event.node, [...texts, event].slice(-TEXT_LINES_MAX));
    if (event.level !== "fatal") return;
    anomalies.report({ kind: "fatal", nodes: [event.node] }, () => ({
      sentence:
        `${event.node} reported a fatal error at ${formatMomentNs(event.timeNs)}: ` +
        firstLine(event.text),
      timeNs: event.timeNs,
      evidence: [lineOf(event, event.text)],
    }));
  }

  function finish(): CheckResult {
    const found = anomalies.sorted();
    return {
      checker: "process-exits",
      verdict: found.length > 0 ? "invalid" : "valid",
      summary:
        found[0]?.sentence ??
        `no process ended by itself; ${expectedCount} were ended by faults or by the end of the run`,
      anomalies: found,
      measures: { expected: expectedCount, unexpected: found.length },
    };
  }

  return {
    id: "process-exits",
    reads: ["exit", "log"],
    get found() {
      return anomalies.found;
    },
    observe(record) {
      if (record.type !== "trace") return;
      if (record.event.type === "exit") exited(record.event);
      if (record.event.type === "log") wrote(record.event);
    },
    finish,
  };
}

function firstLine(text: string): string {
  const [line = ""] = text.trim().split("\n");
  return line.length > 200 ? `${line.slice(0, 199)}…` : line;
}
