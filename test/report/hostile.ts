import type { CheckerRecord } from "../../checker/checker.ts";
import { parseLogLine } from "../../src/report/explore/log-lines.ts";
import type { ReportInput } from "../../src/report/html.ts";
import { explanationsOf, recordsOf, reportInput, runRecordsOf, timelineOf } from "./fixtures.ts";

/** As a key, value, node name, log line, seed, file name: if any of it runs, it sets `globalThis.pwned`. */
export const HOSTILE = `</script></style><img src=x onerror="pwned=1"><svg onload='pwned=1'>"'\`{{7*7}}\u0007\u001b[31m\u2028`;

/** A report in which everything that comes from outside is hostile. */
export function hostileInput(): ReportInput {
  const input = poison(reportInput("two-leaders"));
  const results = { ...input.results, verdict: "invalid" } as const;
  const records = recordsOf("two-leaders", { rate: 20 }).map(poisonRecord);
  const timeline = timelineOf(records);
  return {
    ...input,
    results,
    timeline,
    explanations: explanationsOf(results, timeline, records),
    records: runRecordsOf(records, [
      { timeMs: 1, source: HOSTILE, level: "error", text: HOSTILE },
      parseLogLine(`{"msg":${JSON.stringify(HOSTILE)}}`, "n1", { startedAtMs: 0, lastMs: 0 }),
    ]),
    describe: (property) => ({ title: property, rule: HOSTILE, explanation: HOSTILE }),
    files: [`logs/${HOSTILE}`, "javascript:pwned=1"],
  };
}

function poisonRecord(record: CheckerRecord): CheckerRecord {
  if (record.type === "trace")
    return { type: "trace", event: { ...record.event, node: record.event.node + HOSTILE } };
  const { op } = record;
  const value = op.process === "nemesis" ? poison(op.value) : HOSTILE;
  return {
    type: "op",
    op: { ...op, f: op.process === "nemesis" ? op.f : op.f + HOSTILE, value, error: HOSTILE },
  };
}

/** Words that the code itself switches on keep their meaning; every other string becomes hostile. */
const KEPT = new Set(["format", "verdict", "type", "phase", "checker", "startedAt", "role", "f"]);

function poison<T>(value: T, name = ""): T {
  if (typeof value === "string") return (KEPT.has(name) ? value : value + HOSTILE) as T;
  if (Array.isArray(value)) return value.map((item: unknown) => poison(item, name)) as T;
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, poison(inner as unknown, key)]);
  return Object.fromEntries(entries) as T;
}
