import { formatMomentNs } from "../../src/base/duration.ts";
import type { TraceLine } from "../../src/base/trace.ts";
import { AnomalyLog } from "../anomaly-log.ts";
import type { Cluster, Vote } from "./cluster.ts";
import { count, lineOf } from "./evidence.ts";
import type { Member } from "./member.ts";
import type { RaftRule } from "./raft-rule.ts";

/**
 * §5.2 and Fig. 2: a server votes for at most one candidate in a term, and `votedFor` survives a restart.
 * Judged by votes that left the node, never by votes that were only decided. What was voted before the disk was
 * lost, no disk remembers: who comes back then is another server of the same name. It had been removed, by a majority
 * that elects nobody without that entry, so its old vote can elect nobody any more.
 */
export function voteOnce(cluster: Cluster): RaftRule {
  const anomalies = new AnomalyLog("vote-once");
  let votes = 0;

  function compareVotes(event: Vote, { lostNs }: Member): void {
    votes++;
    const other = cluster
      .votesOf(event.node, event.term)
      .find((vote) => vote.candidate !== event.candidate && vote.timeNs >= lostNs);
    if (!other) return;
    anomalies.report({ kind: `twice in ${event.term}`, nodes: [event.node] }, () => ({
      sentence:
        `${event.node} voted twice in term ${event.term}: for ${other.candidate} at ` +
        `${formatMomentNs(other.timeNs)} and for ${event.candidate} at ${formatMomentNs(event.timeNs)}`,
      timeNs: event.timeNs,
      evidence: [other, event].map((vote) => lineOf(vote, votedFor(vote))),
    }));
  }

  function compareWithDisk(event: TraceLine<"start">, { lostNs }: Member): void {
    const vote = cluster.votesOf(event.node, event.term).at(-1);
    if (!vote || vote.candidate === event.votedFor) return;
    if (vote.timeNs < lostNs) return;
    anomalies.report({ kind: `forgotten in ${event.term}`, nodes: [event.node] }, () => ({
      sentence:
        `${event.node} forgot its vote of term ${event.term}: it voted for ${vote.candidate} at ` +
        `${formatMomentNs(vote.timeNs)}, and after its restart at ${formatMomentNs(event.timeNs)} ` +
        `its disk says ${event.votedFor ?? "nobody"}`,
      timeNs: event.timeNs,
      evidence: [
        lineOf(vote, votedFor(vote)),
        lineOf(event, `starts in term ${event.term}, voted for ${event.votedFor ?? "nobody"}`),
      ],
    }));
  }

  return {
    anomalies,
    before: { vote: compareVotes, start: compareWithDisk },
    summary: () => `${count(votes, "vote")}, none for a second candidate in its term`,
  };
}

export function votedFor(vote: Vote): string {
  return `votes for ${vote.candidate} in term ${vote.term}`;
}
