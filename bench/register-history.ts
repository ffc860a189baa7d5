import type { Op, OpType } from "../checker/history.ts";
import { createPrng, type Prng } from "../src/base/prng.ts";

/** A history to be made up: clients at work on real registers, so it is linearizable until it is spoilt. */
export interface HistoryRecipe {
  readonly seed: string;
  readonly operations: number;
  readonly clients: number;
  readonly keys: number;
  /** Share of operations without an answer. */
  readonly crashed: number;
  /** Of equal weight; a delete among them makes keys absent now and then. */
  readonly kinds: readonly ("read" | "write" | "cas" | "delete")[];
  /** At the end somebody reads a value that was overwritten half of the history ago. */
  readonly endsStale: boolean;
}

interface Call {
  readonly process: number;
  readonly f: string;
  readonly key: string;
  readonly argument: unknown;
  answer: Pick<Op, "type" | "value" | "error" | "current"> | undefined;
}

/** The ops of such a history, one by one. */
export function* registerHistory(recipe: HistoryRecipe): Generator<Op, void, undefined> {
  const prng = createPrng(recipe.seed);
  const registers = new Registers();
  const calls: (Call | undefined)[] = Array.from({ length: recipe.clients }, () => undefined);
  /** Crashed, and still to take effect. */
  const late: Call[] = [];
  let index = 0;
  let begun = 0;
  let nextProcess = recipe.clients;
  const processes = calls.map((_, client) => client);
  const op = (call: Call, type: OpType, rest: Partial<Op> = {}): Op => {
    const { process, f, key, argument } = call;
    return { index, timeNs: index++ * 20_000, process, type, f, value: [key, argument], ...rest };
  };
  let firstValue: string | null = null;

  while (begun < recipe.operations || calls.some((call) => call !== undefined)) {
    const client = prng.int(0, recipe.clients - 1);
    const call = calls[client];
    if (!call) {
      if (begun >= recipe.operations) continue;
      const key = `k${prng.int(0, recipe.keys - 1)}`;
      const begins = beginCall(
        prng,
        recipe,
        { key, number: begun++, process: processes[client]! },
        registers,
      );
      calls[client] = begins;
      if (begun * 2 > recipe.operations && key === "k0") firstValue ??= registers.get(key);
      yield op(begins, "invoke");
    } else if (call.answer) {
      yield op(call, call.answer.type, call.answer);
      calls[client] = undefined;
    } else if (prng.chance(recipe.crashed)) {
      if (prng.chance(0.5)) late.push(call);
      yield op(call, "info", { error: "timeout" });
      calls[client] = undefined;
      processes[client] = nextProcess++;
    } else {
      call.answer = registers.apply(call);
      const forgotten = late.length > 0 && prng.chance(0.2) ? late.pop() : undefined;
      if (forgotten) registers.apply(forgotten);
    }
  }
  if (!recipe.endsStale) return;
  const base = { key: "k0", process: nextProcess, answer: undefined };
  const write: Call = { ...base, f: "write", argument: "the last" };
  yield op(write, "invoke");
  yield op(write, "ok");
  const read: Call = { ...base, f: "read", argument: null };
  yield op(read, "invoke");
  yield op(read, "ok", { value: ["k0", firstValue] });
}

function beginCall(
  prng: Prng,
  { kinds }: HistoryRecipe,
  { key, number, process }: { key: string; number: number; process: number },
  registers: Registers,
): Call {
  const kind = prng.pick(kinds);
  const current = registers.get(key);
  // A cas from absent would be judged by search where there are deletes; a write then, as most clients do.
  const f = kind === "cas" && current === null ? "write" : kind;
  const fresh = `v${number}`;
  const argument = f === "write" ? fresh : f === "cas" ? [current, fresh] : null;
  return { process, f, key, argument, answer: undefined };
}

class Registers {
  readonly #values = new Map<string, string>();

  get(key: string): string | null {
    return this.#values.get(key) ?? null;
  }

  apply({ f, key, argument }: Call): NonNullable<Call["answer"]> {
    const current = this.get(key);
    const value = [key, argument];
    switch (f) {
      case "read":
        return { type: "ok", value: [key, current] };
      case "delete":
        this.#values.delete(key);
        return { type: "ok", value };
      case "cas": {
        const [expected, next] = argument as [string, string];
        if (expected !== current) return { type: "fail", value, error: "cas-mismatch", current };
        this.#values.set(key, next);
        return { type: "ok", value };
      }
      default:
        this.#values.set(key, argument as string);
        return { type: "ok", value };
    }
  }
}
