import { formatMomentNs } from "../../src/base/duration.ts";
import type { TraceEvent, TraceLine } from "../../src/base/trace.ts";
import { AnomalyLog } from "../anomaly-log.ts";
import {
  type ConfigurationEntry,
  Configurations,
  describeVoting,
  sameVoting,
  voterDifference,
  type Voting,
} from "./configurations.ts";
import { UNTOLD } from "./entry-log.ts";
import { count, lineOf } from "./evidence.ts";
import type { Member } from "./member.ts";
import type { RaftRule } from "./raft-rule.ts";
import { Waiting } from "./waiting.ts";

/** What a node acts on, and what its log says that it should. */
class Acting {
  told: Voting = { voters: [], learners: [] };
  /** What holds where the log has no configuration entry: what it was started with, or its snapshot's. */
  base: Voting | undefined;
  /** The configuration entries in its log, the newest last. */
  entries: ConfigurationEntry[] = [];
  /** The append by which it, as a leader, changed the configuration; its content comes with the next line. */
  change: TraceEvent | undefined;
}

/**
 * Membership by single-server changes (§6; dissertation §4.1 to §4.2). A node acts on the newest configuration
 * in its log, committed or not, and on the one before it when that entry is removed; without any on that of
 * its snapshot, else on what it was started with. Neighbouring configurations differ by one voter at most. A
 * leader appends none before the one before is committed, nor before it committed an entry of its own term
 * (the fix of 2015): otherwise two configurations come to be whose majorities do not overlap. Who is not in the
 * configuration leads until that is committed, and no longer (dissertation §4.2.2).
 *
 * Everything about one node follows from its own lines, which are in order. Across nodes only the content of
 * an entry is compared, known by its chain hash, and that holds whichever line is read first. Where the trace
 * does not tell of all entries of a log, what its newest configuration is remains open.
 */
