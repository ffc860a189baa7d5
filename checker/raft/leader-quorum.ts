import { formatMomentNs } from "../../src/base/duration.ts";
import { majority, type NodeId } from "../../src/base/node-id.ts";
import { AnomalyLog } from "../anomaly-log.ts";
import type { Cluster, Election } from "./cluster.ts";
import { becameLeader } from "./election-safety.ts";
import { count, lineOf, list } from "./evidence.ts";
import { votedFor } from "./vote-once.ts";
import type { Member } from "./member.ts";
import type { RaftRule } from "./raft-rule.ts";
import { Waiting } from "./waiting.ts";

/**
 * §5.2: a leader has votes of a majority, each from a different voter of its configuration, each really given
 * to it in this very term. Its own does not count if it was removed (thesis §4.2.2), a learner's never does.
 *
 * A voter's line is written before its vote leaves, so it carries an earlier stamp than the leader's. It may
 * still be read later. A missing vote is therefore proved only by a later stamp of that voter; a voter whose
 * trace ends before proves nothing (its last line may have been lost with the run). Where votes were only seen now
 * and then, those that the leader counted are held against their number alone.
 */
export function leaderQuorum(
  cluster: Cluster,
  { isEveryVoteSeen }: { readonly isEveryVoteSeen: boolean } = { isEveryVoteSeen: true },
): RaftRule {
  const anomalies = new AnomalyLog("leader-quorum");
  /** By the voters whose later lines it takes to judge them. */
  const unjudged = new Waiting<Election>();
  let elections = 0;
  /** Of which the leader did not say who voted for it. */
  let untold = 0;

  function judge(election: Election, voter: NodeId): void {
    const { event } = election;
    const votes = cluster.votesOf(voter, event.term);
    if (votes.some((vote) => vote.candidate === event.node)) return;
    anomalies.report({ kind: `term ${event.term}`, nodes: [event.node, voter] }, () => ({
      sentence:
        `${event.node} became leader of term ${event.term} at ${formatMomentNs(event.timeNs)} counting a ` +
        `vote of ${voter}, but ${voter} ${
          votes.length > 0 ? `had voted for ${votes[0]!.candidate}` : "gave no vote in that term"
        }`,
      timeNs: event.timeNs,
      evidence: [
        ...votes.map((vote) => lineOf(vote, votedFor(vote))),
        lineOf(event, becameLeader(event)),
      ],
    }));
  }

  function elected(election: Election, member: Member): void {
    elections++;
    const { event } = election;
    if (!event.votes) {
      untold++;
      return;
    }
    const members = cluster.votersKnownTo(member).map(({ node }) => node);
    const voters = [...new Set(event.votes)].filter((voter) => members.includes(voter));
    const needed = majority(members.length);
    if (voters.length < needed) {
      anomalies.report({ kind: `too few in ${event.term}`, nodes: [event.node] }, () => ({
        sentence:
          `${event.node} became leader of term ${event.term} at ${formatMomentNs(event.timeNs)} with ` +
          `the votes of only ${list(voters)}; ${needed} of ${members.length} voters are needed`,
        timeNs: event.timeNs,
        evidence: [lineOf(event, becameLeader(event))],
      }));
    }
    if (!isEveryVoteSeen) return;
    for (const voter of voters) unjudged.add(cluster.member(voter), election);
  }

  return {
    anomalies,
    awaited({ timeNs }, member) {
      const waiting = unjudged.of(member);
      const due = waiting.filter(({ event }) => event.timeNs < timeNs);
      if (due.length === 0) return;
      unjudged.replace(
        member,
        waiting.filter(({ event }) => event.timeNs >= timeNs),
      );
      for (const election of due) judge(election, member.node);
    },
    after: {
      role: (event, member) => {
        const election = cluster.elections.at(-1);
        if (election?.event === event) elected(election, member);
      },
    },
    summary: () =>
      untold === 0
        ? `${count(elections, "election")}, each won with the votes of a majority`
        : `${count(elections, "election")}; by whose votes was not told of ${untold}, a majority in the others`,
  };
}
