import { badRequestBody } from "./api-error.ts";

/**
 * A JSON object as Go reads it: keys in any case, null and unknown keys as if they were not there, the last of
 * two equal keys wins. A value of the wrong type is a "bad request body".
 */
export class Fields {
  readonly #values = new Map<string, unknown>();
  readonly #path: string;

  constructor(body: unknown, path = "") {
    this.#path = path;
    if (body === null) return;
    if (typeof body !== "object" || Array.isArray(body)) {
      throw badRequestBody(`${path || "the body"} must be an object, not ${JSON.stringify(body)}`);
    }
    for (const [key, value] of Object.entries(body)) {
      if (value !== null) this.#values.set(key.toLowerCase(), value);
    }
  }

  string(key: string): string | undefined {
    return this.#read(key, "a string", (value) => typeof value === "string");
  }

  boolean(key: string): boolean | undefined {
    return this.#read(key, "true or false", (value) => typeof value === "boolean");
  }

  number(key: string): number | undefined {
    return this.#read(key, "a number", (value): value is number => Number.isFinite(value));
  }

  /** A whole number from 0: the original dies of some negative ones. */
  count(key: string): number | undefined {
    return this.#read(
      key,
      "a whole number, 0 or more",
      (value): value is number => Number.isSafeInteger(value) && Number(value) >= 0,
    );
  }

  object(key: string): Fields {
    return new Fields(this.#values.get(key) ?? null, key);
  }

  #read<T>(key: string, kind: string, is: (value: unknown) => value is T): T | undefined {
    const value = this.#values.get(key);
    if (value === undefined || is(value)) return value;
    const name = this.#path ? `${this.#path}.${key}` : key;
    throw badRequestBody(`${name} must be ${kind}, not ${JSON.stringify(value)}`);
  }
}
