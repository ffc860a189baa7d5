/** What is wrong with a clock, as the nemesis says it. */
export interface ClockFault {
  readonly jumpMs: number;
  readonly rate: number;
}

export const NO_CLOCK_FAULT: ClockFault = { jumpMs: 0, rate: 1 };

/**
 * A node's monotonic clock: it starts anywhere, drifts, may be made to run at another rate and to jump forward,
 * and never goes back. It survives the node's process, as that of a machine does.
 */
export class NodeClock {
  readonly #drift: number;
  #fault = NO_CLOCK_FAULT;
  /** Time and what the clock showed when its rate or its reading was last changed. */
  #changedAtNs = 0;
  #changedMs: number;

  /** `drift`: its own rate, near 1. */
  constructor({ offsetMs, drift }: { readonly offsetMs: number; readonly drift: number }) {
    this.#changedMs = offsetMs;
    this.#drift = drift;
  }

  /** What it shows at that time. */
  readMs(nowNs: number): number {
    return this.#changedMs + ((nowNs - this.#changedAtNs) / 1e6) * this.#rate;
  }

  /** When it will show `ms`, if nothing happens to it until then. */
  whenNs(ms: number): number {
    return this.#changedAtNs + Math.ceil(((ms - this.#changedMs) / this.#rate) * 1e6) + 1;
  }

  /** The whole fault from now on; false: as before. A jump back is the wall clock's alone, and so is its end. */
  set(nowNs: number, fault: ClockFault): boolean {
    if (fault.jumpMs === this.#fault.jumpMs && fault.rate === this.#fault.rate) return false;
    const forwardMs = Math.max(0, fault.jumpMs) - Math.max(0, this.#fault.jumpMs);
    this.jump(nowNs, Math.max(0, forwardMs));
    this.#fault = fault;
    return true;
  }

  /** It goes on from so much later. */
  jump(nowNs: number, byMs: number): void {
    this.#changedMs = this.readMs(nowNs) + byMs;
    this.#changedAtNs = nowNs;
  }

  get #rate(): number {
    return this.#drift * this.#fault.rate;
  }
}
