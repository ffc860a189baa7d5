import { formatMomentNs } from "../../src/base/duration.ts";
import type { TraceEvent, TraceLine } from "../../src/base/trace.ts";
import { AnomalyLog } from "../anomaly-log.ts";
import type { Cluster } from "./cluster.ts";
import { Column } from "./column.ts";
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
export function monotonicState(cluster: Cluster): RaftRule {
  const anomalies = new AnomalyLog("monotonic-state");
  /** By the member's number. */
  const actedTerms = new Column(0);

  function actedIn({ number }: Member, term: number): void {
    if (term > actedTerms.get(number)) actedTerms.set(number, term);
  }

  function report(event: TraceEvent, kind: string, sentence: string, text: string): void {
    anomalies.report({ kind, nodes: [event.node] }, () => ({
      sentence,
      timeNs: event.timeNs,
      evidence: [lineOf(event, text)],
    }));
  }

  function restarted(event: TraceLine<"start">, { number }: Member): void {
    const acted = actedTerms.get(number);
    if (event.term >= acted) return;
    report(
      event,
      "term after restart",
      `${event.node} restarted at ${formatMomentNs(event.timeNs)} in term ${event.term}, ` +
        `although it had acted in term ${acted}`,
      `starts in term ${event.term}`,
    );
  }

  function termTold(event: TraceEvent, term: number, member: Member): void {
    if (term >= member.term) return;
    report(
      event,
      "term",
      `the term of ${event.node} went back from ${member.term} to ${term} ` +
        `at ${formatMomentNs(event.timeNs)}`,
      `is in term ${term} after term ${member.term}`,
    );
  }

  function committed(event: TraceLine<"commit">, member: Member): void {
    if (event.index >= member.commitIndex) return;
    report(
      event,
      "commit index",
      `the commit index of ${event.node} went back from ${member.commitIndex} to ${event.index} ` +
        `at ${formatMomentNs(event.timeNs)}`,
      `commit index ${event.index} after ${member.commitIndex}`,
    );
  }

  function applied(event: TraceLine<"apply">, member: Member): void {
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

  function installed(event: TraceLine<"install">, member: Member): void {
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
    before: {
      start: restarted,
      role: (event, member) => termTold(event, event.term, member),
      append: (event, member) => termTold(event, event.term, member),
      truncate: (event, member) => termTold(event, event.term, member),
      commit: (event, member) => {
        termTold(event, event.term, member);
        committed(event, member);
      },
      apply: applied,
      install: (event, member) => {
        termTold(event, event.term, member);
        installed(event, member);
      },
      "disk-lost": (_, { number }) => actedTerms.set(number, 0),
    },
    after: {
      vote: (event, member) => actedIn(member, event.term),
      role: (event, member) => {
        if (event.role === "leader") actedIn(member, event.term);
      },
      durable: (_, member) => actedIn(member, member.log.termAt(member.durableIndex)),
    },
    summary: () =>
      `${count(cluster.eventCount, "transition")}: no term, commit index or applied index went back`,
  };
}
