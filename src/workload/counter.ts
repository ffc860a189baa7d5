import { KeyPool } from "./key-pool.ts";
import { held, probeKey, readOf, readsOfAll } from "./keyed.ts";
import type { Workload } from "./workload.ts";

const ACTIVE_COUNTERS = 6;
/** Every add of unknown outcome widens the bounds for good, so counters must not become old. */
const OPERATIONS_PER_COUNTER = 200;
const AMOUNT_MAX = 5;

export const counter: Workload = {
  name: "counter",
  text: "adds to counters and reads them; what is read lies between what was surely added and what can have been",
  createGenerator(prng, prefix) {
    const keys = new KeyPool(prng, {
      activeCount: ACTIVE_COUNTERS,
      usesMax: OPERATIONS_PER_COUNTER,
      prefix,
    });
    return {
      next: () => {
        const key = keys.draw();
        return prng.chance(0.5) ? readOf(key) : { f: "add", value: [key, prng.int(1, AMOUNT_MAX)] };
      },
      observe: () => undefined,
      finalReads: () => keys.used().map(readOf),
    };
  },
  finalReadsOf: readsOfAll,
  probe: (number, attempt) => {
    const key = probeKey(number, attempt);
    return number % 2 === 0 ? { f: "add", value: [key, 1] } : readOf(key);
  },
  translation: {
    ask({ f, value }) {
      const [key, amount] = value as [string, number];
      return f === "add" ? { f: "txn", value: [["add", key, amount]] } : { f, value };
    },
    answer({ f, value }, answered) {
      const [key] = value as [string];
      return f === "add" ? value : [key, held(answered) ?? 0];
    },
  },
};
