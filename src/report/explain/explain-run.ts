import type { TraceEvent } from "../../base/trace.ts";
import type { Finding } from "../findings.ts";
import type { LeaderInterval, TimelineData } from "../timeline-data.ts";
import { DiagramBuilder, explainedTime } from "./build-diagram.ts";
import type { Diagram } from "./diagram.ts";
import { type LogDiff, logDiff } from "./log-diff.ts";
import { type Caption, narrate } from "./narrative.ts";
import { NodeLogs } from "./node-logs.ts";

/** What the trace tells of one violation. */
export interface Explanation {
  readonly diagram: Diagram;
  readonly logDiff: LogDiff | undefined;
  readonly captions: readonly Caption[];
}

/** Findings beyond these are told of by their evidence alone. */
export const EXPLAINED_MAX = 10;

/** Properties that say something about logs: for them a log that lacks an entry is worth showing, too. */
const OF_LOGS = new Set([
  "leader-completeness",
  "state-machine-safety",
  "log-matching",
  "durability",
  "leader-append-only",
  "monotonic-state",
]);

/**
 * Explains the first findings by the trace, which is read twice: once for the logs and where they part, once for
 * what led there. `trace` gives its events in the order of time, anew at each call.
 */
export function explainRun(
  findings: readonly Finding[],
  timeline: TimelineData,
  trace: () => Iterable<TraceEvent>,
): ReadonlyMap<number, Explanation> {
  const explained = findings.slice(0, EXPLAINED_MAX).map((finding) => ({
    finding,
    ...explainedTime(finding.anomaly, timeline.leaders),
  }));
  const diffs = diffsOf(explained, trace());
  const builders = explained.map(({ finding }) => {
    const { anomaly, number } = finding;
    const focus = diffs.get(number)?.index ?? indexOf(anomaly.evidence.map(({ record }) => record));
    return new DiagramBuilder(anomaly, timeline, focus);
  });
  const endNs = Math.max(0, ...explained.map(({ toNs }) => toNs));
  for (const event of trace()) {
    if (event.timeNs > endNs) break;
    for (const builder of builders) builder.observe(event);
  }
  return new Map(
    explained.map(({ finding, leader }, at) => [
      finding.number,
      explanationOf(finding, {
        diagram: builders[at]!.finish(),
        logDiff: diffs.get(finding.number),
        leader,
      }),
    ]),
  );
}

function explanationOf(
  { anomaly }: Finding,
  {
    diagram,
    logDiff,
    leader,
  }: Omit<Explanation, "captions"> & { readonly leader: LeaderInterval | undefined },
): Explanation {
  return { diagram, logDiff, captions: narrate(anomaly, diagram, leader) };
}

/** Where the logs part at the moment of each finding, by its number. */
function diffsOf(
  explained: readonly { readonly finding: Finding; readonly toNs: number }[],
  trace: Iterable<TraceEvent>,
): Map<number, LogDiff> {
  const waiting = explained.toSorted((a, b) => a.toNs - b.toNs);
  const diffs = new Map<number, LogDiff>();
  const logs = new NodeLogs();
  const take = (untilNs: number): void => {
    while (waiting[0] && waiting[0].toNs < untilNs) {
      const { anomaly, number } = waiting.shift()!.finding;
      const blamed = OF_LOGS.has(anomaly.property) ? anomaly.nodes : [];
      const diff = logDiff(logs.nodes, blamed);
      if (diff) diffs.set(number, diff);
    }
  };
  for (const event of trace) {
    take(event.timeNs);
    if (waiting.length === 0) break;
    logs.observe(event);
  }
  take(Infinity);
  return diffs;
}

/** The index of the log that the records name, if one does. */
function indexOf(records: readonly unknown[]): number | undefined {
  for (const record of records) {
    if (typeof record !== "object" || record === null || "process" in record) continue;
    const { index, from } = record as { readonly index?: unknown; readonly from?: unknown };
    const named = from ?? index;
    if (typeof named === "number") return named;
  }
  return undefined;
}
