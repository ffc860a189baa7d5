import type { Grant } from "../../checker/workloads/lock.ts";
import type { Prng } from "../base/prng.ts";
import type { Completion, Invocation } from "../system/client.ts";
import { KeyPool } from "./key-pool.ts";
import { held, keyOf, probeKey, readOf, readsOfAll } from "./keyed.ts";
import type { Workload, WorkloadGenerator } from "./workload.ts";

const ACTIVE_LOCKS = 6;
const OPERATIONS_PER_LOCK = 300;

/** A lock is one key, changed by compare-and-set: "held 7 o12", "free 7", and absent before the first. */
export const lock: Workload = {
  name: "lock",
  text: "acquires and releases locks with fencing tokens, by compare-and-set; never two holders",
  createGenerator: (prng, prefix) => new LockGenerator(prng, prefix),
  finalReadsOf: readsOfAll,
  probe: (number, attempt) => {
    const key = probeKey(number, attempt);
    return number % 2 === 0 ? acquire(key, { token: 1, owner: "probe" }) : readOf(key);
  },
  translation: {
    ask({ f, value }) {
      const [key, grant] = value as [string, Grant];
      if (f === "read") return { f, value };
      const before = f === "acquire" ? { token: grant.token - 1, owner: null } : grant;
      const after = f === "acquire" ? grant : { ...grant, owner: null };
      return { f: "cas", value: [key, [textOf(before), textOf(after)]] };
    },
    answer({ f, value }, answered) {
      if (f !== "read") return value;
      const [key] = value as [string];
      return [key, grantIn(held(answered) as string | null)];
    },
  },
};

function textOf({ token, owner }: Grant): string | null {
  if (token === 0) return null;
  return owner === null ? `free ${token}` : `held ${token} ${owner}`;
}

function grantIn(text: string | null): Grant {
  if (text === null) return { token: 0, owner: null };
  const [, token, owner = null] = text.split(" ");
  return { token: Number(token), owner };
}

function acquire(key: string, grant: Grant): Invocation {
  return { f: "acquire", value: [key, grant] };
}

/**
 * Every acquire has an owner of its own. Whoever is seen to hold a lock, by the answer or because somebody else was
 * refused, is asked to release it; so one whose acquire got no answer does not block it for good.
 */
class LockGenerator implements WorkloadGenerator {
  readonly #prng: Prng;
  readonly #keys: KeyPool;
  readonly #seen = new Map<string, Grant>();
  #owners = 0;

  constructor(prng: Prng, prefix: string) {
    this.#prng = prng;
    this.#keys = new KeyPool(prng, {
      activeCount: ACTIVE_LOCKS,
      usesMax: OPERATIONS_PER_LOCK,
      prefix,
    });
  }

  next(): Invocation {
    const key = this.#keys.draw();
    const { token, owner } = this.#seen.get(key) ?? { token: 0, owner: null };
    if (this.#prng.chance(0.15)) return readOf(key);
    // Now and then somebody wants it who can't have it.
    if (owner !== null && this.#prng.chance(0.8)) {
      return { f: "release", value: [key, { token, owner }] };
    }
    return acquire(key, { token: token + 1, owner: `o${++this.#owners}` });
  }

  observe(invocation: Invocation, completion: Completion): void {
    const { type, current } = completion;
    const key = keyOf(invocation);
    if (current !== undefined) this.#see(key, grantIn(current));
    else if (type === "ok") {
      const grant = held(completion.value ?? invocation.value) as Grant;
      this.#see(key, invocation.f === "release" ? { ...grant, owner: null } : grant);
    }
  }

  /** Answers may overtake each other: the newer token counts, and that a token was released. */
  #see(key: string, grant: Grant): void {
    const last = this.#seen.get(key);
    const isNews =
      last === undefined ||
      grant.token > last.token ||
      (grant.token === last.token && grant.owner === null);
    if (isNews) this.#seen.set(key, grant);
  }

  finalReads(): Invocation[] {
    return this.#keys.used().map(readOf);
  }
}
