import type { EventQueue } from "./event-queue.ts";
import { EVENT, labelOf } from "./label.ts";
import type { PeerCall } from "./peer-call.ts";
import { Timer } from "./timer.ts";

const LABEL = labelOf(EVENT.timeout, 0);

const TRIM_AT = 1024;

/**
 * Ends the calls whose time is up. All calls between nodes wait equally long, so they end in the order in which
 * they were made: one queue and one timer do for all of them.
 */
export class Patience {
  readonly #queue: EventQueue;
  #calls: PeerCall[] = [];
  #head = 0;
  #isArmed = false;

  constructor(queue: EventQueue) {
    this.#queue = queue;
  }

  add(call: PeerCall): void {
    this.#calls.push(call);
    if (!this.#isArmed) this.#arm(call.deadlineNs);
  }

  /** Calls that somebody still waits for. */
  calls(): PeerCall[] {
    return this.#calls.slice(this.#head).filter((call) => !call.isOver);
  }

  readonly #expire = (): void => {
    // Armed until the end: calls that these ends lead to come after all that are here.
    for (; this.#head < this.#calls.length; this.#head++) {
      const call = this.#calls[this.#head]!;
      if (!call.isOver && call.deadlineNs > this.#queue.nowNs) break;
      call.giveUp();
    }
    this.#trim();
    this.#isArmed = false;
    const next = this.#calls[this.#head];
    if (next !== undefined) this.#arm(next.deadlineNs);
  };

  #arm(timeNs: number): void {
    this.#isArmed = true;
    this.#queue.at(timeNs, new Timer(LABEL, this.#expire));
  }

  #trim(): void {
    if (this.#head < TRIM_AT) return;
    this.#calls = this.#calls.slice(this.#head);
    this.#head = 0;
  }
}
