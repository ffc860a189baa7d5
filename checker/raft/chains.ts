import { Column } from "./column.ts";

/** An entry as some node's trace first told of it. */
export interface ChainEntry {
  readonly term: number;
  readonly hash: number;
  /** Term of the entry before it; with it a whole log can be walked backwards. */
  readonly previousTerm: number;
  /** Number of the node that told of it first, and when. */
  readonly by: number;
  readonly timeNs: number;
}

/**
 * Every entry that any node ever held, by (index, term). By Log Matching (§5.3) there is one chain hash
 * for each, and it stands for the whole log up to there; so a log is known by its last entry alone. That
 * is how a restarted node's log is recognised from the `lastIndex` and `lastHash` of its start event.
 *
 * Nearly every index has entries of one term only: these lie in columns, the rest in a map.
 */
export class Chains {
  readonly #terms = new Column(-1);
  readonly #hashes = new Column(0);
  readonly #previousTerms = new Column(0);
  readonly #by = new Column(0);
  readonly #times = new Column(0);
  readonly #others = new Map<number, ChainEntry[]>();

  /** The entry of this index and term, if any node has told of it. */
  get(index: number, term: number): ChainEntry | undefined {
    if (term < 0) return undefined;
    if (this.#terms.get(index) === term) return this.#first(index);
    return this.#others.get(index)?.find((entry) => entry.term === term);
  }

  /** Has any node told of an entry of this index and term? */
  has(index: number, term: number): boolean {
    if (this.#terms.get(index) === term) return true;
    return this.#others.size > 0 && this.get(index, term) !== undefined;
  }

  /** Has any told of another one than that with this chain hash? */
  hasOther(index: number, term: number, hash: number): boolean {
    if (this.#terms.get(index) === term) return this.#hashes.get(index) !== hash;
    if (this.#others.size === 0) return false;
    const known = this.get(index, term);
    return known !== undefined && known.hash !== hash;
  }

  /** The entry of this index with this chain hash. */
  find(index: number, hash: number): ChainEntry | undefined {
    if (this.#terms.get(index) !== -1 && this.#hashes.get(index) === hash)
      return this.#first(index);
    return this.#others.get(index)?.find((entry) => entry.hash === hash);
  }

  /** Records an entry; the first to tell of an index and term is kept. */
  add(index: number, entry: ChainEntry): void {
    const term = this.#terms.get(index);
    if (term === entry.term) return;
    if (term === -1) this.#setFirst(index, entry);
    else if (!this.get(index, entry.term)) {
      const others = this.#others.get(index);
      if (others) others.push(entry);
      else this.#others.set(index, [entry]);
    }
  }

  #first(index: number): ChainEntry {
    return {
      term: this.#terms.get(index),
      hash: this.#hashes.get(index),
      previousTerm: this.#previousTerms.get(index),
      by: this.#by.get(index),
      timeNs: this.#times.get(index),
    };
  }

  #setFirst(index: number, entry: ChainEntry): void {
    this.#terms.set(index, entry.term);
    this.#hashes.set(index, entry.hash);
    this.#previousTerms.set(index, entry.previousTerm);
    this.#by.set(index, entry.by);
    this.#times.set(index, entry.timeNs);
  }
}
