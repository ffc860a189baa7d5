import type { Op, ProcessId } from "./history.ts";

/**
 * An invocation with its completion. `call` and `return` are positions in the history: unlike clocks they
 * never tie. An operation whose outcome is unknown may still take effect at any later time, so it returns
 * at infinity.
 */
export interface Operation {
  readonly invocation: Op;
  /** Missing while the operation is under way, and for good if the run ended first. */
  completion: Op | undefined;
  readonly call: number;
  return: number;
}

/** With what whoever reads the history made of the invocation, for when it is complete. */
export type PairedOperation<Note> = Operation & { note: Note | undefined };

/** Joins completions to invocations while a history is read. A process has one operation at a time. */
export class Pairing<Note = undefined> {
  /** What was wrong with the history itself; it should not be judged then. */
  readonly complaints: string[] = [];
  readonly #open = new Map<ProcessId, PairedOperation<Note> | undefined>();

  /** The operation that this op begins or completes; nothing for the nemesis or an op out of place. */
  observe(op: Op): PairedOperation<Note> | undefined {
    if (op.process === "nemesis") return undefined;
    const open = this.#open.get(op.process);
    if (op.type === "invoke") {
      if (open) this.#complain(op, `invokes before operation ${open.call} is complete`);
      const operation = {
        invocation: op,
        completion: undefined,
        call: op.index,
        return: Infinity,
        note: undefined,
      };
      this.#open.set(op.process, operation);
      return operation;
    }
    if (!open) {
      this.#complain(op, "completes an operation that was never invoked");
      return undefined;
    }
    if (open.invocation.f !== op.f) {
      this.#complain(op, `completes "${op.f}", but invoked "${open.invocation.f}"`);
    }
    // A process that goes on keeps its place: a Map in which keys come and go takes twice as long.
    if (op.type === "info") this.#open.delete(op.process);
    else this.#open.set(op.process, undefined);
    open.completion = op;
    if (op.type !== "info") open.return = op.index;
    return open;
  }

  /** Operations still under way, in order of their invocation. */
  open(): Operation[] {
    return [...this.#open.values()]
      .filter((operation) => operation !== undefined)
      .sort((a, b) => a.call - b.call);
  }

  #complain(op: Op, what: string): void {
    this.complaints.push(`op ${op.index}: process ${op.process} ${what}`);
  }
}

/** All operations of a whole history, in order of their invocation. */
export function pairOperations(ops: Iterable<Op>): Operation[] {
  const pairing = new Pairing();
  const operations: Operation[] = [];
  for (const op of ops) {
    const operation = pairing.observe(op);
    if (operation && op.type === "invoke") operations.push(operation);
  }
  return operations;
}
