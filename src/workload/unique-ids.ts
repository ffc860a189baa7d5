import type { Prng } from "../base/prng.ts";
import type { Completion, Invocation } from "../system/client.ts";
import { KeyPool } from "./key-pool.ts";
import { keyOf, probeKey } from "./keyed.ts";
import type { Workload, WorkloadGenerator } from "./workload.ts";

/** More of them than clients are in each other's way. */
const ACTIVE_GENERATORS = 8;
const IDS_PER_GENERATOR = 300;

export const uniqueIds: Workload = {
  name: "unique-ids",
  text: "generates ids, counting up with compare-and-set; none is given twice",
  createGenerator: (prng, prefix) => new IdsGenerator(prng, prefix),
  // Whoever has an id has it: there is nothing to be looked for.
  finalReadsOf: () => [],
  probe: (number, attempt) => ({
    f: "generate",
    value: [`${probeKey(number, attempt)}-${number % 2}`, 1],
  }),
  translation: {
    ask({ value }) {
      const [key, id] = value as [string, number];
      return { f: "cas", value: [key, [id === 1 ? null : String(id - 1), String(id)]] };
    },
    answer: ({ value }) => value,
  },
};

/** Asks for the one after the last that was seen. */
class IdsGenerator implements WorkloadGenerator {
  readonly #keys: KeyPool;
  readonly #last = new Map<string, number>();

  constructor(prng: Prng, prefix: string) {
    this.#keys = new KeyPool(prng, {
      activeCount: ACTIVE_GENERATORS,
      usesMax: IDS_PER_GENERATOR,
      prefix,
    });
  }

  next(): Invocation {
    const key = this.#keys.draw();
    return { f: "generate", value: [key, (this.#last.get(key) ?? 0) + 1] };
  }

  observe(invocation: Invocation, { type, current }: Completion): void {
    const [key, id] = invocation.value as [string, number];
    if (type === "ok") this.#see(key, id);
    else if (current !== undefined) this.#see(keyOf(invocation), Number(current ?? 0));
  }

  #see(key: string, id: number): void {
    this.#last.set(key, Math.max(id, this.#last.get(key) ?? 0));
  }

  finalReads(): Invocation[] {
    return [];
  }
}
