import type { CommitEvent, TraceEvent } from "../../src/base/trace.ts";
import { Column } from "./column.ts";
import { UNTOLD } from "./entry-log.ts";
import type { Member } from "./member.ts";

/** An entry that somebody says to be committed, and with it all before it. */
export interface Claim {
  readonly timeNs: number;
  readonly index: number;
  readonly hash: number;
}

/**
 * What the cluster as a whole has committed, by index: the entry as the first line read tells it, and the
 * line with the earliest stamp that says so. What lies below a snapshot may be told later, or never.
 *
 * A line with an earlier stamp moves the time of its index and of those below, down to the first that was
 * known by then. As stamps of one node rise with its commit index, each node pays for an index once a life.
 */
export class Ledger {
  top = 0;
  readonly #hashes = new Column(UNTOLD);
  readonly #terms = new Column(0);
  readonly #by = new Column(0);
  readonly #times = new Column(Infinity);

  hashAt(index: number): number {
    return index <= this.top ? this.#hashes.get(index) : UNTOLD;
  }

  /** A term in which the entry was known to be committed (the true one may be lower, never higher). */
  committedInTerm(index: number): number {
    return this.#terms.get(index);
  }

  /** Number of the node whose line with this or a higher index has the earliest stamp. */
  firstBy(index: number): number {
    return this.#by.get(index);
  }

  /** That stamp: the entry was committed by then. Infinity where no commit tells of it. */
  firstTimeNs(index: number): number {
    return this.#times.get(index);
  }

  /** The index at which the node and the ledger contradict each other: the last one that both know. */
  contradicts(claim: Omit<Claim, "timeNs">, member: Member): number | undefined {
    const shared = Math.min(this.top, claim.index);
    if (shared === 0) return undefined;
    const ours = this.hashAt(shared);
    const theirs = shared === claim.index ? claim.hash : member.log.hashAt(shared);
    return ours !== UNTOLD && theirs !== UNTOLD && ours !== theirs ? shared : undefined;
  }

  /** A node committed what its log holds up to there. */
  extend(event: TraceEvent & CommitEvent, member: Member): void {
    const { timeNs, index: last } = event;
    // Nearly every commit of a follower: others told of it before.
    if (this.#times.get(last) <= timeNs) return;
    if (last > member.log.lastIndex || this.contradicts(event, member) !== undefined) return;
    for (let index = last; index > 0 && this.#times.get(index) > timeNs; index--) {
      if (this.#hashes.get(index) === UNTOLD) {
        this.#hashes.set(index, index === last ? event.hash : member.log.hashAt(index));
        this.#terms.set(index, event.term);
      }
      this.#by.set(index, member.number);
      this.#times.set(index, timeNs);
    }
    if (last > this.top) this.top = last;
  }

  /** A node's snapshot stands for entries that were committed; of those below it nothing is told. */
  cover(claim: Claim, term: number, member: Member): void {
    const { index, hash, timeNs } = claim;
    if (index <= this.top || this.contradicts(claim, member) !== undefined) return;
    this.#hashes.set(index, hash);
    this.#terms.set(index, term);
    this.#by.set(index, member.number);
    this.#times.set(index, timeNs);
    this.top = index;
  }
}
