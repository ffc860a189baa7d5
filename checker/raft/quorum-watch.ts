import { majority, type NodeId } from "../../src/base/node-id.ts";
import type { TraceLine } from "../../src/base/trace.ts";
import type { Cluster } from "./cluster.ts";
import type { Member } from "./member.ts";
import { Waiting } from "./waiting.ts";

export type LeaderCommit = TraceLine<"commit">;

/** A commit that had too few voters behind it. */
export interface Lack {
  readonly commit: LeaderCommit;
  readonly behind: readonly NodeId[];
  readonly missing: readonly NodeId[];
  readonly needed: number;
}

interface Pending {
  readonly commit: LeaderCommit;
  readonly needed: number;
  readonly behind: NodeId[];
  readonly missing: NodeId[];
  undecided: number;
  settled: boolean;
}

/**
 * Was a majority behind a leader's commit when it happened?
 *
 * A follower's line is written before the acknowledgement that it stands for leaves, so it carries an
 * earlier stamp than the commit. It may still be read later. So a member that is not behind the commit yet
 * stays undecided until a later stamp of its own is read: then all its earlier lines are known. A member
 * that never gets that far (killed, last line lost) stays undecided, and an undecided commit is no alarm.
 * A killed member counts with what its log held, and one that lost its disk with what that held, if the leader
 * does not know that it was removed before: it may long have acknowledged it. The majority is one of the
 * configuration that the leader acted on when it committed, by its own trace.
 *
 * Commits with a majority at first sight, nearly all, cost one look at each member and are forgotten. Where a
 * line is read late, that look may see a copy that is younger than the commit: then a lack is missed, never made up.
 */
export class QuorumWatch {
  /** Commits of which too little of the trace is known. */
  undecidedCount = 0;
  readonly #cluster: Cluster;
  readonly #isBehind: (member: Member, commit: LeaderCommit) => boolean;
  readonly #onLack: (lack: Lack) => void;
  readonly #queues = new Waiting<Pending>();

  constructor(
    cluster: Cluster,
    isBehind: (member: Member, commit: LeaderCommit) => boolean,
    onLack: (lack: Lack) => void,
  ) {
    this.#cluster = cluster;
    this.#isBehind = isBehind;
    this.#onLack = onLack;
  }

  commit(commit: LeaderCommit, leader: Member): void {
    const voters = this.#cluster.votersKnownTo(leader);
    const needed = majority(voters.length);
    let behindCount = 0;
    for (const voter of voters) {
      if (this.#counts(voter, commit, leader) && ++behindCount >= needed) return;
    }
    this.#watch(commit, leader, voters, needed);
  }

  #watch(commit: LeaderCommit, leader: Member, voters: readonly Member[], needed: number): void {
    const behind = voters.filter((voter) => this.#counts(voter, commit, leader));
    const absent = voters.filter((voter) => !behind.includes(voter));
    const pending: Pending = {
      commit,
      needed,
      behind: behind.map(({ node }) => node),
      missing: [],
      undecided: absent.length,
      settled: false,
    };
    this.undecidedCount++;
    for (const voter of absent) this.#queues.add(voter, pending);
    for (const voter of absent) this.before(voter, voter.lastTimeNs);
  }

  #counts(voter: Member, commit: LeaderCommit, leader: Member): boolean {
    return (
      this.#isBehind(voter, commit) ||
      (voter.former !== undefined && this.#wasBehind(voter, commit, leader))
    );
  }

  /** Before it lost its disk; for a leader that has counted it among the voters since then. */
  #wasBehind(voter: Member, commit: LeaderCommit, leader: Member): boolean {
    const sinceNs = leader.votersSinceNs.get(voter.node) ?? 0;
    let { former, lostNs } = voter;
    for (; former !== undefined && sinceNs < lostNs; { former, lostNs } = former) {
      if (this.#isBehind(former, commit)) return true;
    }
    return false;
  }

  /** To be told that a line with this stamp comes next, of a member whose lines are waited for. */
  before(member: Member, timeNs: number): void {
    const queue = this.#queues.of(member);
    let done = 0;
    for (const pending of queue) {
      if (!pending.settled && pending.commit.timeNs >= timeNs) break;
      if (!pending.settled) {
        this.#decide(pending, member.node, this.#isBehind(member, pending.commit));
      }
      done++;
    }
    this.#drop(member, queue, done);
  }

  /** To be told after a line that may have brought the member forward. */
  after(member: Member): void {
    if (member.awaitedCount === 0) return;
    const queue = this.#queues.of(member);
    let done = 0;
    for (const pending of queue) {
      if (!pending.settled && !this.#isBehind(member, pending.commit)) break;
      this.#decide(pending, member.node, true);
      done++;
    }
    this.#drop(member, queue, done);
  }

  #drop(member: Member, queue: readonly Pending[], done: number): void {
    if (done > 0) this.#queues.replace(member, queue.slice(done));
  }

  #decide(pending: Pending, node: NodeId, isBehind: boolean): void {
    if (pending.settled) return;
    pending.undecided--;
    (isBehind ? pending.behind : pending.missing).push(node);
    const isEnough = pending.behind.length >= pending.needed;
    const isHopeless = pending.behind.length + pending.undecided < pending.needed;
    if (!isEnough && !isHopeless) return;
    pending.settled = true;
    this.undecidedCount--;
    if (isHopeless) this.#onLack(pending);
  }
}
