import { lastIndex } from "../raft/log.ts";
import { RULES, type Rules } from "../raft/rules.ts";
import { STORAGE_RULES, type StorageRules } from "../storage/rules.ts";

/**
 * A seeded bug: a replacement of named rules, nothing else. The core never mentions one. `property` is what
 * it breaks, and the checker that has to catch it.
 */
export interface Mutant {
  readonly id: string;
  /** The mechanism in one line. */
  readonly mechanism: string;
  /** Where the bug was seen in the wild, or which rule of the paper it leaves out. */
  readonly source: string;
  readonly property: string;
  /** What clients must do for it to show. Default: "register". */
  readonly workload?: "bank";
  /** What it takes for the bug to matter, besides cuts and kills. */
  readonly needs?: "snapshots" | "members" | "leases" | "even sizes" | "late messages";
  readonly rules: Partial<Rules>;
  /** Those of the disk. */
  readonly storageRules?: Partial<StorageRules>;
}

export const MUTANTS: readonly Mutant[] = [
  {
    id: "commit-no-quorum",
    mechanism: "the leader commits as soon as its own log holds the entry",
    source: "Raft paper §5.3",
    property: "commit-rule",
    rules: { quorumIndex: (_raft, matchIndexes) => Math.max(...matchIndexes) },
  },
  {
    id: "js-sort-median",
    mechanism: "match indexes are sorted as strings before the majority's is taken",
    source: "akka-raft issue 42; JavaScript's default sort",
    property: "commit-rule",
    rules: {
      quorumIndex: (_raft, matchIndexes) => {
        const asText = matchIndexes.map(String).sort();
        const sorted = asText.map(Number);
        return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
      },
    },
  },
  {
    id: "even-quorum",
    mechanism: "half of an even number of servers is taken for a majority",
    source: "hashicorp/raft 163a55f; openraft #1802",
    property: "leader-quorum",
    needs: "even sizes",
    rules: {
      isQuorum: (raft, count) => count >= halfOf(raft.rules.voters(raft.configuration).length),
      quorumIndex: (_raft, matchIndexes) =>
        matchIndexes.toSorted((a, b) => b - a)[halfOf(matchIndexes.length) - 1] ?? 0,
    },
  },
  {
    id: "leader-self-unsynced",
    mechanism: "the leader counts its own entry before its fsync",
    source: "openraft a9f696a9; etcd #14370",
    property: "durability",
    rules: { selfMatchIndex: (raft) => lastIndex(raft.log) },
  },
  {
    id: "ack-before-fsync",
    mechanism: "a follower acknowledges entries before its fsync",
    source: "camunda #4160; tikv #994",
    property: "durability",
    rules: { ackWaitsForDisk: () => false },
  },
  {
    id: "vote-ignores-log",
    mechanism: "a vote is granted without comparing logs",
    source: "Raft paper §5.4.1; Ongaro's dissertation §3.6",
    property: "leader-completeness",
    rules: { isLogUpToDate: () => true },
  },
  {
    id: "vote-twice",
    mechanism: "a second vote is granted in the same term",
    source: "Raft paper §5.2",
    property: "vote-once",
    rules: { isVoteFree: () => true, hearsLeader: () => false },
  },
  {
    id: "vote-not-durable",
    mechanism: "votedFor is not written to the disk",
    source: "akka-raft issue 62; Raft paper Fig. 2",
    property: "vote-once",
    rules: { voteToPersist: (raft) => ({ term: raft.currentTerm, votedFor: null }) },
  },
  {
    id: "stale-vote-counted",
    mechanism: "votes of an earlier campaign count in the one that runs",
    source: "akka-raft issue 46; Xraft #33",
    property: "leader-quorum",
    rules: {
      countsAsVote: (raft, request) =>
        raft.role === "candidate" && !raft.preVoting && !request.preVote,
    },
  },
  {
    id: "forget-vote-on-stepdown",
    mechanism: "who gives up in its term forgets whom it voted for in it",
    source: "akka-raft issue 56; redpanda #14",
    property: "vote-once",
    rules: { votedForAfterStepDown: () => null },
  },
  {
    id: "truncate-always",
    mechanism: "whatever follows prevLogIndex is cut on every AppendEntries",
    source: "akka-raft issue 66; RaftOS #26; CCF #5991",
    property: "state-machine-safety",
    rules: { truncationPoint: (_raft, message) => message.prevLogIndex + 1 },
  },
  {
    id: "no-truncate-on-conflict",
    mechanism: "a conflicting entry is kept and what follows is appended behind it",
    source: "Raft paper §5.3",
    property: "log-matching",
    rules: { truncationPoint: () => undefined },
  },
  {
    id: "append-no-prev-check",
    mechanism: "the term at prevLogIndex is not compared",
    source: "WRaft #118.1; akka-raft issue 58",
    property: "log-matching",
    rules: { matchesPrevious: (raft, message) => message.prevLogIndex <= lastIndex(raft.log) },
  },
  {
    id: "heartbeat-skips-check",
    mechanism: "an empty AppendEntries is answered with success without the consistency check",
    source: "Students' Guide to Raft",
    property: "state-machine-safety",
    rules: { needsConsistencyCheck: (message) => message.entries.length > 0 },
  },
  {
    id: "ack-own-last-index",
    mechanism: "a follower acknowledges all of its log, not the end of what the leader sent",
    source: "CCF #6001, #6016",
    property: "commit-rule",
    rules: { ackedIndex: (raft) => lastIndex(raft.log) },
  },
  {
    id: "conflict-hint-stuck",
    mechanism: "after a refusal the leader looks at the same place again",
    source: "openraft 6d53aa12; CCF #3723",
    property: "liveness",
    rules: { lastAgreed: (_raft, { prevLogIndex }) => prevLogIndex },
  },
  {
    id: "apply-uncommitted",
    mechanism: "entries are applied when they are appended, not when they are committed",
    source: "Raft paper §5.3",
    property: "state-machine-safety",
    rules: { applyLimit: (raft) => lastIndex(raft.log) },
  },
  {
    id: "read-any-node",
    mechanism: "every node answers reads from its own state",
    source: "etcd #741; Raft paper §8",
    property: "linearizability",
    rules: { readNeedsLeader: () => false },
  },
  {
    id: "read-leader-local",
    mechanism: "the leader answers reads without asking a majority whether it still leads",
    source: "etcd #741; Consul's default mode",
    property: "linearizability",
    rules: { readNeedsRound: () => false, hasLostQuorum: () => false },
  },
  {
    id: "no-dedup",
    mechanism: "a retried command is executed again",
    source: "RedisRaft #13; Ra #145",
    property: "exactly-once",
    rules: { isRetry: () => false },
  },
  {
    id: "txn-keeps-half",
    mechanism: "of a transaction that is refused, the steps before the one that did not fit stay",
    source: "a transaction is all or nothing",
    property: "bank",
    workload: "bank",
    rules: { undoesRefusedTxn: () => false },
  },
  {
    id: "fail-is-definite",
    mechanism: "a leader that steps down answers pending writes with a definite failure",
    source: "RedisRaft #23",
    property: "linearizability",
    rules: { pendingWriteAfterStepDown: () => "answer-failed" },
  },
  {
    id: "waiter-by-index",
    mechanism: "whoever waits at an index is answered by whatever entry is applied there",
    source: "RedisRaft #26; Students' Guide to Raft",
    property: "linearizability",
    rules: { pendingWriteAfterStepDown: () => "keep", answersPendingWrite: () => true },
  },
  {
    id: "no-check-quorum",
    mechanism: "a leader that hears from nobody goes on to lead",
    source: "the outage at Cloudflare of 2 November 2020; thesis §6.2",
    property: "liveness",
    rules: { hasLostQuorum: () => false },
  },
  {
    id: "prevote-no-stickiness",
    mechanism: "a pre-vote is granted by nodes that hear a leader",
    source: "Howard and Abraham (2020); thesis §9.6",
    property: "liveness",
    rules: { hearsLeader: (raft) => raft.role === "leader" },
  },
  {
    id: "stale-term-append",
    mechanism: "AppendEntries of an older term are accepted",
    source: "akka-raft issue 46; Students' Guide to Raft (term confusion)",
    property: "state-machine-safety",
    needs: "late messages",
    rules: { isStaleTerm: () => false },
  },
  {
    id: "commit-old-term",
    mechanism: "an entry of an older term is committed by counting replicas",
    source: "Raft paper §5.4.2, Fig. 8; PySyncObj #169",
    property: "commit-rule",
    rules: { mayCommit: () => true },
  },
  {
    id: "commit-beyond-match",
    mechanism: "a follower takes the leader's commit index without looking how far the logs agree",
    source: "Students' Guide to Raft; camunda #30354",
    property: "state-machine-safety",
    rules: { followerCommitIndex: (_raft, message) => message.leaderCommit },
  },
  {
    id: "readindex-no-term-commit",
    mechanism: "a new leader serves reads before it has committed an entry of its own term",
    source: "etcd #7331; tikv #1634",
    property: "read-index",
    rules: { mayServeReads: () => true },
  },
  {
    id: "readindex-ctx-reuse",
    mechanism: "answers to an older round of read-index confirm a read that came later",
    source: "etcd #20418; antfly #599",
    property: "read-index",
    rules: { roundOfRead: ({ round }) => Math.max(round, 1) },
  },
  {
    id: "lease-outlives-clock",
    mechanism: "the leader's lease lasts for longer than others wait before they elect",
    source: "tikv #964; etcd #6005",
    property: "read-index",
    needs: "leases",
    rules: { leaseMs: ({ timing }) => 2 * timing.electionTimeoutMsMax },
  },
  {
    id: "prev-below-snapshot-wipes",
    mechanism:
      "a message that reaches back behind the snapshot is taken for a conflict, and the log goes",
    source: "openraft 71a290cd, 44381b0c",
    property: "state-machine-safety",
    needs: "snapshots",
    rules: {
      withoutCompacted: (_raft, message) => message,
      needsConsistencyCheck: () => false,
      truncationPoint: (raft, message) =>
        message.prevLogIndex < raft.log.base.index
          ? raft.log.base.index + 1
          : RULES.truncationPoint(raft, message),
    },
  },
  {
    id: "snapshot-drops-sessions",
    mechanism: "what is remembered of clients is not part of the snapshot",
    source: "RedisRaft 7cdad3a; Raft dissertation §6.3",
    property: "state-machine-safety",
    needs: "snapshots",
    rules: { snapshotHoldsSessions: () => false },
  },
  {
    id: "replay-below-snapshot",
    mechanism: "after a restart entries that the snapshot covers are applied again",
    source: "dragonboat cfbf68a; canonical/raft a3de078",
    property: "monotonic-state",
    needs: "snapshots",
    rules: { appliedAtStart: (raft) => raft.log.base.index },
  },
  {
    id: "old-snapshot-accepted",
    mechanism:
      "a leader's snapshot is installed although everything in it is committed here already",
    source: "openraft eed681d5; Raft paper §7",
    property: "monotonic-state",
    needs: "snapshots",
    rules: { isOldSnapshot: () => false },
  },
  {
    id: "snapshot-keeps-conflict",
    mechanism: "what follows a snapshot in the log is kept although it belongs to another history",
    source: "openraft 674e78aa, ac3e5a89",
    property: "log-matching",
    needs: "snapshots",
    rules: { keepsSuffix: (raft, snapshot) => lastIndex(raft.log) > snapshot.index },
  },
  {
    id: "learner-in-quorum",
    mechanism: "learners count in majorities",
    source: "hashicorp/raft 6e41709; camunda #57387",
    property: "leader-quorum",
    needs: "members",
    rules: { voters: ({ voters, learners }) => [...voters, ...learners] },
  },
  {
    id: "overlapping-config",
    mechanism: "the members are changed again before the last change is committed",
    source: "Raft dissertation §4.1",
    property: "configuration",
    needs: "members",
    rules: {
      isChangeUnderWay: () => false,
      leavesWhenRemoved: (raft) => !raft.rules.mayCampaign(raft) && !RULES.isChangeUnderWay(raft),
    },
  },
  {
    id: "single-server-no-noop",
    mechanism: "the members are changed before an entry of the leader's own term is committed",
    source: "Ongaro on raft-dev, 2015",
    property: "configuration",
    needs: "members",
    rules: { hasCommittedInTerm: () => true },
  },
  {
    id: "removed-leader-stays",
    mechanism: "a leader that was removed leads on",
    source: "CCF #5973; openraft 0023cff1",
    property: "configuration",
    needs: "members",
    rules: { leavesWhenRemoved: () => false },
  },
  {
    id: "voteless-campaigns",
    mechanism: "learners and removed servers ask to lead",
    source: "hashicorp/raft 656e6c0, 38cb186; etcd db54973",
    property: "configuration",
    needs: "members",
    rules: { mayCampaign: () => true },
  },
  {
    id: "joiner-votes-early",
    mechanism: "a node that joined votes before it has the entry that added it",
    source: "RethinkDB #5289; found in our own node, seed c249",
    property: "leader-completeness",
    needs: "members",
    rules: { mayVote: () => true },
  },
  {
    id: "joiner-never-votes",
    mechanism: "a learner that was given a vote never gives it",
    source: "etcd abb533c; dragonboat 5809c78",
    property: "liveness",
    needs: "members",
    rules: { mayVote: (raft) => raft.mayVoteFrom === 0 },
  },
  {
    id: "persisted-before-sync",
    mechanism: "the disk reports a write as durable when it has handed it over, before the sync",
    source: "tikv #994; NATS 2.12.1's sync every two minutes",
    property: "durability",
    rules: {},
    storageRules: { persistedWaitsForSync: () => false },
  },
  {
    id: "snapshot-saved-early",
    mechanism: "the log is compacted before the snapshot is in its place",
    source: "canonical/raft a3de078; Raft paper §7",
    property: "process-exits",
    rules: {},
    storageRules: { snapshotWaitsForSync: () => false },
  },
  {
    id: "no-directory-sync",
    mechanism: "the directory is not synced after a rename",
    source: "etcd #6368; canonical/raft a3de078",
    property: "durability",
    rules: {},
    storageRules: { isDirectorySynced: () => false },
  },
  {
    id: "replace-in-place",
    mechanism: "the log and the snapshot are overwritten where they are",
    source: "Pillai et al., OSDI 2014",
    property: "process-exits",
    rules: {},
    storageRules: { isWrittenBeside: () => false },
  },
  {
    id: "rename-before-sync",
    mechanism: "a new file is renamed before its content is synced",
    source: "Pillai et al., OSDI 2014; ext4's delayed allocation",
    property: "process-exits",
    rules: {},
    storageRules: { isSyncedBeforeRename: () => false },
  },
  {
    id: "sync-failure-ignored",
    mechanism: "a failed write or sync is taken for done",
    source: "PostgreSQL's fsync errors of 2018; canonical/raft #321, #450",
    property: "durability",
    rules: {},
    storageRules: { isFailureFinal: () => false },
  },
  {
    id: "damaged-tail-cut",
    mechanism: "a log is cut off where it can't be read, though what was there had been synced",
    source: "Alagappan et al., FAST 2018: nodes that truncate where they must refuse",
    property: "durability",
    rules: {},
    storageRules: { mayCutTail: () => true },
  },
];

