import { formatMomentNs } from "../../src/base/duration.ts";
import type { ApplyEvent, CommitEvent, TraceEvent } from "../../src/base/trace.ts";
import { AnomalyLog } from "../anomaly-log.ts";
import type { Cluster } from "./cluster.ts";
import { Column } from "./column.ts";
import { UNTOLD } from "./entry-log.ts";
import { count, lineOf } from "./evidence.ts";
import type { Member } from "./member.ts";
import type { RaftRule } from "./raft-rule.ts";

/**
 * §5.4.3, State Machine Safety: no two nodes apply different commands at one index. Held at three places:
 * what nodes commit (chain hash), what they apply (hash over commands and results), and that nothing
 * committed is removed again.
 */
export function stateMachineSafety(cluster: Cluster): RaftRule {
  const anomalies = new AnomalyLog("state-machine-safety");
  const applies = appliedHashes(cluster, anomalies);
  const removals = removedEntries(cluster, anomalies);
  let commits = 0;

  function compareCommit(event: TraceEvent & CommitEvent, member: Member): void {
    commits++;
    if (event.index > member.log.lastIndex) {
      anomalies.report({ kind: "beyond log", nodes: [event.node] }, () => ({
        sentence:
          `${event.node} said at ${formatMomentNs(event.timeNs)} that entry ${event.index} is committed, ` +
          `but its own log ends at ${member.log.lastIndex}`,
        timeNs: event.timeNs,
        evidence: [lineOf(event, `commits up to ${event.index}`)],
      }));
    }
    const index = cluster.ledger.contradicts(event, member);
    if (index === undefined) return;
    const first = cluster.nameOf(cluster.ledger.firstBy(index));
    const firstTimeNs = cluster.ledger.firstTimeNs(index);
    anomalies.report({ kind: "commit", nodes: [first, event.node] }, () => ({
      sentence:
        `${first} and ${event.node} committed different entries at index ${index} or before, ` +
        `at ${formatMomentNs(firstTimeNs)} and ${formatMomentNs(event.timeNs)}`,
      timeNs: Math.max(firstTimeNs, event.timeNs),
      evidence: [
        {
          timeNs: firstTimeNs,
          who: first,
          text: `commits entry ${index}, log hash ${cluster.ledger.hashAt(index)}`,
        },
        lineOf(event, `commits up to ${event.index} with another log hash at ${index}`),
      ],
    }));
  }

  return {
    anomalies,
    before(event, member) {
      if (event.type === "commit") {
        compareCommit(event, member);
        removals.beforeCommit(event, member);
      }
      if (event.type === "apply") applies(event, member);
      if (event.type === "truncate") removals.truncated(event, member, event.from);
      if (event.type === "append" && event.from <= member.log.lastIndex) {
        removals.truncated(event, member, event.from);
      }
    },
    summary: () =>
      `${count(commits, "commit")} up to entry ${cluster.ledger.top}, the same log and the same ` +
      `applied state on all nodes`,
  };
}

function appliedHashes(
  cluster: Cluster,
  anomalies: AnomalyLog,
): (event: TraceEvent & ApplyEvent, member: Member) => void {
  const hashes = new Column(UNTOLD);
  const by = new Column(0);
  const times = new Column(0);

  function compare(event: TraceEvent & ApplyEvent, member: Member): void {
    let index = event.from;
    for (const hash of event.hashes) {
      const known = hashes.get(index);
      if (known === UNTOLD) {
        hashes.set(index, hash);
        by.set(index, member.number);
        times.set(index, event.timeNs);
      } else if (known !== hash) reportDifference(event, index);
      index++;
    }
    const last = index - 1;
    if (event.hashes.length > 0 && last > member.commitIndex)
      reportUncommitted(event, last, member);
  }

  function reportDifference(event: TraceEvent & ApplyEvent, index: number): void {
    const other = cluster.nameOf(by.get(index));
    const who = other === event.node ? "before and after its restart" : `than ${other}`;
    anomalies.report({ kind: "apply", nodes: [other, event.node] }, () => ({
      sentence:
        `${event.node} applied something else at index ${index} ${who} ` +
        `(at ${formatMomentNs(times.get(index))} and ${formatMomentNs(event.timeNs)})`,
      timeNs: Math.max(times.get(index), event.timeNs),
      evidence: [
        {
          timeNs: times.get(index),
          who: other,
          text: `applies entry ${index}, state hash ${hashes.get(index)}`,
        },
        lineOf(event, `applies entry ${index} with another state hash`),
      ],
    }));
  }

  function reportUncommitted(
    event: TraceEvent & ApplyEvent,
    index: number,
    { commitIndex }: Member,
  ): void {
    anomalies.report({ kind: "uncommitted", nodes: [event.node] }, () => ({
      sentence:
        `${event.node} applied entry ${index} at ${formatMomentNs(event.timeNs)} although its commit ` +
        `index was ${commitIndex}`,
      timeNs: event.timeNs,
      evidence: [lineOf(event, `applies up to entry ${index}, commit index ${commitIndex}`)],
    }));
  }

  return compare;
}

interface Removal {
  readonly event: TraceEvent & { readonly term: number };
  readonly from: number;
  readonly hash: number;
}

/**
 * Nothing committed is removed. A node that itself knew of the commit is at fault at once. Otherwise the
 * term decides: a node may legally lose, to a delayed message of an old leader, an entry that a newer
 * leader is committing with others' help; but once it is in the committing term or a later one, every
 * leader it listens to has that entry (Leader Completeness). The commit may be read after the removal.
 */
function removedEntries(
  cluster: Cluster,
  anomalies: AnomalyLog,
): {
  truncated(event: Removal["event"], member: Member, from: number): void;
  beforeCommit(event: TraceEvent & CommitEvent, member: Member): void;
} {
  let unjudged: Removal[] = [];

  function report({ event, from }: Removal, by: string): void {
    anomalies.report({ kind: "removed", nodes: [event.node] }, () => ({
      sentence:
        `${event.node} removed entry ${from} from its log at ${formatMomentNs(event.timeNs)}, ` +
        `which ${by} had committed`,
      timeNs: event.timeNs,
      evidence: [lineOf(event, `removes entries from index ${from} on, in term ${event.term}`)],
    }));
  }

  return {
    truncated(event, member, from) {
      const removal = { event, from, hash: member.log.hashAt(from) };
      if (removal.hash === UNTOLD) return;
      if (from <= member.commitIndex) return report(removal, "it");
      const { ledger } = cluster;
      if (from > ledger.top) unjudged.push(removal);
      else if (ledger.hashAt(from) === removal.hash && event.term >= ledger.committedInTerm(from)) {
        report(removal, cluster.nameOf(ledger.firstBy(from)));
      }
    },
    beforeCommit(event, member) {
      if (unjudged.length === 0 || event.index <= cluster.ledger.top) return;
      for (const removal of unjudged) {
        if (removal.from > event.index || removal.event.term < event.term) continue;
        if (member.log.hashAt(removal.from) === removal.hash) report(removal, event.node);
      }
      unjudged = unjudged.filter((removal) => removal.from > event.index);
    },
  };
}
