import { formatMomentNs } from "../../src/base/duration.ts";
import type { SnapshotMark, TraceEvent, TraceLine } from "../../src/base/trace.ts";
import { AnomalyLog } from "../anomaly-log.ts";
import type { Cluster } from "./cluster.ts";
import { Column } from "./column.ts";
import { UNTOLD } from "./entry-log.ts";
import { count, lineOf } from "./evidence.ts";
import type { Claim } from "./ledger.ts";
import type { Member } from "./member.ts";
import type { RaftRule } from "./raft-rule.ts";

/**
 * §5.4.3, State Machine Safety: no two nodes apply different commands at one index. Held at four places:
 * what nodes commit (chain hash), what they apply (hash over commands and results), what their snapshots
 * stand for (both hashes), and that nothing committed is removed again.
 */
export function stateMachineSafety(cluster: Cluster): RaftRule {
  const anomalies = new AnomalyLog("state-machine-safety");
  const applies = appliedHashes(cluster, anomalies);
  const removals = removedEntries(cluster, anomalies);
  let commits = 0;
  let snapshots = 0;

  function compareCommit(event: TraceLine<"commit">, member: Member): void {
    commits++;
    if (event.index > member.log.lastIndex) reportBeyond(event, member.log.lastIndex);
    compareWithLedger(event, event, member, "commits up to");
  }

  function reportBeyond(event: TraceLine<"commit">, lastIndex: number): void {
    anomalies.report({ kind: "beyond log", nodes: [event.node] }, () => ({
      sentence:
        `${event.node} said at ${formatMomentNs(event.timeNs)} that entry ${event.index} is committed, ` +
        `but its own log ends at ${lastIndex}`,
      timeNs: event.timeNs,
      evidence: [lineOf(event, `commits up to ${event.index}`)],
    }));
  }

  /** What a snapshot that came from elsewhere, or was found on disk, covers is committed. */
  function compareCover(event: TraceEvent, mark: SnapshotMark, member: Member): void {
    snapshots++;
    compareWithLedger(
      event,
      mark,
      member,
      event.type === "start" ? "starts from a snapshot of" : "installs a snapshot of",
    );
  }

  function compareWithLedger(
    event: TraceEvent,
    claim: Omit<Claim, "timeNs">,
    member: Member,
    does: string,
  ): void {
    const index = cluster.ledger.contradicts(claim, member);
    if (index !== undefined) reportCommit(event, claim, index, does);
  }

  function reportCommit(
    event: TraceEvent,
    claim: Omit<Claim, "timeNs">,
    index: number,
    does: string,
  ): void {
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
        lineOf(event, `${does} ${claim.index} with another log hash at ${index}`),
      ],
    }));
  }

  /** A snapshot is of what was applied here, and names the entry at its index. */
  function compareWithLog(event: TraceLine<"snapshot">, member: Member): void {
    const { index, entryTerm, hash } = event;
    const known = { term: member.log.termAt(index), hash: member.log.hashAt(index) };
    const isEarly = index > member.appliedIndex;
    const isOther =
      (known.hash !== UNTOLD && known.hash !== hash) ||
      (known.term !== UNTOLD && known.term !== entryTerm);
    if (!isEarly && !isOther) return;
    anomalies.report({ kind: "snapshot", nodes: [event.node] }, () => ({
      sentence:
        `${event.node} took a snapshot of entry ${index} at ${formatMomentNs(event.timeNs)} ` +
        (isEarly
          ? `although it had applied only ${member.appliedIndex}`
          : `that does not belong to the entry its log has there`),
      timeNs: event.timeNs,
      evidence: [
        lineOf(event, `snapshot of entry ${index} of term ${entryTerm}, log hash ${hash}`),
      ],
    }));
  }

  return {
    anomalies,
    before: {
      commit: (event, member) => {
        compareCommit(event, member);
        removals.beforeCommit(event, member);
      },
      apply: (event, member) => applies.compare(event, member),
      snapshot: (event, member) => {
        snapshots++;
        compareWithLog(event, member);
        applies.compareMark(event, event);
      },
      install: (event, member) => {
        applies.compareMark(event, event);
        removals.truncated(event, member, event.lastIndex + 1);
      },
      start: (event) => {
        if (event.snapshot) applies.compareMark(event, event.snapshot);
      },
      truncate: (event, member) => removals.truncated(event, member, event.from),
      append: (event, member) => {
        if (event.from <= member.log.lastIndex) removals.truncated(event, member, event.from);
      },
    },
    after: {
      install: (event, member) => compareCover(event, event, member),
      start: (event, member) => {
        if (event.snapshot) compareCover(event, event.snapshot, member);
      },
    },
    summary: () =>
      `${count(commits, "commit")} up to entry ${cluster.ledger.top}` +
      `${snapshots > 0 ? ` and ${count(snapshots, "snapshot")}` : ""}, the same log and the same ` +
      `applied state on all nodes`,
  };
}

function appliedHashes(
  cluster: Cluster,
  anomalies: AnomalyLog,
): {
  compare(event: TraceLine<"apply">, member: Member): void;
  compareMark(event: TraceEvent, mark: SnapshotMark): void;
} {
  const hashes = new Column(UNTOLD);
  const by = new Column(0);
  const times = new Column(0);

  function compare(event: TraceLine<"apply">, member: Member): void {
    let index = event.from;
    for (const hash of event.hashes) {
      const known = hashes.get(index);
      if (known === UNTOLD) remember(event, member.number, index, hash);
      else if (known !== hash) reportDifference(event, index, "applied something else at");
      index++;
    }
    const last = index - 1;
    if (event.hashes.length > 0 && last > member.commitIndex)
      reportUncommitted(event, last, member);
  }

  function remember(event: TraceEvent, number: number, index: number, hash: number): void {
    hashes.set(index, hash);
    by.set(index, number);
    times.set(index, event.timeNs);
  }

  /** The state in a snapshot is what everybody has after applying its index. */
  function compareMark(event: TraceEvent, { index, stateHash }: SnapshotMark): void {
    const known = hashes.get(index);
    if (known === UNTOLD) remember(event, cluster.member(event.node).number, index, stateHash);
    else if (known !== stateHash)
      reportDifference(event, index, "has another state in its snapshot of");
  }

  function reportDifference(event: TraceEvent, index: number, does: string): void {
    const other = cluster.nameOf(by.get(index));
    const before = event.type === "apply" ? "before and after its restart" : "than it applied";
    const who = other === event.node ? before : `than ${other}`;
    anomalies.report({ kind: event.type, nodes: [other, event.node] }, () => ({
      sentence:
        `${event.node} ${does} index ${index} ${who} ` +
        `(at ${formatMomentNs(times.get(index))} and ${formatMomentNs(event.timeNs)})`,
      timeNs: Math.max(times.get(index), event.timeNs),
      evidence: [
        {
          timeNs: times.get(index),
          who: other,
          text: `applies entry ${index}, state hash ${hashes.get(index)}`,
        },
        lineOf(event, `entry ${index} with another state hash`),
      ],
    }));
  }

  function reportUncommitted(
    event: TraceLine<"apply">,
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

  return { compare, compareMark };
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
  beforeCommit(event: TraceLine<"commit">, member: Member): void;
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
      if (from > member.log.lastIndex) return;
      const removal = { event, from, hash: member.log.hashAt(from) };
      if (from <= member.commitIndex) return report(removal, "it");
      if (removal.hash === UNTOLD) return;
      const { ledger } = cluster;
      if (ledger.hashAt(from) === UNTOLD) unjudged.push(removal);
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