export function configuration(): RaftRule {
  const anomalies = new AnomalyLog("configuration");
  const known = new Configurations();
  /** By the member's number. */
  const nodes: Acting[] = [];
  /** Nodes whose log changed in this respect, by what line, and which have not said yet what they act on. */
  const owed = new Waiting<TraceEvent>();
  let changes = 0;

  function acting(member: Member): Acting {
    return (nodes[member.number] ??= new Acting());
  }

  function report(event: TraceEvent, kind: string, sentence: string, text: string): void {
    anomalies.report({ kind, nodes: [event.node] }, () => ({
      sentence: `${event.node} ${sentence}, at ${formatMomentNs(event.timeNs)}`,
      timeNs: event.timeNs,
      evidence: [lineOf(event, text)],
    }));
  }

  /** The newest configuration entry of its log; null where there is none, undefined where that is not known. */
  function newest({ entries }: Acting, { log }: Member): ConfigurationEntry | null | undefined {
    const last = entries.at(-1);
    if (last && last.index > log.untoldIndex) return last;
    return log.untoldIndex === 0 ? null : undefined;
  }

  function started(event: TraceLine<"start">, member: Member): void {
    const node = acting(member);
    node.change = undefined;
    owed.replace(member, []);
    node.entries = known.inLog(member.log);
    node.told = { voters: event.members, learners: event.learners ?? [] };
    const entry = newest(node, member);
    node.base = entry === null ? node.told : undefined;
    if (entry) compareContent(event, node.told, entry, "restarted with");
  }

  /** A leader may change the configuration only when the one before is settled. */
  function beforeChange(event: TraceLine<"append">, member: Member): void {
    const first = event.configurations?.[0];
    if (first === undefined) return;
    changes++;
    const { commitIndex } = member;
    const earlier = event.configurations?.[1] ? first : newest(acting(member), member)?.index;
    if (earlier !== undefined && earlier > commitIndex) {
      report(
        event,
        "too soon",
        `appended a configuration while the one of entry ${earlier} was not committed`,
        `appends a configuration in entry ${event.configurations?.at(-1)}; commit index ${commitIndex}`,
      );
    }
    const committedTerm = member.log.termAt(commitIndex);
    if (committedTerm !== UNTOLD && committedTerm !== event.term) {
      report(
        event,
        "own term",
        `appended a configuration as leader of term ${event.term} before it had committed an entry of that term`,
        `appends a configuration in entry ${first}; commit index ${commitIndex}, an entry of term ${committedTerm}`,
      );
    }
  }

  /** Who knows that it has no vote, and that this is settled, leads nobody. */
  function withoutVote(event: TraceLine<"append">, member: Member): void {
    const entry = newest(acting(member), member);
    if (!entry?.voting || entry.index > member.commitIndex) return;
    const { index, voting } = entry;
    if (voting.voters.includes(event.node)) return;
    report(
      event,
      "no vote",
      `led although entry ${index}, which it had committed, gives it no vote`,
      `appends entry ${event.from} as leader; commit index ${member.commitIndex}, voters ${voting.voters.join(", ")}`,
    );
  }

  function appended(event: TraceLine<"append">, member: Member): void {
    const node = acting(member);
    removed(event, member, event.from);
    if (event.configurations === undefined || event.configurations.length === 0) return;
    node.entries.push(...known.appended(event, event.node));
    owed.replace(member, [event]);
    if (event.role === "leader") node.change = event;
  }

  function removed(event: TraceEvent, member: Member, from: number): void {
    const node = acting(member);
    while ((node.entries.at(-1)?.index ?? -1) >= from) {
      node.entries.pop();
      owed.replace(member, [event]);
    }
  }

  function installed(event: TraceLine<"install">, member: Member): void {
    const node = acting(member);
    node.entries = known.inLog(member.log);
    node.base = undefined;
    // Where nobody told yet what the snapshot's entry says, silence says nothing.
    if (newest(node, member)?.voting) owed.replace(member, [event]);
    else owed.replace(member, []);
  }

  function told(event: TraceLine<"configuration">, member: Member): void {
    const node = acting(member);
    if (node.change && voterDifference(node.told, event) > 1 && node.told.voters.length > 0) {
      report(
        event,
        "steps",
        `changed more than one voter at once, from ${describeVoting(node.told)} to ${describeVoting(event)}`,
        `acts on ${describeVoting(event)}`,
      );
    }
    node.change = undefined;
    owed.replace(member, []);
    node.told = { voters: event.voters, learners: event.learners };
    const entry = newest(node, member);
    if (entry === undefined) return;
    if (entry === null) return compareBase(event, node, member);
    const isInSnapshot = entry.index <= member.snapshotIndex && event.index <= member.snapshotIndex;
    if (event.index !== entry.index && !isInSnapshot) {
      report(
        event,
        "other entry",
        `acts on the configuration of entry ${event.index}, although the newest in its log is in entry ${entry.index}`,
        `acts on the configuration of entry ${event.index}`,
      );
      return;
    }
    compareContent(event, event, entry, "acts on");
  }

  /** No entry of its log holds one. */
  function compareBase(event: TraceLine<"configuration">, node: Acting, member: Member): void {
    if (event.index > member.snapshotIndex) {
      report(
        event,
        "other entry",
        `acts on the configuration of entry ${event.index}, although its log has none`,
        `acts on the configuration of entry ${event.index}`,
      );
    } else if (node.base && !sameVoting(node.base, event)) {
      report(
        event,
        "content",
        `acts on ${describeVoting(event)}, although it was started with ${describeVoting(node.base)} and its ` +
          `log changes nothing`,
        `acts on ${describeVoting(event)}`,
      );
    } else node.base = { voters: event.voters, learners: event.learners };
  }

  function compareContent(
    event: TraceEvent,
    voting: Voting,
    entry: ConfigurationEntry,
    does: string,
  ): void {
    if (entry.voting === undefined) {
      entry.voting = { voters: voting.voters, learners: voting.learners };
      entry.by = event.node;
    } else if (!sameVoting(entry.voting, voting)) {
      report(
        event,
        "content",
        `${does} the configuration ${describeVoting(voting)}, although entry ${entry.index} says ` +
          `${describeVoting(entry.voting)} on ${entry.by}`,
        `configuration ${describeVoting(voting)}`,
      );
    }
  }

  /** The first line after a change of the log that is not part of it: does it still act on what it told? */
  function settle(event: TraceEvent, member: Member): void {
    const [cause] = owed.of(member);
    if (!cause) return;
    owed.replace(member, []);
    const node = acting(member);
    const entry = newest(node, member);
    const due = entry === null ? node.base : entry?.voting;
    if (due ? sameVoting(due, node.told) : !entry) return;
    const where = entry ? `entry ${entry.index}` : "its start";
    anomalies.report({ kind: "not followed", nodes: [event.node] }, () => ({
      sentence:
        `${event.node} went on with the configuration ${describeVoting(node.told)} when its log changed at ` +
        `${formatMomentNs(cause.timeNs)} and that of ${where} was the newest` +
        `${due ? `: ${describeVoting(due)}` : ""}`,
      timeNs: event.timeNs,
      evidence: [
        lineOf(cause, `makes the configuration of ${where} the newest in its log`),
        lineOf(event, `goes on without acting on it`),
      ],
    }));
  }

  return {
    anomalies,
    awaited(event, member) {
      if (!CHANGES_A_LOG.has(event.type)) settle(event, member);
    },
    before: {
      append: (event, member) => {
        if (event.role !== "leader") return;
        withoutVote(event, member);
        beforeChange(event, member);
      },
      "disk-lost": (_, member) => owed.replace(member, []),
    },
    after: {
      append: appended,
      truncate: (event, member) => removed(event, member, event.from),
      install: installed,
      configuration: told,
      start: started,
    },
    summary: () =>
      changes === 0
        ? "no leader changed the configuration"
        : `${count(changes, "change")} of the configuration, one voter at a time, each followed by all`,
  };
}

const CHANGES_A_LOG: ReadonlySet<TraceEvent["type"]> = new Set([
  "start",
  "append",
  "truncate",
  "install",
  "configuration",
  "disk-lost",
]);
