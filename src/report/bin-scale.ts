const BINS_MAX = 400;
const FIRST_BIN_NS = 250e6;

/** Anything that keeps one value per bin: joins neighbours when bins become twice as wide. */
export interface Binned {
  halve(): void;
}

/**
 * How wide a bin is. Begins at 250 ms and doubles whenever the run outgrows 400 bins, so neither the
 * length of a run nor its rate has to be known beforehand.
 */
export class BinScale {
  readonly #binned: Binned[] = [];
  #binNs = FIRST_BIN_NS;

  get binNs(): number {
    return this.#binNs;
  }

  add(binned: Binned): void {
    this.#binned.push(binned);
  }

  /** Makes room for this moment. To be called before anything is put into its bin. */
  reach(timeNs: number): void {
    while (timeNs >= this.#binNs * BINS_MAX) {
      this.#binNs *= 2;
      for (const binned of this.#binned) binned.halve();
    }
  }

  /** A record from before the start (clocks of other hosts) belongs to the first bin. */
  indexOf(timeNs: number): number {
    return Math.max(0, Math.floor(timeNs / this.#binNs));
  }
}

/** Joins the values of every two neighbours; the last may be without one. */
export function joinPairs<T>(values: readonly T[], join: (first: T, second: T) => T): T[] {
  const joined: T[] = [];
  for (let i = 0; i < values.length; i += 2) {
    const first = values[i]!;
    joined.push(i + 1 < values.length ? join(first, values[i + 1]!) : first);
  }
  return joined;
}
