import { type Balances, balanceIn, type Transfer } from "../../checker/workloads/bank.ts";
import type { Prng } from "../base/prng.ts";
import type { Completion, Invocation } from "../system/client.ts";
import { keyOf, probeKey, readOf, readsOfAll } from "./keyed.ts";
import type { Workload, WorkloadGenerator } from "./workload.ts";

const ACCOUNTS = Array.from({ length: 8 }, (_, i) => i + 1);
const AMOUNT_MAX = 5;

/** Each account is a key. Nobody sets them up: one that is absent holds the initial balance. */
export const bank: Workload = {
  name: "bank",
  text: "transfers between accounts and reads of all of them; the total stays, and none goes below 0",
  createGenerator: (prng, prefix) => new BankGenerator(prng, `${prefix}bank`),
  finalReadsOf: readsOfAll,
  probe: (number, attempt) => {
    const key = probeKey(number, attempt);
    if (number % 2 === 1) return readOf(key);
    return transfer(key, { from: 1, to: 2, amount: 1, seen: [null, null] });
  },
  translation: {
    ask({ f, value }) {
      const [key, argument] = value as [string, Transfer];
      if (f === "read") {
        return { f: "txn", value: ACCOUNTS.map((account) => ["r", nameOf(key, account), null]) };
      }
      const { from, to, amount, seen } = argument;
      const change = (account: number, was: number | null, by: number): unknown => [
        "cas",
        nameOf(key, account),
        was === null ? null : String(was),
        String(balanceIn(was) + by),
      ];
      return { f: "txn", value: [change(from, seen[0], -amount), change(to, seen[1], amount)] };
    },
    answer(invocation, answered) {
      if (invocation.f !== "read") return invocation.value;
      const steps = answered as readonly (readonly [string, string, string | null])[];
      return [
        keyOf(invocation),
        steps.map(([, , balance]) => (balance === null ? null : Number(balance))),
      ];
    },
  },
};

function nameOf(key: string, account: number): string {
  return `${key}-${account}`;
}

function transfer(key: string, argument: Transfer): Invocation {
  return { f: "transfer", value: [key, argument] };
}

/** Transfers by what was seen last, so that most go through. */
class BankGenerator implements WorkloadGenerator {
  readonly #prng: Prng;
  readonly #key: string;
  readonly #seen = new Map<number, number | null>();

  constructor(prng: Prng, key: string) {
    this.#prng = prng;
    this.#key = key;
  }

  next(): Invocation {
    const from = this.#prng.pick(ACCOUNTS);
    const to = this.#prng.pick(ACCOUNTS.filter((account) => account !== from));
    const seen = [this.#seen.get(from) ?? null, this.#seen.get(to) ?? null] as const;
    const amountMax = Math.min(AMOUNT_MAX, balanceIn(seen[0]));
    if (amountMax === 0 || this.#prng.chance(0.5)) return readOf(this.#key);
    return transfer(this.#key, { from, to, amount: this.#prng.int(1, amountMax), seen });
  }

  observe({ f, value }: Invocation, completion: Completion): void {
    if (completion.type !== "ok") return;
    if (f === "read") {
      const [, balances] = completion.value as [string, Balances];
      for (const [i, balance] of balances.entries()) this.#seen.set(i + 1, balance);
      return;
    }
    const [, { from, to, amount, seen }] = value as [string, Transfer];
    this.#seen.set(from, balanceIn(seen[0]) - amount);
    this.#seen.set(to, balanceIn(seen[1]) + amount);
  }

  finalReads(): Invocation[] {
    return [readOf(this.#key)];
  }
}
