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
    for (let gap = this.lastIndex + 1; gap < index; gap++) this.#set(gap, UNTOLD, UNTOLD);
    this.#set(index, term, hash);
    if (index > this.lastIndex) this.lastIndex = index;
  }

  truncate(from: number): void {
    this.lastIndex = Math.min(this.lastIndex, Math.max(0, from - 1));
  }

  /**
   * Becomes the log that ends with this entry. Usually that is a prefix of what is here; it is another one
   * when a truncation had not reached the disk, and then the entries are found by walking the chain. A
   * chain that nobody told of leaves `UNTOLD` entries above `keep`.
   */
  become({ lastIndex, lastHash }: LogEnd, chains: Chains, keep: number): void {
    if (this.hashAt(lastIndex) === lastHash) {
      this.lastIndex = lastIndex;
      return;
    }
    if (lastIndex === 0) {
      this.lastIndex = 0;
      return;
    }
    const end = chains.find(lastIndex, lastHash);
    if (!end) {
      this.truncate(Math.min(keep + 1, lastIndex));
      this.put(lastIndex, UNTOLD, lastHash);
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
    for (; !entry && index > keep; index--) this.#set(index, UNTOLD, UNTOLD);
    this.lastIndex = lastIndex;
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
