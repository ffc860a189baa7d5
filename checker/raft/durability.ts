import { formatMomentNs } from "../../src/base/duration.ts";
import type { StartEvent, TraceLine } from "../../src/base/trace.ts";
import { AnomalyLog } from "../anomaly-log.ts";
import type { Cluster } from "./cluster.ts";
import { undecidedNote } from "./commit-rule.ts";
import { hashInLog, UNTOLD } from "./entry-log.ts";
import { count, lineOf, list } from "./evidence.ts";
import type { Member } from "./member.ts";
import { QuorumWatch, type Lack } from "./quorum-watch.ts";
import type { RaftRule } from "./raft-rule.ts";

/**
 * Fig. 2 ("updated on stable storage before responding"): what a node called durable is there after a
 * restart, in the log or covered by the snapshot, and a commit rests on a majority of durable copies. The
 * leader's own copy counts only when it is durable too, and need not be when enough others are. A restart
 * may legally lose everything above.
 */
export function durability(cluster: Cluster): RaftRule {
  const anomalies = new AnomalyLog("durability");
  let restarts = 0;
  const watch = new QuorumWatch(
    cluster,
    (member, { index, hash }) => member.heldOnDiskIndex >= index && member.holds(index, hash),
    reportLack,
  );

  function reportLack({ commit, behind, missing, needed }: Lack): void {
    anomalies.report({ kind: "quorum not durable", nodes: [commit.node] }, () => ({
      sentence:
        `${commit.node}, leader of term ${commit.term}, committed entry ${commit.index} at ` +
        `${formatMomentNs(commit.timeNs)} when it was durable only on ${list(behind)}; ${needed} are needed`,
      timeNs: commit.timeNs,
      evidence: [
        lineOf(
          commit,
          `commits up to ${commit.index}; not durable on ${list(missing)} at that time`,
        ),
      ],
    }));
  }

  function compareWithDisk(event: TraceLine<"start">, member: Member): void {
    const covered = event.snapshot?.index ?? 0;
    if (event.lastIndex < covered) {
      report(
        event,
        member,
        `with a log that ends at ${event.lastIndex}, before its own snapshot of ${covered}`,
      );
    }
    if (member.lives === 0) return;
    restarts++;
    const durableIndex = member.durableAtStart(event);
    if (covered < member.snapshotIndex) {
      report(
        event,
        member,
        `without its snapshot up to ${member.snapshotIndex}, which had been durable`,
      );
    }
    if (event.lastIndex < durableIndex) {
      report(
        event,
        member,
        `with a log that ends at ${event.lastIndex}, although entry ${durableIndex} had been durable`,
      );
    } else if (hasOtherEntries(event, member, durableIndex)) {
      report(
        event,
        member,
        `with other entries up to ${durableIndex} than those that had been durable`,
      );
    }
  }

  function hasOtherEntries(event: StartEvent, member: Member, durableIndex: number): boolean {
    if (durableIndex <= (event.snapshot?.index ?? 0)) return false;
    const durableHash = member.log.hashAt(durableIndex);
    const found = hashAfterRestart(event, member, durableIndex, cluster);
    return found !== UNTOLD && durableHash !== UNTOLD && found !== durableHash;
  }

  function report(event: TraceLine<"start">, member: Member, lack: string): void {
    const { durableIndex, snapshotIndex, lastTimeNs } = member;
    const before = snapshotIndex === 0 ? "" : `, snapshot up to ${snapshotIndex}`;
    const now = event.snapshot ? `, snapshot up to ${event.snapshot.index}` : "";
    anomalies.report({ kind: "restart", nodes: [event.node] }, () => ({
      sentence: `${event.node} restarted at ${formatMomentNs(event.timeNs)} ${lack}`,
      timeNs: event.timeNs,
      evidence: [
        {
          timeNs: Math.max(0, lastTimeNs),
          who: event.node,
          text:
            `last line before the restart; durable up to ${durableIndex}, ` +
            `log hash ${member.log.hashAt(durableIndex)}${before}`,
        },
        lineOf(
          event,
          `starts with a log that ends at ${event.lastIndex}, log hash ${event.lastHash}${now}`,
        ),
      ],
    }));
  }

  return {
    anomalies,
    awaited: ({ timeNs }, member) => watch.before(member, timeNs),
    before: { start: compareWithDisk },
    after: {
      commit: (event, member) => {
        if (event.role === "leader") watch.commit(event, member);
      },
      durable: (_, member) => watch.after(member),
      start: (_, member) => watch.after(member),
      snapshot: (_, member) => watch.after(member),
      install: (_, member) => watch.after(member),
    },
    summary: () =>
      `${count(restarts, "restart")} found everything that had been durable; every commit rested on ` +
      `a majority of durable copies${undecidedNote(watch)}`,
  };
}

/** The chain hash that the log found on disk has at the index that had been durable. */
function hashAfterRestart(
  event: StartEvent,
  member: Member,
  durableIndex: number,
  cluster: Cluster,
): number {
  if (member.log.hashAt(event.lastIndex) === event.lastHash) return member.log.hashAt(durableIndex);
  return hashInLog(event, durableIndex, cluster.chains);
}
