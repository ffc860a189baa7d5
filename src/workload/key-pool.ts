import type { Prng } from "../base/prng.ts";

export interface KeyPoolOptions {
  /** Keys in use at a time. */
  readonly activeCount: number;
  /** A key is retired after so many uses, which keeps every check small. */
  readonly usesMax: number;
  /** Goes before the name of every key. */
  readonly prefix: string;
}

/** The keys of a run: a few are in use at a time, and each is replaced by a new one after a while. */
export class KeyPool {
  readonly #prng: Prng;
  readonly #options: KeyPoolOptions;
  readonly #active: { key: string; uses: number }[] = [];
  readonly #used = new Set<string>();
  #count = 0;

  constructor(prng: Prng, options: KeyPoolOptions) {
    this.#prng = prng;
    this.#options = options;
    while (this.#active.length < options.activeCount) this.#active.push(this.#create());
  }

  draw(): string {
    const i = this.#prng.int(0, this.#active.length - 1);
    const slot = this.#active[i]!;
    if (++slot.uses >= this.#options.usesMax) this.#active[i] = this.#create();
    this.#used.add(slot.key);
    return slot.key;
  }

  /** All that were ever drawn, in the order of their numbers. */
  used(): string[] {
    return inOrder([...this.#used]);
  }

  #create(): { key: string; uses: number } {
    return { key: `${this.#options.prefix}k${++this.#count}`, uses: 0 };
  }
}

/** Keys in the order in which they are numbered. */
export function inOrder(keys: readonly string[]): string[] {
  return keys.toSorted((a, b) => a.length - b.length || (a < b ? -1 : 1));
}
