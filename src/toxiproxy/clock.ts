/** Time as the toxics see it; a test hands in one that it turns by hand. */
export interface Clock {
  /** Monotonic milliseconds, with fractions. */
  nowMs(): number;
  /** Calls back in about `delayMs`, perhaps a little early: look at the clock again. */
  after(delayMs: number, callback: () => void): Cancel;
}

export type Cancel = () => void;

/** Node.js turns a longer delay into 1 ms. */
const TIMER_MS_MAX = 2 ** 31 - 1;

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  after(delayMs, callback) {
    if (delayMs <= 0) {
      const immediate = setImmediate(callback);
      return () => clearImmediate(immediate);
    }
    const timer = setTimeout(callback, Math.min(Math.ceil(delayMs), TIMER_MS_MAX));
    return () => clearTimeout(timer);
  },
};

/** One wake-up that can be moved, and that never rings early. */
export class Alarm {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #cancel: Cancel | undefined;

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** Rings once, in a later turn, when the clock shows `atMs`; Infinity is never. Replaces what was set before. */
  set(atMs: number): void {
    this.clear();
    if (atMs === Infinity) return;
    this.#cancel = this.#clock.after(atMs - this.#clock.nowMs(), () => {
      this.#cancel = undefined;
      if (this.#clock.nowMs() < atMs) this.set(atMs);
      else this.#ring();
    });
  }

  clear(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
