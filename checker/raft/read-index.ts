import { formatMomentNs } from "../../src/base/duration.ts";
import type { TraceLine } from "../../src/base/trace.ts";
import { AnomalyLog } from "../anomaly-log.ts";
import type { Cluster } from "./cluster.ts";
import { Column } from "./column.ts";
import { count, lineOf } from "./evidence.ts";
import type { Member } from "./member.ts";
import type { RaftRule } from "./raft-rule.ts";

type Ticket = TraceLine<"read-ticket">;

/**
 * §8 (dissertation §6.4): reads without a log entry see all that was committed before they arrived. The
 * ticket of reads that were answered names an index no lower than that of any commit line, of any node, with
 * an earlier stamp; and they were answered from a state at least that new.
 *
 * Why no correct node breaks it. Leader L of term T gives a ticket at time t, having committed an entry of
 * its own term. Let entry k be told committed, by whichever node, before t; a leader committed it before
 * that, in some term. If that was T, the leader was L (Election Safety), and its commit index was k by then.
 * If it was an older term, L had k in its log when it was elected (Leader Completeness, also when the
 * old leader learned of it late) and committed an entry above it since. If it was a newer term, a majority
 * had moved on to that term before t, and L does not get the confirmations of a majority that it asks for
 * after t: the ticket is never answered. Such tickets prove nothing and are not judged.
 *
 * Membership: the first leader after T to commit anything was elected by a configuration that is L's or its
 * neighbour, because a change waits for a commit in the leader's own term and for the change before it.
 * Majorities of neighbours overlap, so L misses confirmations all the same; a removed leader counts those of
 * others. Transfer: the target campaigns early, but with votes like any other. Leases: while L's lease holds,
 * nobody else is elected, so nothing is committed in a newer term before t; that a lease rests on clocks (and
 * must end when leadership is handed over) is just what can go wrong there, and what this rule then shows.
 *
 * Stamps are taken when a line is written, right after the decision. In between a node can be stopped; for
 * confirmations that is harmless, as they are asked for after the line. Only where the answer rests on a
 * lease would a stop longer than the lease, in those microseconds, make a ticket look younger than it is.
 *
 * A violation is a pair of lines, so nothing is waited for: each answered ticket is held against the commits
 * read before, each commit with an earlier stamp against the answered tickets read before.
 */
export function readIndex(cluster: Cluster): RaftRule {
  const anomalies = new AnomalyLog("read-index");
  /** Tickets of a node's present life that are not answered yet. */
  const open = new Map<string, Map<number, Ticket>>();
  /** The newest stamp of an answered ticket with just this index, and whose it is. */
  const answeredNs = new Column(-Infinity);
  const answeredBy = new Column(0);
  let newestNs = -Infinity;
  let answers = 0;

  function give(event: Ticket): void {
    const tickets = open.get(event.node);
    if (tickets) tickets.set(event.ticket, event);
    else open.set(event.node, new Map([[event.ticket, event]]));
  }

  function answer(event: TraceLine<"read-answer">, { number }: Member): void {
    const tickets = open.get(event.node);
    const ticket = tickets?.get(event.ticket);
    if (!ticket) return;
    tickets?.delete(event.ticket);
    answers++;
    if (event.appliedIndex < ticket.index) reportEarly(event, ticket);
    const { index, timeNs } = ticket;
    const { ledger } = cluster;
    const committedNs = ledger.firstTimeNs(index + 1);
    if (committedNs < timeNs) {
      const by = cluster.nameOf(ledger.firstBy(index + 1));
      reportStale(
        { node: event.node, timeNs, index },
        { node: by, timeNs: committedNs, index: index + 1 },
      );
    }
    if (timeNs <= answeredNs.get(index)) return;
    answeredNs.set(index, timeNs);
    answeredBy.set(index, number);
    newestNs = Math.max(newestNs, timeNs);
  }

  /** The indexes that this commit line dates earlier than all lines before; of the others it says nothing new. */
  function compareCommit({ node, timeNs, index: last }: TraceLine<"commit">): void {
    if (timeNs >= newestNs) return;
    for (let index = last; index > 0 && cluster.ledger.firstTimeNs(index) > timeNs; index--) {
      const ticketNs = answeredNs.get(index - 1);
      if (ticketNs <= timeNs) continue;
      const reader = cluster.nameOf(answeredBy.get(index - 1));
      reportStale(
        { node: reader, timeNs: ticketNs, index: index - 1 },
        { node, timeNs, index: last },
      );
    }
  }

  function reportEarly(event: TraceLine<"read-answer">, ticket: Ticket): void {
    anomalies.report({ kind: "early", nodes: [event.node] }, () => ({
      sentence:
        `${event.node} answered reads at ${formatMomentNs(event.timeNs)} from the state after entry ` +
        `${event.appliedIndex}, although they had to wait for entry ${ticket.index}`,
      timeNs: event.timeNs,
      evidence: [
        lineOf(ticket, `reads are to wait for entry ${ticket.index}`),
        lineOf(event, `answers them after entry ${event.appliedIndex}`),
      ],
    }));
  }

  function reportStale(ticket: Sighting, commit: Sighting): void {
    anomalies.report({ kind: "stale", nodes: [ticket.node, commit.node] }, () => ({
      sentence:
        `${ticket.node} answered reads that came in by ${formatMomentNs(ticket.timeNs)} after waiting for ` +
        `entry ${ticket.index} only, although ${commit.node} had committed entry ${commit.index} at ` +
        `${formatMomentNs(commit.timeNs)}`,
      timeNs: ticket.timeNs,
      evidence: [
        {
          timeNs: commit.timeNs,
          who: commit.node,
          text: `commits up to entry ${commit.index} or beyond`,
        },
        {
          timeNs: ticket.timeNs,
          who: ticket.node,
          text: `reads are to wait for entry ${ticket.index}; they were answered later`,
        },
      ],
    }));
  }

  return {
    anomalies,
    before: {
      commit: compareCommit,
      "read-ticket": give,
      "read-answer": answer,
      start: ({ node }) => open.delete(node),
    },
    summary: () =>
      `${count(answers, "round")} of reads, each answered from all that was committed before`,
  };
}

interface Sighting {
  readonly node: string;
  readonly timeNs: number;
  readonly index: number;
}
