import type { NodeId, Role } from "../../src/base/node-id.ts";
import type {
  AppendEvent,
  InstallEvent,
  SnapshotMark,
  StartEvent,
  TraceEvent,
} from "../../src/base/trace.ts";
import type { Chains } from "./chains.ts";
import { EntryLog, UNTOLD } from "./entry-log.ts";

/** One node as its own trace tells it. The log outlives a restart, as far as the start event confirms it. */
export class Member {
  readonly node: NodeId;
  /** Position among all nodes seen; stands for the name in columns. */
  readonly number: number;
  /** How many processes began here. */
  lives = 0;
  /** Voters of the configuration it acts on; learners have no part in a quorum. */
  voters: readonly NodeId[] = [];
  /** Those that the cluster says are meant (see `votersKnownTo`), once they were asked for. */
  electorate: readonly Member[] | undefined;
  role: Role = "follower";
  term = 0;
  readonly log = new EntryLog();
  /** The newest snapshot that is durable here, also across restarts; the log below it need not be there. */
  snapshotIndex = 0;
  /** Everything up to here was reported durable, as log or snapshot, and not truncated since; also across restarts. */
  durableIndex = 0;
  /** As `durableIndex`, and what a start found on disk counts too: nobody need sync it twice. */
  heldOnDiskIndex = 0;
  /** Of this life; it begins with what the snapshot covers. */
  commitIndex = 0;
  appliedIndex = 0;
  /** The last line read. */
  lastLine: TraceEvent | undefined;
  /** How much is `Waiting` for later lines. */
  awaitedCount: number;
  /** Since when each voter has been one without a break, as far as this life of the node knows. */
  readonly votersSinceNs = new Map<NodeId, number>();
  /** What it was until it lost its disk. */
  readonly former: Member | undefined;
  /** When that was; -1 if it never did. */
  readonly lostNs: number;

  constructor(node: NodeId, number: number, before?: { former: Member; lostNs: number }) {
    this.node = node;
    this.number = number;
    this.former = before?.former;
    this.lostNs = before?.lostNs ?? -1;
    this.awaitedCount = before?.former.awaitedCount ?? 0;
  }

  /** Stamp of the last line read: every earlier line of this node is known. */
  get lastTimeNs(): number {
    return this.lastLine?.timeNs ?? -1;
  }

  /** Is the entry there, in the log or covered by the snapshot? A snapshot of another log is for others to find. */
  holds(index: number, hash: number): boolean {
    const held = this.log.hashAt(index);
    return held === hash || (held === UNTOLD && index > 0 && index <= this.snapshotIndex);
  }

  /**
   * What the disk must have of the log when this start was written. A leader's snapshot may have become
   * durable just before a crash, and the line that says so was never written; then it alone stands for what
   * was there, because the log may have been another one.
   */
  durableAtStart({ snapshot }: StartEvent): number {
    return this.#isUntoldInstall(snapshot)
      ? Math.min(this.durableIndex, snapshot.index)
      : this.durableIndex;
  }

  #isUntoldInstall(mark: SnapshotMark | undefined): mark is SnapshotMark {
    if (mark === undefined || mark.index <= this.snapshotIndex) return false;
    return this.log.hashAt(mark.index) !== mark.hash;
  }

  actOn(voters: readonly NodeId[], timeNs: number): void {
    this.voters = voters;
    this.electorate = undefined;
    for (const voter of this.votersSinceNs.keys()) {
      if (!voters.includes(voter)) this.votersSinceNs.delete(voter);
    }
    for (const voter of voters) {
      if (!this.votersSinceNs.has(voter)) this.votersSinceNs.set(voter, timeNs);
    }
  }

  start(event: TraceEvent & StartEvent, chains: Chains): void {
    this.lives++;
    const { snapshot } = event;
    const durable = this.durableAtStart(event);
    if (this.#isUntoldInstall(snapshot)) {
      this.log.cover(snapshot, snapshot.index, chains, this.commitIndex);
    }
    this.votersSinceNs.clear();
    this.actOn(event.members, event.timeNs);
    this.role = "follower";
    this.term = event.term;
    this.log.become(event, chains, durable);
    if (snapshot) this.log.learn(snapshot);
    this.durableIndex = Math.min(durable, event.lastIndex);
    this.heldOnDiskIndex = event.lastIndex;
    this.snapshotIndex = 0;
    this.covered(snapshot?.index ?? 0);
    this.commitIndex = this.snapshotIndex;
    this.appliedIndex = this.snapshotIndex;
  }

  install(event: InstallEvent, chains: Chains): void {
    // What was committed here is the same in the snapshot; what was not may have been another log.
    this.log.cover(event, event.lastIndex, chains, this.commitIndex);
    this.durableIndex = Math.min(this.durableIndex, this.log.lastIndex);
    this.heldOnDiskIndex = Math.min(this.heldOnDiskIndex, this.log.lastIndex);
    this.covered(event.index);
    this.commitIndex = Math.max(this.commitIndex, event.index);
    this.appliedIndex = Math.max(this.appliedIndex, event.index);
  }

  covered(index: number): void {
    this.snapshotIndex = Math.max(this.snapshotIndex, index);
    this.durableIndex = Math.max(this.durableIndex, index);
    this.heldOnDiskIndex = Math.max(this.heldOnDiskIndex, index);
  }

  append(event: AppendEvent, timeNs: number, chains: Chains): void {
    if (event.from <= this.log.lastIndex) this.truncate(event.from);
    let index = event.from;
    let previousTerm = this.log.termAt(index - 1);
    for (const entry of event.entries) {
      const term = entry[0];
      const hash = entry[1];
      this.log.put(index, term, hash);
      if (!chains.has(index, term)) {
        chains.add(index, { term, hash, previousTerm, by: this.number, timeNs });
      }
      previousTerm = term;
      index++;
    }
  }

  truncate(from: number): void {
    this.log.truncate(from);
    this.durableIndex = Math.min(this.durableIndex, from - 1);
    this.heldOnDiskIndex = Math.min(this.heldOnDiskIndex, from - 1);
  }

  /** A report about a log that was replaced while the disk was working says nothing about this one. */
  durable(index: number, hash: number): void {
    if (this.log.hashAt(index) !== hash) return;
    this.durableIndex = Math.max(this.durableIndex, index);
    this.heldOnDiskIndex = Math.max(this.heldOnDiskIndex, index);
  }
}
