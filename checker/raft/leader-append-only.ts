import { formatMomentNs } from "../../src/base/duration.ts";
import type { TraceLine } from "../../src/base/trace.ts";
import { AnomalyLog } from "../anomaly-log.ts";
import { count, lineOf } from "./evidence.ts";
import type { Member } from "./member.ts";
import type { RaftRule } from "./raft-rule.ts";

/** §5.3, Leader Append-Only: a leader never overwrites, deletes or replaces entries of its log. */
export function leaderAppendOnly(): RaftRule {
  const anomalies = new AnomalyLog("leader-append-only");
  let appends = 0;

  function reportInstall(event: TraceLine<"install">): void {
    anomalies.report({ kind: "install", nodes: [event.node] }, () => ({
      sentence:
        `${event.node}, leader of term ${event.term}, replaced its own log by a snapshot of entry ` +
        `${event.index} at ${formatMomentNs(event.timeNs)}`,
      timeNs: event.timeNs,
      evidence: [lineOf(event, `as leader installs a snapshot of entry ${event.index}`)],
    }));
  }

  function changes(event: TraceLine<"append" | "truncate">, { log }: Member): void {
    if (event.role !== "leader") return;
    appends++;
    if (event.from <= log.lastIndex) reportChange(event, log.lastIndex);
  }

  function reportChange(event: TraceLine<"append" | "truncate">, last: number): void {
    const act = event.type === "append" ? "overwrote" : "removed";
    anomalies.report({ kind: act, nodes: [event.node] }, () => ({
      sentence:
        `${event.node}, leader of term ${event.term}, ${act} entries ${event.from} to ${last} ` +
        `of its own log at ${formatMomentNs(event.timeNs)}`,
      timeNs: event.timeNs,
      evidence: [
        lineOf(event, `as leader of term ${event.term} ${act} its log from index ${event.from}`),
      ],
    }));
  }

  return {
    anomalies,
    before: {
      append: changes,
      truncate: changes,
      install: (event, member) => {
        if (member.role === "leader") reportInstall(event);
      },
    },
    summary: () => `${count(appends, "append")} by leaders, each at the end of the log`,
  };
}
