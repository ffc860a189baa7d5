import { KeyPool } from "./key-pool.ts";
import { held, probeKey, readOf, readsOfAll } from "./keyed.ts";
import type { Workload } from "./workload.ts";

const ACTIVE_SETS = 6;
/** Every read returns all elements, so sets must not become large. */
const OPERATIONS_PER_SET = 150;

/** Every element is added once. Nodes keep a set as a list, which also shows what was added twice. */
export const set: Workload = {
  name: "set",
  text: "adds unique elements to sets and reads these as a whole; nothing is lost or late",
  createGenerator(prng, prefix) {
    const keys = new KeyPool(prng, {
      activeCount: ACTIVE_SETS,
      usesMax: OPERATIONS_PER_SET,
      prefix,
    });
    let elements = 0;
    return {
      next: () => {
        const key = keys.draw();
        return prng.chance(0.4) ? readOf(key) : { f: "add", value: [key, String(++elements)] };
      },
      observe: () => undefined,
      finalReads: () => keys.used().map(readOf),
    };
  },
  finalReadsOf: readsOfAll,
  probe: (number, attempt) => {
    const key = probeKey(number, attempt);
    return number % 2 === 0 ? { f: "add", value: [key, `probe${number}`] } : readOf(key);
  },
  translation: {
    ask({ f, value }) {
      const [key, element] = value as [string, string];
      return f === "add" ? { f: "txn", value: [["append", key, element]] } : { f, value };
    },
    answer({ f, value }, answered) {
      const [key] = value as [string];
      return f === "add" ? value : [key, held(answered) ?? []];
    },
  },
};
