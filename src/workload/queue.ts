import { KeyPool } from "./key-pool.ts";
import { held, probeKey, readOf, readsOfAll } from "./keyed.ts";
import type { Workload } from "./workload.ts";

const ACTIVE_QUEUES = 6;
const OPERATIONS_PER_QUEUE = 200;

/** Every element is enqueued once. At the end all that is still in is read. */
export const queue: Workload = {
  name: "queue",
  text: "enqueues unique elements and dequeues them; none lost, none twice, first in first out",
  createGenerator(prng, prefix) {
    const keys = new KeyPool(prng, {
      activeCount: ACTIVE_QUEUES,
      usesMax: OPERATIONS_PER_QUEUE,
      prefix,
    });
    let elements = 0;
    return {
      next: () => {
        const key = keys.draw();
        // About as many of each, so that queues are now and then empty.
        return prng.chance(0.5)
          ? { f: "enqueue", value: [key, String(++elements)] }
          : { f: "dequeue", value: [key, null] };
      },
      observe: () => undefined,
      finalReads: () => keys.used().map(readOf),
    };
  },
  finalReadsOf: readsOfAll,
  probe: (number, attempt) => {
    const key = probeKey(number, attempt);
    return number % 2 === 0 ? { f: "enqueue", value: [key, `probe${number}`] } : readOf(key);
  },
  translation: {
    ask({ f, value }) {
      const [key, element] = value as [string, string];
      if (f === "enqueue") return { f: "txn", value: [["append", key, element]] };
      return f === "dequeue" ? { f: "txn", value: [["take", key, null]] } : { f, value };
    },
    answer({ f, value }, answered) {
      const [key] = value as [string];
      if (f === "enqueue") return value;
      if (f === "read") return [key, held(answered) ?? []];
      const [[, , taken]] = answered as [[string, string, unknown]];
      return [key, taken ?? null];
    },
  },
};
