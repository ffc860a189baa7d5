import type { Step } from "../../../checker/transactions/transaction-table.ts";
import type { OpType } from "../../../checker/history.ts";
import type { Prng } from "../../../src/base/prng.ts";
import { answered, execute } from "./oracle.ts";
import type { Told } from "./told-transactions.ts";

export interface Mix {
  readonly size: number;
  readonly processes: number;
  readonly keys: number;
  readonly stepsMax: number;
  /** Lists or registers. */
  readonly write: "append" | "w";
  readonly unknown: number;
  readonly failed: number;
  /** "serial": each takes effect at one moment; "snapshot": reads at its call, writes at its answer, if it may. */
  /** Ends with a read of all keys. */
  readonly readsAll?: boolean;
  readonly isolation: "serial" | "snapshot";
}

type State = Parameters<typeof execute>[1];

interface Running {
  readonly process: number;
  readonly call: number;
  readonly wanted: readonly Step[];
  steps: readonly Step[] | undefined;
  snapshot: State;
}

/** An execution of a store that keeps its promise. */
export function randomTransactions(prng: Prng, mix: Mix): Told[] {
  let state: State = new Map();
  let moment = 0;
  let elements = 0;
  let process = 0;
  let processes = 0;
  const done: Told[] = [];
  const running: Running[] = [];
  let begun = 0;
  const names = ["x", "y", "z"].slice(0, mix.keys);
  const draw = (): Step => {
    const key = prng.pick(names);
    return prng.chance(0.5)
      ? ["r", key, null]
      : [mix.write, key, String.fromCharCode(97 + elements++)];
  };
  const begin = (): void => {
    const wanted = Array.from({ length: prng.int(1, mix.stepsMax) }, draw);
    if (running.some((one) => one.process === process)) process = ++processes;
    running.push({ process, call: moment++, wanted, steps: undefined, snapshot: state });
    begun++;
  };
  const effect = (one: Running): void => {
    const told = { process: 0, call: 0, return: 0, type: "info" as const };
    one.steps = answered(one.wanted, mix.isolation === "serial" ? state : one.snapshot);
    const after = execute(
      { ...told, steps: one.steps },
      mix.isolation === "serial" ? state : one.snapshot,
    )!;
    const next = new Map(state);
    for (const [f, key] of one.steps) if (f !== "r") next.set(String(key), after.get(String(key))!);
    state = next;
  };
  const mayCommit = ({ wanted, snapshot }: Running): boolean =>
    wanted.every(([f, key]) => f === "r" || state.get(String(key)) === snapshot.get(String(key)));
  const end = (one: Running): void => {
    running.splice(running.indexOf(one), 1);
    let type: OpType = "ok";
    if (one.steps === undefined) {
      if (prng.chance(mix.failed)) type = "fail";
      else if (prng.chance(mix.unknown)) type = "info";
      else if (mix.isolation === "serial" || mayCommit(one)) effect(one);
      else type = "fail";
    } else if (prng.chance(mix.unknown)) type = "info";
    const steps = type === "ok" ? one.steps! : one.wanted;
    done.push({ process: one.process, call: one.call, return: moment++, type, steps });
    // A process goes on under its number as long as it knows how things went.
    process = type !== "info" && prng.chance(0.5) ? one.process : ++processes;
  };
  while (begun < mix.size || running.length > 0) {
    const mayBegin = begun < mix.size && running.length < mix.processes;
    if (mayBegin && (running.length === 0 || prng.chance(0.5))) {
      begin();
      continue;
    }
    const one = prng.pick(running);
    if (mix.isolation === "serial" && one.steps === undefined && prng.chance(0.6)) effect(one);
    else end(one);
  }
  if (mix.readsAll) {
    const steps = names.map((key): Step => ["r", key, state.get(key) ?? null]);
    done.push({ process: ++processes, call: moment++, return: moment++, type: "ok", steps });
  }
  return done;
}

/** One thing that was read becomes something else. */
export function breakOnce(prng: Prng, history: readonly Told[], { write }: Mix): Told[] {
  const reads = history.flatMap((one, at) =>
    one.type !== "ok" ? [] : one.steps.flatMap(([f], step) => (f === "r" ? [{ at, step }] : [])),
  );
  if (reads.length === 0) return [...history];
  const { at, step } = prng.pick(reads);
  const [, key] = history[at]!.steps[step]!;
  const seen = history.flatMap(({ steps }) =>
    steps.filter(([f, name]) => f === "r" && name === key).map(([, , value]) => value),
  );
  const written = history.flatMap(({ steps }) =>
    steps.filter(([f]) => f !== "r").map(([, , element]) => String(element)),
  );
  const old = history[at]!.steps[step]![2] as string[] | null;
  const edited =
    write === "w" ? prng.pick([null, ...written, "?"]) : editedList(prng, old ?? [], written);
  const value = prng.chance(0.6) ? prng.pick(seen) : edited;
  return history.map((one, i) =>
    i !== at
      ? one
      : { ...one, steps: one.steps.map((old, s) => (s === step ? ["r", key, value] : old)) },
  );
}

function editedList(prng: Prng, list: readonly string[], written: readonly string[]): string[] {
  const p = prng.int(0, Math.max(0, list.length - 1));
  return prng.pick([
    list.filter((_, i) => i !== p),
    list.slice(0, -1),
    [...list].reverse(),
    [...list, prng.pick([...written, "?"])],
    [...list, ...list.slice(-1)],
  ]);
}