/** Enough for a majority only of an odd number. */
function halfOf(count: number): number {
  return Math.ceil(count / 2);
}

/** A bug of other programs that breaks nothing here. */
export interface EquivalentMutant extends Pick<Mutant, "id" | "mechanism" | "source"> {
  readonly reason: string;
  /** What it would replace; undefined: there is nothing here that it could. */
  readonly rules?: Partial<Rules>;
}

/** Left out of the catalogue, each for its reason: nothing could catch them. */
export const EQUIVALENT_MUTANTS: readonly EquivalentMutant[] = [
  {
    id: "dup-votes-counted",
    mechanism: "answers of one voter count as several votes",
    source: "akka-raft issue 45; Coyote's Raft sample",
    reason:
      "a candidate asks each voter once in a term and a call has one answer; only of pre-votes, which bind nobody, can one " +
      "voter grant several",
    rules: { countVotes: (votes) => votes.length },
  },
  {
    id: "match-assigned",
    mechanism: "a late acknowledgement takes back what a follower is known to hold",
    source: "PySyncObj #167; RaftOS #25",
    reason:
      "a leader's commit index never goes back, and the follower does hold that much; entries are sent twice, no more",
    rules: { nextMatchIndex: (_known, acked) => acked },
  },
  {
    id: "read-before-apply",
    mechanism: "a read is answered before what was committed when it came is applied",
    source: "Xraft-KV",
    reason: "a step applies all that is committed before it looks at reads",
    rules: { mayAnswerRead: () => true },
  },
  {
    id: "snapshot-index-ahead",
    mechanism: "a snapshot says that it stands for more entries than its state has seen",
    source: "dragonboat 7d5dc73; Students' Guide to Raft",
    reason: "when a step takes a snapshot, all that is committed is applied",
  },
  {
    id: "apply-nondeterministic",
    mechanism: "what applying an entry does depends on the node's clock",
    source: "node-zmq-raft's window of seven hours",
    reason: "the state machine is handed neither a clock nor chance",
  },
];

