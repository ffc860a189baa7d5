import { assert } from "../../src/base/assert.ts";
import type { Chains } from "./chains.ts";
import { Column } from "./column.ts";

/** A hash or term that the trace did not tell. No rule judges by it. */
export const UNTOLD = -1;

/** A hole in a log larger than this is no hole but nonsense, and not to be filled. */
const GAP_MAX = 10_000_000;

/** The log of one node as its trace tells it: term and chain hash by index, from 1. */
export class EntryLog {
  lastIndex = 0;
  /** Above this index the trace told of every entry as it was appended. */
  untoldIndex = 0;
  readonly #terms = new Column(UNTOLD);
  readonly #hashes = new Column(UNTOLD);

  /** Chain hash of the entry, 0 before the first, `UNTOLD` outside of the log. */
  hashAt(index: number): number {
    if (index === 0) return 0;
    return index <= this.lastIndex ? this.#hashes.get(index) : UNTOLD;
  }

  termAt(index: number): number {
    if (index === 0) return 0;
    return index <= this.lastIndex ? this.#terms.get(index) : UNTOLD;
  }

  /** Puts an entry; what lay between the old end and it was never told. */
  put(index: number, term: number, hash: number): void {
    assert(
      index <= this.lastIndex + GAP_MAX,
      `entry ${index} far beyond a log of ${this.lastIndex}`,
    );
    for (let gap = this.lastIndex + 1; gap < index; gap++) this.#forget(gap);
    this.#set(index, term, hash);
    if (index > this.lastIndex) this.lastIndex = index;
  }

  truncate(from: number): void {
    this.lastIndex = Math.min(this.lastIndex, Math.max(0, from - 1));
    this.untoldIndex = Math.min(this.untoldIndex, this.lastIndex);
  }

  /**
   * Becomes the log that ends with this entry. Usually that is a prefix of what is here; it is another one
   * when a truncation had not reached the disk, and then the entries are found by walking the chain. A
   * chain that nobody told of leaves `UNTOLD` entries above `keep`.
   */
  become({ lastIndex, lastHash }: LogEnd, chains: Chains, keep: number): void {
    if (lastIndex === 0 || this.hashAt(lastIndex) === lastHash) {
      this.truncate(lastIndex + 1);
      return;
    }
    const end = chains.find(lastIndex, lastHash);
    if (!end) {
      this.truncate(Math.min(keep + 1, lastIndex));
      this.put(lastIndex, UNTOLD, lastHash);
      this.untoldIndex = lastIndex;
      return;
    }
    const old = this.lastIndex;
    this.lastIndex = Math.max(old, lastIndex);
    let index = lastIndex;
    let entry: { term: number; hash: number; previousTerm: number } | undefined = end;
    while (entry && index > 0 && (index > old || this.#hashes.get(index) !== entry.hash)) {
      this.#set(index, entry.term, entry.hash);
      index--;
      entry = chains.get(index, entry.previousTerm);
    }
    // What lies below the part of the chain that is known may be another log than before.
    if (entry || index === 0) this.untoldIndex = Math.min(this.untoldIndex, index);
    for (; !entry && index > keep; index--) this.#forget(index);
    this.lastIndex = lastIndex;
    this.untoldIndex = Math.min(this.untoldIndex, lastIndex);
  }

  /** Learns from a snapshot found with this log which entry lies there. */
  learn({ index, entryTerm, hash }: LogMark): void {
    if (index > this.lastIndex) return;
    const known = this.#hashes.get(index);
    if (known === UNTOLD || (known === hash && this.#terms.get(index) === UNTOLD)) {
      this.#set(index, entryTerm, hash);
    }
  }

  /**
   * A snapshot takes the place of everything up to its index, and the log ends at `lastIndex`. Where the
   * entry there is news, what was here above `keep` was another log; the snapshot's own is found by its chain
   * as far as that was told.
   */
  cover(mark: LogMark, lastIndex: number, chains: Chains, keep: number): void {
    const { index, hash } = mark;
    if (this.hashAt(index) !== hash)
      this.become({ lastIndex: index, lastHash: hash }, chains, keep);
    this.learn(mark);
    if (lastIndex > this.lastIndex) this.untoldIndex = lastIndex;
    this.lastIndex = Math.max(index, lastIndex);
    this.untoldIndex = Math.min(this.untoldIndex, this.lastIndex);
  }

  #forget(index: number): void {
    this.#set(index, UNTOLD, UNTOLD);
    if (index > this.untoldIndex) this.untoldIndex = index;
  }

  #set(index: number, term: number, hash: number): void {
    this.#terms.set(index, term);
    this.#hashes.set(index, hash);
  }
}

/** What a log is known by. */
export interface LogEnd {
  readonly lastIndex: number;
  readonly lastHash: number;
}

/** The entry that a snapshot ends with. */
export interface LogMark {
  readonly index: number;
  readonly entryTerm: number;
  readonly hash: number;
}

/** Chain hash at `index` of the log that ends so; `UNTOLD` where the chain is not known that far back. */
export function hashInLog(end: LogEnd, index: number, chains: Chains): number {
  if (index > end.lastIndex) return UNTOLD;
  if (index === 0) return 0;
  if (index === end.lastIndex) return end.lastHash;
  let at = end.lastIndex;
  let entry = chains.find(at, end.lastHash);
  while (entry && at > index) {
    at--;
    entry = chains.get(at, entry.previousTerm);
  }
  return entry?.hash ?? UNTOLD;
}
