import { formatMomentNs } from "../../src/base/duration.ts";
import type {
  ApplyEvent,
  CommitEvent,
  InstallEvent,
  StartEvent,
  TraceEvent,
} from "../../src/base/trace.ts";
import { AnomalyLog } from "../anomaly-log.ts";
import { count, lineOf } from "./evidence.ts";
import type { Member } from "./member.ts";
import type { RaftRule } from "./raft-rule.ts";

/**
 * Fig. 2: the current term "increases monotonically" and is persistent; the commit index and last applied
 * increase monotonically within one life of a process, and entries are applied one after the other. A
 * snapshot takes both forward to its index, never back.
 *
 * A restart may legally forget a term that was only in memory. It may not fall behind a term that the node
 * acted on: voted in, led, or held a durable entry of.
 */
export function monotonicState(): RaftRule {
  const anomalies = new AnomalyLog("monotonic-state");
  const actedTerms = new Map<string, number>();
  let events = 0;

  function actedIn(member: Member, term: number): void {
    if (term > (actedTerms.get(member.node) ?? 0)) actedTerms.set(member.node, term);
  }

  function report(event: TraceEvent, kind: string, sentence: string, text: string): void {
    anomalies.report({ kind, nodes: [event.node] }, () => ({
      sentence,
      timeNs: event.timeNs,
      evidence: [lineOf(event, text)],
    }));
  }

  function restarted(event: TraceEvent & StartEvent): void {
    const acted = actedTerms.get(event.node) ?? 0;
    if (event.term >= acted) return;
    report(
      event,
      "term after restart",
      `${event.node} restarted at ${formatMomentNs(event.timeNs)} in term ${event.term}, ` +
        `although it had acted in term ${acted}`,
      `starts in term ${event.term}`,
    );
  }

  function termTold(event: TraceEvent & { readonly term: number }, member: Member): void {
    if (event.term >= member.term) return;
    report(
      event,
      "term",
      `the term of ${event.node} went back from ${member.term} to ${event.term} ` +
        `at ${formatMomentNs(event.timeNs)}`,
      `is in term ${event.term} after term ${member.term}`,
    );
  }

  function committed(event: TraceEvent & CommitEvent, member: Member): void {
    if (event.index >= member.commitIndex) return;
    report(
      event,
      "commit index",
      `the commit index of ${event.node} went back from ${member.commitIndex} to ${event.index} ` +
        `at ${formatMomentNs(event.timeNs)}`,
      `commit index ${event.index} after ${member.commitIndex}`,
    );
  }

  function applied(event: TraceEvent & ApplyEvent, member: Member): void {
    const due = member.appliedIndex + 1;
    if (event.from === due || event.hashes.length === 0) return;
    const fault = event.from < due ? "again" : `without entry ${due}`;
    report(
      event,
      `applied ${event.from < due ? "again" : "with a gap"}`,
      `${event.node} applied entry ${event.from} ${fault} at ${formatMomentNs(event.timeNs)}`,
      `applies from entry ${event.from}; ${due} was due`,
    );
  }

  function installed(event: TraceEvent & InstallEvent, member: Member): void {
    const { commitIndex, appliedIndex } = member;
    if (event.index >= Math.max(commitIndex, appliedIndex)) return;
    report(
      event,
      "install",
      `${event.node} installed an old snapshot of entry ${event.index} at ` +
        `${formatMomentNs(event.timeNs)}, although its commit index was ${commitIndex}`,
      `installs a snapshot of entry ${event.index}, commit index ${commitIndex}, ` +
        `last applied ${appliedIndex}`,
    );
  }

  return {
    anomalies,
    before(event, member) {
      events++;
      switch (event.type) {
        case "start":
          return restarted(event);
        case "role":
        case "append":
        case "truncate":
          return termTold(event, member);
        case "commit":
          termTold(event, member);
          return committed(event, member);
        case "apply":
          return applied(event, member);
        case "install":
          termTold(event, member);
          return installed(event, member);
        case "snapshot":
        case "configuration":
        case "read-ticket":
        case "read-answer":
        case "vote":
        case "led":
        case "durable":
        case "exit":
        case "log":
          return undefined;
        case "disk-lost":
          actedTerms.delete(event.node);
          return undefined;
      }
    },
    after(event, member) {
      if (event.type === "vote") actedIn(member, event.term);
      if (event.type === "role" && event.role === "leader") actedIn(member, event.term);
      if (event.type === "durable") actedIn(member, member.log.termAt(member.durableIndex));
    },
    summary: () =>
      `${count(events, "transition")}: no term, commit index or applied index went back`,
  };
}
