import { formatMomentNs } from "../../src/base/duration.ts";
import type { SnapshotMark, TraceLine } from "../../src/base/trace.ts";
import { AnomalyLog } from "../anomaly-log.ts";
import type { Cluster } from "./cluster.ts";
import { UNTOLD } from "./entry-log.ts";
import { count, lineOf } from "./evidence.ts";
import type { Member } from "./member.ts";
import type { RaftRule } from "./raft-rule.ts";

type Kept = TraceLine<"install" | "start">;

/**
 * §5.3, Log Matching: two logs with an entry of the same index and term are identical up to there. The
 * chain hash of an entry covers all entries before it, so comparing one hash compares the whole prefix,
 * and it does so whichever node's line is read first.
 */
export function logMatching(cluster: Cluster): RaftRule {
  const anomalies = new AnomalyLog("log-matching");
  let entries = 0;

  function reportGap(event: TraceLine<"append">, lastIndex: number): void {
    anomalies.report({ kind: "gap", nodes: [event.node] }, () => ({
      sentence:
        `${event.node} appended entry ${event.from} at ${formatMomentNs(event.timeNs)} although its ` +
        `log ended at ${lastIndex}: the entries between are missing`,
      timeNs: event.timeNs,
      evidence: [lineOf(event, `appends from index ${event.from} to a log of ${lastIndex}`)],
    }));
  }

  function reportMismatch(event: TraceLine<"append">, index: number, term: number): void {
    const known = cluster.chains.get(index, term);
    const other = known ? cluster.nameOf(known.by) : "?";
    anomalies.report({ kind: "mismatch", nodes: [event.node, other] }, () => ({
      sentence:
        `the logs of ${other} and ${event.node} both have an entry ${index} of term ${term}, but differ ` +
        `there or before (seen at ${formatMomentNs(event.timeNs)})`,
      timeNs: event.timeNs,
      evidence: [
        {
          timeNs: known?.timeNs ?? event.timeNs,
          who: other,
          text: `appends entry ${index} of term ${term}, log hash ${known?.hash ?? 0}`,
        },
        lineOf(event, `appends entry ${index} of term ${term} with another log hash`),
      ],
    }));
  }

  function compare(event: TraceLine<"append">, member: Member): void {
    if (event.from > member.log.lastIndex + 1) reportGap(event, member.log.lastIndex);
    let index = event.from;
    for (const entry of event.entries) {
      const term = entry[0];
      const hash = entry[1];
      if (cluster.chains.hasOther(index, term, hash)) reportMismatch(event, index, term);
      index++;
    }
    entries += event.entries.length;
  }

  /**
   * What is kept above a snapshot follows on the entry that the snapshot ends with (§7): judged by the log
   * as it was before an install, or as it was found at a start.
   */
  function compareKept(event: Kept, mark: SnapshotMark, { log }: Member): void {
    if (event.lastIndex <= mark.index) return;
    const own = log.hashAt(mark.index);
    const isOther = own !== UNTOLD && own !== mark.hash;
    if (!isOther && event.lastIndex <= log.lastIndex) return;
    const what = event.type === "install" ? "installed" : "started from";
    anomalies.report({ kind: "kept", nodes: [event.node] }, () => ({
      sentence:
        `${event.node} has entries ${mark.index + 1} to ${event.lastIndex} after it ${what} a snapshot of ` +
        `entry ${mark.index} at ${formatMomentNs(event.timeNs)}, ` +
        (isOther ? `but they followed another entry` : `but its log ended at ${log.lastIndex}`),
      timeNs: event.timeNs,
      evidence: [
        lineOf(
          event,
          `${what} a snapshot of entry ${mark.index}, log hash ${mark.hash}, and has a log that ends at ` +
            `${event.lastIndex}, log hash at that entry ${own === UNTOLD ? "unknown" : own}`,
        ),
      ],
    }));
  }

  return {
    anomalies,
    before: {
      append: compare,
      install: (event, member) => compareKept(event, event, member),
    },
    after: {
      start: (event, member) => {
        if (event.snapshot) compareKept(event, event.snapshot, member);
      },
    },
    summary: () => `${count(entries, "appended entry", "appended entries")}, equal in all logs`,
  };
}
