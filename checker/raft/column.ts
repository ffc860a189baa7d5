/** A growing column of numbers, addressed from 0. What was never set reads as `blank`. */
export class Column {
  readonly #blank: number;
  #values: Float64Array;

  constructor(blank: number) {
    this.#blank = blank;
    this.#values = new Float64Array(64).fill(blank);
  }

  get(position: number): number {
    return this.#values[position] ?? this.#blank;
  }

  set(position: number, value: number): void {
    if (position >= this.#values.length) this.#grow(position + 1);
    this.#values[position] = value;
  }

  #grow(size: number): void {
    const grown = new Float64Array(Math.max(size, this.#values.length * 2)).fill(this.#blank);
    grown.set(this.#values);
    this.#values = grown;
  }
}
