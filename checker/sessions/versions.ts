import type { ProcessId } from "../history.ts";
import type { Operation } from "../operations.ts";
import { type Deed, guaranteeOf, type Precedence } from "./guarantees.ts";

/** A version is what one write left behind; null: what was there before all of them. */
export type Value = string | null;

/** The versions of one key, and in which order those who met them say that they are. */
export class KeyVersions {
  readonly key: string;
  readonly precedences: Precedence[] = [];
  /** Read, though nobody had asked to write it by then, or was refused. */
  readonly #unwritten = new Map<number, Operation>();
  readonly #numbers = new Map<Value, number>([[null, 0]]);
  readonly #values: Value[] = [null];
  readonly #written = new Set<number>([0]);
  readonly #readBy = new Map<number, Operation>();
  readonly #last = new Map<ProcessId, { version: number; deed: Deed; by: Operation }>();
  /** Deleted at some time: then what is absent tells of no version. */
  isDeleted = false;
  /** A value that was written twice: then reads do not tell which version they saw. */
  repeated: Value | undefined;

  constructor(key: string) {
    this.key = key;
  }

  get versionCount(): number {
    return this.#values.length;
  }

  /** Somebody asks to write this. */
  asked(value: Value, write: Operation): void {
    const version = this.#versionOf(value);
    if (this.#written.has(version)) this.repeated = value;
    this.#written.add(version);
    this.#add({ from: 0, to: version, reason: "first write", first: undefined, second: write });
  }

  /** It certainly was not written. */
  refused(value: Value): void {
    const version = this.#versionOf(value);
    this.#written.delete(version);
    const by = this.#readBy.get(version);
    if (by !== undefined) this.#unwritten.set(version, by);
  }

  /** A process met a version: it read it, or it wrote it. */
  met(value: Value, deed: Deed, by: Operation): void {
    const version = this.#versionOf(value);
    const { process } = by.invocation;
    const last = this.#last.get(process);
    if (deed === "read") this.#readBy.set(version, by);
    if (!this.#written.has(version)) this.#unwritten.set(version, by);
    if (last !== undefined && last.version !== version) {
      const reason = guaranteeOf(last.deed, deed);
      this.#add({ from: last.version, to: version, reason, first: last.by, second: by });
    }
    // Absence may be a later delete; and who reads what it wrote itself goes on from its write.
    if (version === 0 && last !== undefined) return;
    if (last?.version !== version || deed === "write")
      this.#last.set(process, { version, deed, by });
  }

  /** One version took the other's place, if it was written at all. */
  replaced(before: Value, after: Value, by: Operation): void {
    const [from, to] = [this.#versionOf(before), this.#versionOf(after)];
    this.#add({ from, to, reason: "compare and set", first: undefined, second: by });
  }

  /** All that is known of their order; absence tells nothing where there were deletes. */
  order(): readonly Precedence[] {
    if (!this.isDeleted) return this.precedences;
    return this.precedences.filter(({ from, to }) => from !== 0 && to !== 0);
  }

  /** Who read what nobody wrote, and what. */
  *fromNowhere(): Generator<{ readonly value: Value; readonly by: Operation }> {
    for (const [version, by] of this.#unwritten) yield { value: this.#values[version]!, by };
  }

  nameOf(version: number): string {
    const value = this.#values[version];
    return value === null ? "nothing" : `"${value}"`;
  }

  #versionOf(value: Value): number {
    const known = this.#numbers.get(value);
    if (known !== undefined) return known;
    const number = this.#values.length;
    this.#numbers.set(value, number);
    this.#values.push(value);
    return number;
  }

  #add(precedence: Precedence): void {
    if (precedence.from !== precedence.to) this.precedences.push(precedence);
  }
}
