/**
 * Who waits for an answer, by ever higher numbers. Few wait at a time, and they come and go with every message: a map
 * would grow and shrink all the time.
 */
export class Waiting<T> {
  #numbers = new Float64Array(8);
  #waiters: (T | undefined)[] = Array<undefined>(8).fill(undefined);
  #last = 0;
  #count = 0;

  /** Returns its number. */
  add(waiter: T): number {
    if (++this.#count === this.#waiters.length) this.#grow();
    // Numbers whose place is taken are left out.
    do this.#last++;
    while (this.#waiters[this.#placeOf(this.#last)] !== undefined);
    this.#put(this.#last, waiter);
    return this.#last;
  }

  /** It does not wait any more; undefined: it did not. */
  take(number: number): T | undefined {
    const place = this.#placeOf(number);
    const waiter = this.#waiters[place];
    if (waiter === undefined || this.#numbers[place] !== number) return undefined;
    this.#waiters[place] = undefined;
    this.#count--;
    return waiter;
  }

  /** All of them, those first that have waited longest. */
  takeAll(): T[] {
    const numbers: number[] = [];
    for (const [place, waiter] of this.#waiters.entries()) {
      if (waiter !== undefined) numbers.push(this.#numbers[place]!);
    }
    return numbers.sort((a, b) => a - b).map((number) => this.take(number)!);
  }

  #placeOf(number: number): number {
    return number & (this.#waiters.length - 1);
  }

  #put(number: number, waiter: T): void {
    const place = this.#placeOf(number);
    this.#numbers[place] = number;
    this.#waiters[place] = waiter;
  }

  /** Numbers with different places have different ones among twice as many, too. */
  #grow(): void {
    const numbers = this.#numbers;
    const waiters = this.#waiters;
    this.#numbers = new Float64Array(numbers.length * 2);
    this.#waiters = Array<undefined>(numbers.length * 2).fill(undefined);
    for (const [place, waiter] of waiters.entries()) {
      if (waiter !== undefined) this.#put(numbers[place]!, waiter);
    }
  }
}
