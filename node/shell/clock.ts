import type { NodeFaults } from "../../src/base/node-faults.ts";

/** How a node reads time. All that it decides by time goes through here. */
export interface Clock {
  /** Never goes back; for timeouts. */
  monotonicMs(): number;
  /** Of the calendar; for people. */
  wallMs(): number;
  /** Calls `act` once when the monotonic clock has gone on by `ms`; returns what cancels it. */
  after(ms: number, act: () => void): () => void;
}

/** The machine's own clocks and timers, behind a port so that tests can move them. */
export interface Machine {
  monotonicMs(): number;
  wallMs(): number;
  after(ms: number, act: () => void): () => void;
}

const MACHINE: Machine = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  after(ms, act) {
    const timer = setTimeout(act, ms);
    return () => clearTimeout(timer);
  },
};

interface Timer {
  readonly dueMs: number;
  readonly act: () => void;
  cancel: () => void;
}

/**
 * A clock that can be made to jump and to run at another rate. The wall clock is set right when the fault is
 * over. The monotonic clock takes part in jumps forward, keeps what it has gained, and never goes back.
 */
export class NodeClock implements Clock {
  readonly #machine: Machine;
  readonly #timers = new Set<Timer>();
  #fault: NodeFaults["clock"] = { jumpMs: 0, rate: 1 };
  /** The machine's time at the last change of the fault, and this clock's own at that moment. */
  #changedAtMs = 0;
  #monotonicMs = 0;
  /** What the wall clock has gained by its rate before the last change. */
  #wallGainMs = 0;

  constructor(machine: Machine = MACHINE) {
    this.#machine = machine;
    this.#changedAtMs = machine.monotonicMs();
    this.#monotonicMs = this.#changedAtMs;
  }

  monotonicMs(): number {
    return this.#monotonicMs + this.#sinceChangeMs() * this.#fault.rate;
  }

  wallMs(): number {
    return this.#machine.wallMs() + this.#fault.jumpMs + this.#wallGain();
  }

  after(ms: number, act: () => void): () => void {
    const timer: Timer = { dueMs: this.monotonicMs() + ms, act, cancel: () => undefined };
    this.#timers.add(timer);
    this.#arm(timer);
    return () => {
      this.#timers.delete(timer);
      timer.cancel();
    };
  }

  /** The complete fault from now on; the same as before changes nothing. */
  set(fault: NodeFaults["clock"]): void {
    if (fault.jumpMs === this.#fault.jumpMs && fault.rate === this.#fault.rate) return;
    const isTrue = fault.jumpMs === 0 && fault.rate === 1;
    // The end of a jump back is no jump forward.
    const forwardMs = Math.max(0, fault.jumpMs) - Math.max(0, this.#fault.jumpMs);
    this.#wallGainMs = isTrue ? 0 : this.#wallGain();
    this.#monotonicMs = this.monotonicMs() + Math.max(0, forwardMs);
    this.#changedAtMs = this.#machine.monotonicMs();
    this.#fault = fault;
    for (const timer of this.#timers) this.#arm(timer);
  }

  #arm(timer: Timer): void {
    timer.cancel();
    const restMs = Math.max(0, timer.dueMs - this.monotonicMs()) / this.#fault.rate;
    timer.cancel = this.#machine.after(Math.ceil(restMs), () => {
      this.#timers.delete(timer);
      timer.act();
    });
  }

  #sinceChangeMs(): number {
    return this.#machine.monotonicMs() - this.#changedAtMs;
  }

  #wallGain(): number {
    return this.#wallGainMs + this.#sinceChangeMs() * (this.#fault.rate - 1);
  }
}
