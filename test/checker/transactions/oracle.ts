import type { Step } from "../../../checker/transactions/transaction-table.ts";
import type { Told } from "./told-transactions.ts";

type Value = string | readonly string[] | null;
type State = ReadonlyMap<string, Value>;

/** What has to come before what. */
export type Before = (a: Told, b: Told) => boolean;

export const anyOrder: Before = () => false;
export const realtime: Before = (a, b) => a.type === "ok" && a.return < b.call;
export const process: Before = (a, b) => a.process === b.process && a.return < b.call;

/** Serializability, by trying every order of all that happened and of any of what may have. */
export function isSerializable(history: readonly Told[], before: Before): boolean {
  const all = history.filter(({ type }) => type !== "fail");
  return tryOrder(all, new Map());

  function tryOrder(left: readonly Told[], state: State): boolean {
    if (left.every(({ type }) => type === "info")) return true;
    return left.some((one) => {
      if (left.some((other) => other !== one && before(other, one))) return false;
      const next = execute(one, state);
      const rest = left.filter((other) => other !== one);
      return next !== undefined && tryOrder(rest, next);
    });
  }
}

/** Snapshot isolation, by trying every order of starts and commits; the first of two writers wins. */
export function isSnapshotIsolated(history: readonly Told[], before: Before): boolean {
  const all = history.filter(({ type }) => type !== "fail");
  // Reads are checked at once, so that most orders end early.
  interface Running {
    readonly one: Told;
    readonly snapshot: State;
  }
  // What is serializable is that, too.
  return isSerializable(history, before) || tryEvent(all, [], new Map(), 0);

  /** Starts in a row may be in any order: only that of `all` is tried, which goes on at `from`. */
  function tryEvent(
    left: readonly Told[],
    running: readonly Running[],
    state: State,
    from: number,
  ): boolean {
    if (running.length === 0 && left.every(({ type }) => type === "info")) return true;
    const starts = left.some((one) => {
      if (all.indexOf(one) < from) return false;
      const under = [...left, ...running.map((other) => other.one)];
      if (under.some((other) => other !== one && before(other, one))) return false;
      if (execute(one, state) === undefined) return false;
      const rest = left.filter((other) => other !== one);
      return tryEvent(rest, [...running, { one, snapshot: state }], state, all.indexOf(one));
    });
    if (starts) return true;
    return running.some(({ one, snapshot }) => {
      const after = execute(one, snapshot)!;
      const written = new Set(one.steps.filter(([f]) => f !== "r").map(([, key]) => String(key)));
      const next = new Map(state);
      for (const key of written) {
        if (state.get(key) !== snapshot.get(key)) return false;
        next.set(key, after.get(key)!);
      }
      return tryEvent(
        left,
        running.filter((other) => other.one !== one),
        next,
        0,
      );
    });
  }
}

/** The state after it; undefined where it read something else. */
export function execute({ steps, type }: Told, state: State): State | undefined {
  const next = new Map(state);
  for (const [f, name, argument] of steps) {
    const key = String(name);
    const held = next.get(key) ?? null;
    if (f === "append") next.set(key, [...((held ?? []) as string[]), String(argument)]);
    else if (f === "w") next.set(key, String(argument));
    else if (type === "ok" && !isSame(held, argument)) return undefined;
  }
  return next;
}

/** The steps as they would be answered now. */
export function answered(steps: readonly Step[], state: State): Step[] {
  const done: Step[] = [];
  for (const step of steps) {
    const so = execute({ process: 0, call: 0, return: 0, type: "info", steps: done }, state)!;
    done.push(step[0] === "r" ? ["r", step[1], so.get(String(step[1])) ?? null] : step);
  }
  return done;
}

function isSame(a: unknown, b: unknown): boolean {
  const [one, other] = [a, b].map((value) => JSON.stringify(value ?? null));
  return one === other || [one, other].every((text) => text === "null" || text === "[]");
}
