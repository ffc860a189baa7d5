import type { Prng } from "../base/prng.ts";
import type { Completion, Invocation } from "../system/client.ts";
import { KeyPool } from "./key-pool.ts";
import { probeKey, readOf, readsOfAll } from "./keyed.ts";
import type { Workload, WorkloadGenerator } from "./workload.ts";

const ACTIVE_KEYS = 12;
const OPERATIONS_PER_KEY = 400;

export const register: Workload = {
  name: "register",
  text: "reads, writes, compare-and-sets and deletes of single keys; linearizable",
  createGenerator: (prng, prefix) => new RegisterGenerator(prng, prefix),
  finalReadsOf: readsOfAll,
  probe: (number, attempt) => {
    const key = probeKey(number, attempt);
    return number % 2 === 0 ? { f: "write", value: [key, `probe${number}`] } : readOf(key);
  },
};

/** Every value written is unique, so that a read tells which write it saw. */
class RegisterGenerator implements WorkloadGenerator {
  readonly #prng: Prng;
  readonly #keys: KeyPool;
  readonly #lastSeen = new Map<string, string | null>();
  #values = 0;

  constructor(prng: Prng, prefix: string) {
    this.#prng = prng;
    this.#keys = new KeyPool(prng, {
      activeCount: ACTIVE_KEYS,
      usesMax: OPERATIONS_PER_KEY,
      prefix,
    });
  }

  next(): Invocation {
    const key = this.#keys.draw();
    const lastSeen = this.#lastSeen.get(key) ?? null;
    const choice = this.#prng.next();
    if (choice < 0.48) return readOf(key);
    if (choice < 0.52) return { f: "delete", value: [key, null] };
    const value = String(++this.#values);
    if (choice < 0.72 && lastSeen !== null) return { f: "cas", value: [key, [lastSeen, value]] };
    return { f: "write", value: [key, value] };
  }

  /** Learns what a key holds, so that compare-and-sets have a chance. */
  observe(invocation: Invocation, completion: Completion): void {
    const [key, argument] = (completion.value ?? invocation.value) as [string, unknown];
    if (completion.type === "fail" && completion.current !== undefined) {
      this.#lastSeen.set(key, completion.current);
    } else if (completion.type === "ok") {
      const seen = invocation.f === "cas" ? (argument as [unknown, string])[1] : argument;
      this.#lastSeen.set(key, typeof seen === "string" ? seen : null);
    }
  }

  finalReads(): Invocation[] {
    return this.#keys.used().map(readOf);
  }
}
