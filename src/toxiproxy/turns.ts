/** One act at a time for each key; acts of different keys don't wait for each other. */
export class Turns {
  readonly #last = new Map<string, Promise<void>>();

  take<T>(key: string, act: () => T | Promise<T>): Promise<T> {
    const result = (this.#last.get(key) ?? Promise.resolve()).then(act);
    const done: Promise<void> = result.then(
      () => this.#leave(key, done),
      () => this.#leave(key, done),
    );
    this.#last.set(key, done);
    return result;
  }

  /** When every act that was taken so far is over. */
  async settled(): Promise<void> {
    await Promise.all(this.#last.values());
  }

  #leave(key: string, done: Promise<void>): void {
    if (this.#last.get(key) === done) this.#last.delete(key);
  }
}
