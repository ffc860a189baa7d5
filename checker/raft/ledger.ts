import type { CommitEvent, TraceEvent } from "../../src/base/trace.ts";
import { Column } from "./column.ts";
import { UNTOLD } from "./entry-log.ts";
import type { Member } from "./member.ts";

/** What the cluster as a whole has committed, by index, as the first node to say so tells it. */
export class Ledger {
  top = 0;
  readonly #hashes = new Column(UNTOLD);
  readonly #terms = new Column(0);
  readonly #by = new Column(0);
  readonly #times = new Column(0);

  hashAt(index: number): number {
    return index <= this.top ? this.#hashes.get(index) : UNTOLD;
  }

  /** A term in which the entry was known to be committed (the true one may be lower, never higher). */
  committedInTerm(index: number): number {
    return this.#terms.get(index);
  }

  /** Number of the node that said so first. */
  firstBy(index: number): number {
    return this.#by.get(index);
  }

  firstTimeNs(index: number): number {
    return this.#times.get(index);
  }

  /** The index at which the node and the ledger contradict each other: the last one that both know. */
  contradicts(event: CommitEvent, member: Member): number | undefined {
    const shared = Math.min(this.top, event.index);
    if (shared === 0) return undefined;
    const ours = this.hashAt(shared);
    const theirs = shared === event.index ? event.hash : member.log.hashAt(shared);
    return ours !== UNTOLD && theirs !== UNTOLD && ours !== theirs ? shared : undefined;
  }

  extend(event: TraceEvent & CommitEvent, member: Member): void {
    if (event.index <= this.top || event.index > member.log.lastIndex) return;
    if (this.contradicts(event, member) !== undefined) return;
    for (let index = this.top + 1; index <= event.index; index++) {
      const hash = index === event.index ? event.hash : member.log.hashAt(index);
      this.#hashes.set(index, hash);
      this.#terms.set(index, event.term);
      this.#by.set(index, member.number);
      this.#times.set(index, event.timeNs);
    }
    this.top = event.index;
  }
}
