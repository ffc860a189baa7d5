import type { Prng } from "../base/prng.ts";
import type { Completion, Invocation } from "../system/client.ts";

/** Keys in use at a time; each is retired after so many operations, which keeps every check small. */
const ACTIVE_KEYS = 12;
const OPERATIONS_PER_KEY = 400;

/**
 * Workload `register`: reads, writes, compare-and-sets and deletes over many keys. Every value written is
 * unique, so that a read tells which write it saw.
 */
export class RegisterGenerator {
  readonly #prng: Prng;
  readonly #prefix: string;
  readonly #keys: string[] = [];
  readonly #used = new Set<string>();
  readonly #active: { key: string; operations: number; lastSeen: string | null }[] = [];
  #values = 0;

  /** `prefix` goes before the name of every key. */
  constructor(prng: Prng, prefix = "") {
    this.#prng = prng;
    this.#prefix = prefix;
    while (this.#active.length < ACTIVE_KEYS) this.#active.push(this.#newKey());
  }

  /** The next operation. */
  next(): Invocation {
    const i = this.#prng.int(0, this.#active.length - 1);
    const slot = this.#active[i]!;
    if (++slot.operations >= OPERATIONS_PER_KEY) this.#active[i] = this.#newKey();
    this.#used.add(slot.key);
    return this.#draw(slot);
  }

  /** Learns what a key holds, so that compare-and-sets have a chance. */
  observe(invocation: Invocation, completion: Completion): void {
    const [key, argument] = (completion.value ?? invocation.value) as [string, unknown];
    const slot = this.#active.find((candidate) => candidate.key === key);
    if (slot === undefined) return;
    if (completion.type === "fail" && completion.current !== undefined) {
      slot.lastSeen = completion.current;
    } else if (completion.type === "ok") {
      const seen = invocation.f === "cas" ? (argument as [unknown, string])[1] : argument;
      slot.lastSeen = typeof seen === "string" ? seen : null;
    }
  }

  /** A read of every key that was ever used: what was acknowledged must still be there. */
  finalReads(): Invocation[] {
    return this.#keys.filter((key) => this.#used.has(key)).map(readOf);
  }

  #newKey(): { key: string; operations: number; lastSeen: string | null } {
    const key = `${this.#prefix}k${this.#keys.length + 1}`;
    this.#keys.push(key);
    return { key, operations: 0, lastSeen: null };
  }

  #draw({ key, lastSeen }: { key: string; lastSeen: string | null }): Invocation {
    const choice = this.#prng.next();
    if (choice < 0.48) return { f: "read", value: [key, null] };
    if (choice < 0.52) return { f: "delete", value: [key, null] };
    const value = String(++this.#values);
    if (choice < 0.72 && lastSeen !== null) return { f: "cas", value: [key, [lastSeen, value]] };
    return { f: "write", value: [key, value] };
  }
}

/** The same for operations from elsewhere, in the order in which keys are numbered. */
export function finalReadsOf(invocations: readonly Invocation[]): Invocation[] {
  const keys = new Set(invocations.map(({ value }) => (value as [string])[0]));
  return [...keys].sort((a, b) => a.length - b.length || (a < b ? -1 : 1)).map(readOf);
}

function readOf(key: string): Invocation {
  return { f: "read", value: [key, null] };
}
