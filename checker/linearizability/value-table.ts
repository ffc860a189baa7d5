import { ABSENT } from "./columns.ts";
import { type Value, valueOf } from "./register-operation.ts";

/** Numbers the values of one key as they come; absent has the number `ABSENT`. */
export class ValueTable {
  readonly #values: unknown[] = [null];
  readonly #plain = new Map<unknown, number>();
  readonly #compound = new Map<string, number>();

  get count(): number {
    return this.#values.length;
  }

  numberOf(value: unknown): number {
    if (value === null || value === undefined) return ABSENT;
    if (typeof value === "object") return this.#add(this.#compound, JSON.stringify(value), value);
    return this.#add(this.#plain, value, value);
  }

  /** The value as it was recorded. */
  recorded(number: number): unknown {
    return this.#values[number];
  }

  value(number: number): Value {
    return valueOf(this.#values[number]);
  }

  #add<Name>(numbers: Map<Name, number>, name: Name, value: unknown): number {
    const known = numbers.get(name);
    if (known !== undefined) return known;
    const number = this.#values.push(value) - 1;
    numbers.set(name, number);
    return number;
  }
}
