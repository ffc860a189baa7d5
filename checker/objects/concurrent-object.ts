import type { Checker } from "../checker.ts";
import type { Op } from "../history.ts";
import type { ModelName } from "../transactions/models.ts";

/** What a history may be about: a register, a mutex, a queue, … and how people write down its operations. */
export interface ConcurrentObject {
  /** As a user calls it: "cas-register". */
  readonly name: string;
  /** What it is and how its operations look in a history, in one line. */
  readonly description: string;
  /** The functions (`f`) by which it is known, where nobody says what it is. Others may be among them. */
  readonly functions: readonly string[];
  /**
   * Does this invocation name a key, as histories of many independent objects do: `[key, value]`? Undefined
   * where that can't be told of this one.
   */
  namesKey(invocation: Op): boolean | undefined;
  /** What may be promised of it besides linearizability; undefined: nothing. */
  readonly consistencies?: readonly Consistency[];
  /** Judges its operations. */
  createChecker(options: ObjectOptions): Checker;
}

export interface ObjectOptions {
  /** There are many objects, and each value is `[key, value]`. */
  readonly isKeyed: boolean;
  /** What is promised; undefined: the most. */
  readonly consistency?: Consistency | undefined;
}

/** Of transactions one of many models; of others that they are linearizable, or of registers the session guarantees. */
export type Consistency = ModelName | "session";

/** An operation that is known to have happened, or may have; what failed claims nothing. */
export interface Call {
  readonly f: string;
  /** As it was invoked, without its key. */
  readonly argument: unknown;
  /** As it was completed, without its key; of no meaning where the outcome is unknown. */
  readonly answer: unknown;
  readonly isCertain: boolean;
}

/** Thrown where something is promised of an object that is not judged of it. */
export class UnknownConsistency extends Error {
  override readonly name = "UnknownConsistency";
}

/** Thrown for an operation that the object does not have. */
export class Misfit extends Error {
  override readonly name = "Misfit";
}

/** The key of a value and the rest of it. */
export function splitKey(value: unknown): { key: unknown; rest: unknown } {
  if (!isPair(value)) throw new Misfit(`its value ${inShort(value)} is not [key, value]`);
  const [key, rest] = value;
  return { key, rest };
}

/** Keys as people read them: 1 and "1" are both 1, but where a history has both, the later is told apart. */
export class KeyNames {
  readonly #ofTexts = new Map<string, string>();
  readonly #ofOthers = new Map<string, string>();
  readonly #taken = new Set<string>();

  nameOf(key: unknown): string {
    const isText = typeof key === "string";
    const text = isText ? key : textOf(key);
    const names = isText ? this.#ofTexts : this.#ofOthers;
    const known = names.get(text);
    if (known !== undefined) return known;
    let name = text;
    while (this.#taken.has(name)) name = isText ? JSON.stringify(name) : `${name} (not a text)`;
    this.#taken.add(name);
    names.set(text, name);
    return name;
  }
}

export function isPair(value: unknown): value is readonly [unknown, unknown] {
  return Array.isArray(value) && value.length === 2;
}

/** A value as text, equal texts for equal values: "a", 3, null. */
export function textOf(value: unknown): string {
  return JSON.stringify(value ?? null);
}

export function inShort(value: unknown): string {
  const text = textOf(value);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
