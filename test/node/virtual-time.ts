/** Time that passes only when it is told to; equal moments in the order in which they were asked for. */
export abstract class VirtualTime {
  nowMs = 0;
  readonly #queue: { readonly atMs: number; readonly act: () => void }[] = [];

  /** What is seen now, for the message when something does not happen. */
  abstract sight(): string;

  after(ms: number, act: () => void): void {
    const atMs = this.nowMs + ms;
    let place = this.#queue.length;
    while (place > 0 && (this.#queue[place - 1]?.atMs ?? 0) > atMs) place--;
    this.#queue.splice(place, 0, { atMs, act });
  }

  advance(ms: number): void {
    const endMs = this.nowMs + ms;
    while ((this.#queue[0]?.atMs ?? Infinity) <= endMs) this.#next();
    this.nowMs = endMs;
  }

  /** Goes on until `condition` holds; throws with a last sight after `deadlineMs`. Returns the time taken. */
  until(what: string, condition: () => boolean, deadlineMs = 10_000): number {
    const startMs = this.nowMs;
    while (!condition()) {
      if (this.nowMs > startMs + deadlineMs || this.#queue.length === 0) {
        throw new Error(`not within ${deadlineMs} ms: ${what}; ${this.sight()}`);
      }
      this.#next();
    }
    return this.nowMs - startMs;
  }

  #next(): void {
    const event = this.#queue.shift();
    if (event === undefined) return;
    this.nowMs = event.atMs;
    event.act();
  }
}
