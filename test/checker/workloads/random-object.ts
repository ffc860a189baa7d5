import type { Op } from "../../../checker/history.ts";
import type { Prng } from "../../../src/base/prng.ts";

/** An object as it is told to a single thread: what is asked at random, and what it then answers. */
export interface Plain {
  ask(prng: Prng): { readonly f: string; readonly argument: unknown };
  /** Executes it; undefined: refused, and nothing happened. */
  answer(f: string, argument: unknown): unknown;
}

interface Pending {
  readonly f: string;
  readonly argument: unknown;
  result: { readonly answer: unknown } | undefined;
}

/**
 * A history that is right by construction: each operation takes effect at a moment between its call and its answer, and
 * of some nobody hears whether and when it did.
 */
export function randomHistory(
  prng: Prng,
  object: Plain,
  { operations, infos }: { readonly operations: number; readonly infos: boolean },
): Op[] {
  const ops: Op[] = [];
  const open = new Map<number, Pending>();
  const lost: Pending[] = [];
  const processes = [0, 1, 2];
  let begun = 0;
  const record = (process: number, type: Op["type"], { f }: Pending, argument: unknown): void => {
    const index = ops.length;
    const error = type === "fail" ? { error: "cas-mismatch" } : {};
    ops.push({ index, timeNs: index, process, type, f, value: ["k", argument], ...error });
  };
  const execute = (pending: Pending): void => {
    pending.result ??= { answer: object.answer(pending.f, pending.argument) };
  };
  while (begun < operations || open.size > 0) {
    if (lost.length > 0 && prng.chance(0.2)) execute(prng.pick(lost));
    const slot = prng.int(0, processes.length - 1);
    const process = processes[slot]!;
    const pending = open.get(process);
    if (pending === undefined) {
      if (begun++ >= operations) continue;
      const asked = { ...object.ask(prng), result: undefined };
      open.set(process, asked);
      record(process, "invoke", asked, asked.argument);
    } else if (infos && prng.chance(0.1)) {
      open.delete(process);
      lost.push(pending);
      processes[slot] = process + processes.length;
      record(process, "info", pending, pending.argument);
    } else if (pending.result === undefined) execute(pending);
    else {
      open.delete(process);
      const { answer } = pending.result;
      if (answer === undefined) record(process, "fail", pending, pending.argument);
      else record(process, "ok", pending, answer);
    }
  }
  return ops;
}

/** The same with another answer to one of the operations of these kinds, or with two answers exchanged. */
export function broken(
  prng: Prng,
  ops: readonly Op[],
  kinds: readonly string[],
  alter: (answer: unknown, prng: Prng) => unknown,
): Op[] {
  const answers = ops.filter(({ type, f }) => type === "ok" && kinds.includes(f));
  if (answers.length === 0) return [...ops];
  const { index, f, value } = prng.pick(answers);
  const same = answers.filter((op) => op.f === f && op.index !== index);
  const [, answer] = value as [string, unknown];
  if (same.length > 0 && prng.chance(0.4)) {
    const other = prng.pick(same);
    return ops.map((op) =>
      op.index === index
        ? { ...op, value: other.value }
        : op.index === other.index
          ? { ...op, value }
          : op,
    );
  }
  const altered = ["k", alter(answer, prng)];
  return ops.map((op) => (op.index === index ? { ...op, value: altered } : op));
}
