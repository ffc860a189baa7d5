import type { Digest } from "./digest.ts";
import { UNSEEN } from "./label.ts";

/** Something that happens at a moment of virtual time. `label` names its kind and place in the digest. */
export interface SimEvent {
  readonly label: number;
  fire(): void;
}

/**
 * Virtual time: a binary heap in flat arrays, ordered by time and, at equal times, by the order in which
 * events were put in. Nothing else in the simulator knows what comes next.
 */
export class EventQueue {
  /** Nanoseconds since the start of the run. */
  nowNs = 0;
  eventCount = 0;
  readonly #digest: Digest;
  /** Infinity where there is no event: that comes before none. */
  #times = blank(256);
  #sequences = blank(256);
  readonly #events: (SimEvent | undefined)[] = [];
  #size = 0;
  #nextSequence = 0;

  constructor(digest: Digest) {
    this.#digest = digest;
  }

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  /** `event` fires `delayNs` from now; a delay is never negative. */
  after(delayNs: number, event: SimEvent): void {
    this.at(this.nowNs + (delayNs > 0 ? Math.floor(delayNs) : 0), event);
  }

  at(timeNs: number, event: SimEvent): void {
    if (this.#size + 1 === this.#times.length) this.#grow();
    this.#rise(this.#size++, Math.max(timeNs, this.nowNs), this.#nextSequence++, event);
  }

  /** When the next event is due; undefined: there is none. */
  get pendingNs(): number | undefined {
    return this.#size === 0 ? undefined : this.#times[0];
  }

  /** All that is to come, in order; for people who look, not for the run. */
  pending(): { readonly timeNs: number; readonly event: SimEvent }[] {
    return Array.from({ length: this.#size }, (_, i) => ({
      timeNs: this.#times[i]!,
      sequence: this.#sequences[i]!,
      event: this.#events[i]!,
    })).sort((a, b) => a.timeNs - b.timeNs || a.sequence - b.sequence);
  }

  /** Fires the next event; false if there is none. */
  step(): boolean {
    if (this.#size === 0) return false;
    const event = this.#events[0]!;
    this.nowNs = this.#times[0]!;
    this.#removeFirst();
    this.eventCount++;
    if (event.label !== UNSEEN) this.#digest.event(this.nowNs, event.label);
    event.fire();
    return true;
  }

  #rise(hole: number, timeNs: number, sequence: number, event: SimEvent): void {
    const times = this.#times;
    const sequences = this.#sequences;
    const events = this.#events;
    let i = hole;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      // A newcomer has the highest sequence: at equal times it stays behind.
      if (times[parent]! <= timeNs) break;
      times[i] = times[parent]!;
      sequences[i] = sequences[parent]!;
      events[i] = events[parent];
      i = parent;
    }
    times[i] = timeNs;
    sequences[i] = sequence;
    events[i] = event;
  }

  #removeFirst(): void {
    const times = this.#times;
    const sequences = this.#sequences;
    const events = this.#events;
    const last = --this.#size;
    const timeNs = times[last]!;
    const sequence = sequences[last]!;
    const event = events[last];
    times[last] = Infinity;
    sequences[last] = Infinity;
    events[last] = undefined;
    if (last === 0) return;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= last) break;
      const left = times[child]!;
      const right = times[child + 1]!;
      // Added up, not branched on: nothing predicts which child is first, and wrong guesses made up a third of this.
      if (left !== right) child += Number(right < left);
      else if (sequences[child + 1]! < sequences[child]!) child++;
      const childNs = times[child]!;
      if (timeNs < childNs || (timeNs === childNs && sequence < sequences[child]!)) break;
      times[i] = childNs;
      sequences[i] = sequences[child]!;
      events[i] = events[child];
      i = child;
    }
    times[i] = timeNs;
    sequences[i] = sequence;
    events[i] = event;
  }

  #grow(): void {
    const times = blank(this.#times.length * 2);
    const sequences = blank(times.length);
    times.set(this.#times);
    sequences.set(this.#sequences);
    this.#times = times;
    this.#sequences = sequences;
  }
}

function blank(length: number): Float64Array {
  return new Float64Array(length).fill(Infinity);
}