/**
 * A seeded bug that every run shows, however short and quiet: if it is not caught, then nothing would be. Not one of the
 * catalogue.
 */
export const CANARY: Mutant = {
  id: "canary",
  mechanism: "everything that is in the log is taken for durable, committed and applied",
  source: "made up",
  property: "durability",
  rules: {
    selfMatchIndex: (raft) => lastIndex(raft.log),
    quorumIndex: (_raft, matchIndexes) => Math.max(...matchIndexes),
    applyLimit: (raft) => lastIndex(raft.log),
  },
};

/** Of the catalogue, or the canary. */
export function findMutant(id: string | null | undefined): Mutant | undefined {
  return [...MUTANTS, CANARY].find((candidate) => candidate.id === id);
}

/**
 * The paper's rules with the mutant's in their place, also those of one that is left out; undefined if there is nothing to
 * replace. `onDifference` is told whenever one of them decides otherwise than the rule that it replaces.
 */
export function mutatedRules(id: string, onDifference?: () => void): Rules | undefined {
  const { rules } = findMutant(id) ?? EQUIVALENT_MUTANTS.find((one) => one.id === id) ?? {};
  return rules && { ...RULES, ...compared(rules, RULES, onDifference) };
}

/** The same for the rules of the disk. */
export function mutatedStorageRules(
  id: string | null | undefined,
  onDifference?: () => void,
): StorageRules {
  const replaced = findMutant(id)?.storageRules ?? {};
  return { ...STORAGE_RULES, ...compared(replaced, STORAGE_RULES, onDifference) };
}

type Decision = (...situation: readonly unknown[]) => unknown;

/** Rules that also ask the ones that they replace, where anybody wants to know; rules change nothing, so that is harmless. */
function compared<T extends object>(
  replaced: Partial<T>,
  original: T,
  onDifference: (() => void) | undefined,
): Partial<T> {
  if (onDifference === undefined) return replaced;
  const originals = original as Readonly<Record<string, Decision>>;
  const entries = Object.entries(replaced as Readonly<Record<string, Decision>>).map(
    ([name, decide]): [string, Decision] => [
      name,
      (...situation) => {
        const decision = decide(...situation);
        const right = originals[name]?.(...situation);
        if (JSON.stringify(decision) !== JSON.stringify(right)) onDifference();
        return decision;
      },
    ],
  );
  return Object.fromEntries(entries) as Partial<T>;
}
