import type { Prng } from "../base/prng.ts";
import type { Invocation } from "../system/client.ts";
import { inOrder, KeyPool } from "./key-pool.ts";
import { probeKey } from "./keyed.ts";
import type { Workload, WorkloadGenerator } from "./workload.ts";

/** Contention is what shows anomalies, so keys are few; lists must not become long. */
const ACTIVE_KEYS = 6;
const STEPS_PER_KEY = 100;
const STEPS_MAX = 4;
const READS_AT_ONCE = 8;

type Step = readonly [f: "r" | "append" | "w", key: string, argument: string | null];

/** Transactions of reads and of writes whose values are unique, so that a read tells which of them it saw. */
function transactions({
  write,
  ...description
}: Pick<Workload, "name" | "text"> & { readonly write: "append" | "w" }): Workload {
  return {
    ...description,
    createGenerator: (prng, prefix) => createGenerator(prng, prefix, write),
    finalReadsOf: (invocations) =>
      readsOf(inOrder([...new Set(invocations.flatMap(stepsOf).map(([, key]) => key))])),
    probe: (number, attempt) => {
      const key = probeKey(number, attempt);
      return number % 2 === 0 ? txn([[write, key, `probe${number}`]]) : txn([["r", key, null]]);
    },
  };
}

export const append = transactions({
  name: "append",
  text: "transactions that append to lists and read them; strictly serializable",
  write: "append",
});

export const wr = transactions({
  name: "wr",
  text: "transactions that write registers and read them; strictly serializable",
  write: "w",
});

function createGenerator(prng: Prng, prefix: string, write: "append" | "w"): WorkloadGenerator {
  const keys = new KeyPool(prng, { activeCount: ACTIVE_KEYS, usesMax: STEPS_PER_KEY, prefix });
  let values = 0;
  const step = (): Step => {
    const key = keys.draw();
    return prng.chance(0.5) ? ["r", key, null] : [write, key, String(++values)];
  };
  return {
    next: () => txn(Array.from({ length: prng.int(1, STEPS_MAX) }, step)),
    observe: () => undefined,
    finalReads: () => readsOf(keys.used()),
  };
}

function readsOf(keys: readonly string[]): Invocation[] {
  const reads: Invocation[] = [];
  for (let i = 0; i < keys.length; i += READS_AT_ONCE) {
    reads.push(txn(keys.slice(i, i + READS_AT_ONCE).map((key) => ["r", key, null])));
  }
  return reads;
}

function txn(steps: readonly Step[]): Invocation {
  return { f: "txn", value: steps };
}

function stepsOf({ value }: Invocation): readonly Step[] {
  return value as Step[];
}
