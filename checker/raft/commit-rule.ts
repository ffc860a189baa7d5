import { formatMomentNs } from "../../src/base/duration.ts";
import type { TraceLine } from "../../src/base/trace.ts";
import { AnomalyLog } from "../anomaly-log.ts";
import type { Cluster } from "./cluster.ts";
import { UNTOLD } from "./entry-log.ts";
import { count, lineOf, list } from "./evidence.ts";
import { QuorumWatch, type Lack } from "./quorum-watch.ts";
import type { RaftRule } from "./raft-rule.ts";

/**
 * §5.3, §5.4.2: a leader moves its commit index only to an entry of its own term that a majority of
 * the voters holds. Entries of older terms are committed by being below; counting replicas for them is what
 * Fig. 8 shows to go wrong.
 */
export function commitRule(cluster: Cluster): RaftRule {
  const anomalies = new AnomalyLog("commit-rule");
  let commits = 0;
  const watch = new QuorumWatch(
    cluster,
    (member, commit) => member.holds(commit.index, commit.hash),
    reportLack,
  );

  function reportLack({ commit, behind, missing, needed }: Lack): void {
    anomalies.report({ kind: "no quorum", nodes: [commit.node] }, () => ({
      sentence:
        `${commit.node}, leader of term ${commit.term}, committed entry ${commit.index} at ` +
        `${formatMomentNs(commit.timeNs)} when only ${list(behind)} held it; ${needed} are needed`,
      timeNs: commit.timeNs,
      evidence: [
        lineOf(commit, `commits up to ${commit.index}; not held by ${list(missing)} at that time`),
      ],
    }));
  }

  function reportOldTerm(event: TraceLine<"commit">, entryTerm: number): void {
    anomalies.report({ kind: "old term", nodes: [event.node] }, () => ({
      sentence:
        `${event.node}, leader of term ${event.term}, committed entry ${event.index} of term ` +
        `${entryTerm} by counting replicas at ${formatMomentNs(event.timeNs)}`,
      timeNs: event.timeNs,
      evidence: [
        lineOf(
          event,
          `commits up to ${event.index}, an entry of term ${entryTerm}, not of its own`,
        ),
      ],
    }));
  }

  return {
    anomalies,
    awaited: ({ timeNs }, member) => watch.before(member, timeNs),
    before: {
      commit: (event, member) => {
        if (event.role !== "leader") return;
        commits++;
        const entryTerm = member.log.termAt(event.index);
        if (entryTerm !== UNTOLD && entryTerm !== event.term) reportOldTerm(event, entryTerm);
      },
    },
    after: {
      commit: (event, member) => {
        if (event.role === "leader") watch.commit(event, member);
      },
      append: (_, member) => watch.after(member),
      start: (_, member) => watch.after(member),
      install: (_, member) => watch.after(member),
    },
    summary: () =>
      `${count(commits, "commit")} by leaders, each of its own term and held by a majority` +
      undecidedNote(watch),
  };
}

/** Said in every summary, so that silence about a commit is not taken for proof. */
export function undecidedNote(watch: QuorumWatch): string {
  return watch.undecidedCount === 0
    ? ""
    : ` (${watch.undecidedCount} of them not decidable: a trace ends before)`;
}
