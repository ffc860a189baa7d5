import { formatMomentNs } from "../../src/base/duration.ts";
import type { TraceLine } from "../../src/base/trace.ts";
import { AnomalyLog } from "../anomaly-log.ts";
import type { Cluster, Election } from "./cluster.ts";
import { becameLeader } from "./election-safety.ts";
import { hashInLog, UNTOLD } from "./entry-log.ts";
import { count, lineOf } from "./evidence.ts";
import type { RaftRule } from "./raft-rule.ts";

type Commit = TraceLine<"commit">;

/**
 * §5.4, Leader Completeness: what was committed in a term is in the log of every leader of a higher term.
 *
 * An old leader may learn late, and legally, that its entries are committed: acknowledgements were on their
 * way when it was replaced. So each election is held against the commits known so far, and each commit
 * against the elections of higher terms known so far; together that is every pair, in any order.
 */
export function leaderCompleteness(cluster: Cluster): RaftRule {
  const anomalies = new AnomalyLog("leader-completeness");
  /** The highest commit of each term. Its chain hash stands for all below. */
  const highest = new Map<number, Commit>();
  let pairs = 0;
  let newestTerm = 0;

  function judge(election: Election, commit: Commit): void {
    pairs++;
    const { event } = election;
    const held = hashInElectedLog(cluster, election, commit.index);
    const isMissing = commit.index > election.lastIndex;
    if (!isMissing && (held === UNTOLD || held === commit.hash)) return;
    anomalies.report({ kind: `term ${event.term}`, nodes: [event.node] }, () => ({
      sentence:
        `${event.node} became leader of term ${event.term} at ${formatMomentNs(event.timeNs)} ` +
        (isMissing ? `with a log that ends at ${election.lastIndex}` : `with another entry`) +
        `, without entry ${commit.index} that ${commit.node} had committed in term ${commit.term}`,
      timeNs: Math.max(event.timeNs, commit.timeNs),
      evidence: [
        lineOf(commit, `commits up to ${commit.index} in term ${commit.term}`),
        lineOf(event, `${becameLeader(event)}; its log ends at ${election.lastIndex}`),
      ],
    }));
  }

  return {
    anomalies,
    after: {
      commit: (event) => {
        const known = highest.get(event.term);
        if (known && known.index >= event.index) return;
        highest.set(event.term, event);
        if (event.term >= newestTerm) return;
        for (const election of cluster.elections) {
          if (election.event.term > event.term) judge(election, event);
        }
      },
      role: (event) => {
        if (event.role !== "leader") return;
        newestTerm = Math.max(newestTerm, event.term);
        const election = cluster.elections.at(-1)!;
        for (const [term, commit] of highest) {
          if (term < event.term) judge(election, commit);
        }
      },
    },
    summary: () =>
      `${count(cluster.elections.length, "new leader")} held against ${count(pairs, "earlier commit")}`,
  };
}

/** The leader's log has usually only grown since; otherwise the chain is walked back. */
function hashInElectedLog(cluster: Cluster, election: Election, index: number): number {
  if (index > election.lastIndex) return UNTOLD;
  const { log } = cluster.member(election.event.node);
  if (log.hashAt(election.lastIndex) === election.lastHash) return log.hashAt(index);
  return hashInLog(election, index, cluster.chains);
}
