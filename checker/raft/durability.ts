import { formatMomentNs } from "../../src/base/duration.ts";
import type { StartEvent, TraceEvent } from "../../src/base/trace.ts";
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
 * restart, and a commit rests on a majority of durable copies. The leader's own copy counts only when it
 * is durable too, and need not be when enough others are. A restart may legally lose everything above.
 */
export function durability(cluster: Cluster): RaftRule {
  const anomalies = new AnomalyLog("durability");
  let restarts = 0;
  const isHeld = (member: Member, commit: { index: number; hash: number }): boolean =>
    member.log.hashAt(commit.index) === commit.hash;
  const watch = new QuorumWatch(
    cluster,
    (member, commit) => member.heldOnDiskIndex >= commit.index && isHeld(member, commit),
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

  function compareWithDisk(event: TraceEvent & StartEvent, member: Member): void {
    if (member.lives === 0) return;
    restarts++;
    const { durableIndex } = member;
    const durableHash = member.log.hashAt(durableIndex);
    const found = hashAfterRestart(event, member, cluster);
    const isLost = event.lastIndex < durableIndex;
    if (!isLost && (found === UNTOLD || durableHash === UNTOLD || found === durableHash)) return;
    anomalies.report({ kind: "restart", nodes: [event.node] }, () => ({
      sentence:
        `${event.node} restarted at ${formatMomentNs(event.timeNs)} ` +
        (isLost
          ? `with a log that ends at ${event.lastIndex}, although entry ${durableIndex} had been durable`
          : `with other entries up to ${durableIndex} than those that had been durable`),
      timeNs: event.timeNs,
      evidence: [
        {
          timeNs: member.lastTimeNs,
          who: event.node,
          text: `last line before the restart; durable up to ${durableIndex}, log hash ${durableHash}`,
        },
        lineOf(
          event,
          `starts with a log that ends at ${event.lastIndex}, log hash ${event.lastHash}`,
        ),
      ],
    }));
  }

  return {
    anomalies,
    before(event, member) {
      watch.before(event, member);
      if (event.type === "start") compareWithDisk(event, member);
    },
    after(event, member) {
      if (event.type === "commit" && event.role === "leader") watch.commit(event, member);
      if (event.type === "durable" || event.type === "start") watch.after(member);
    },
    summary: () =>
      `${count(restarts, "restart")} found everything that had been durable; every commit rested on ` +
      `a majority of durable copies${undecidedNote(watch)}`,
  };
}

/** The chain hash that the log found on disk has at the index that had been durable. */
function hashAfterRestart(event: StartEvent, member: Member, cluster: Cluster): number {
  if (member.log.hashAt(event.lastIndex) === event.lastHash) {
    return member.durableIndex <= event.lastIndex ? member.log.hashAt(member.durableIndex) : UNTOLD;
  }
  return hashInLog(event, member.durableIndex, cluster.chains);
}
