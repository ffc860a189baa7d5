import { valueOf as knownValueOf } from "../../src/base/assert.ts";
import type { Op } from "../history.ts";
import { type Operation, type PairedOperation, Pairing } from "../operations.ts";
import {
  CAS,
  DELETE,
  emptyColumns,
  type KindCode,
  NONE,
  READ,
  type RegisterColumns,
  WRITE,
} from "./columns.ts";
import { FAIL, INFO, OK, OPEN, OperationColumns } from "./operation-columns.ts";
import { keyOf, type RegisterOperation } from "./register-operation.ts";
import { ValueTable } from "./value-table.ts";

/** A key and its operations, which are named by their position in the log. */
export interface LoggedKey {
  readonly name: string;
  readonly ids: number[];
  readonly values: ValueTable;
  /** Calls and returns so far. */
  eventCount: number;
  /** Returns so far. */
  completed: number;
}

interface LoggedOperation {
  readonly key: LoggedKey;
  readonly id: number;
}

const NAMES = ["read", "write", "cas", "delete", "refused"] as const;
const CODES: Readonly<Record<string, KindCode>> = {
  read: READ,
  write: WRITE,
  cas: CAS,
  delete: DELETE,
};
const TYPES = [undefined, "ok", "fail", "info"] as const;
const OUTCOMES = { ok: OK, fail: FAIL, info: INFO } as const;

/** The operations of a register workload, key by key. No op stays an object. */
export class RegisterLog {
  readonly keys = new Map<string, LoggedKey>();
  readonly #columns = new OperationColumns();
  readonly #pairing = new Pairing<LoggedOperation>();
  readonly #misfits: string[] = [];
  readonly #words: string[] = [];
  readonly #numberOfWord = new Map<string, number>();

  get size(): number {
    return this.#columns.count;
  }

  /** What was wrong with the history itself; it should not be judged then. */
  get complaints(): readonly string[] {
    return [...this.#misfits, ...this.#pairing.complaints];
  }

  /** Returns the key and the operation that an op completes. */
  observe(op: Op): LoggedOperation | undefined {
    const operation = this.#pairing.observe(op);
    if (!operation) return undefined;
    if (op.type === "invoke") {
      const name = keyOf(op.f, op.value);
      if (name === undefined) this.#misfits.push(`op ${op.index} is no operation on a register`);
      else this.#begin(operation, name);
      return undefined;
    }
    const { note: logged } = operation;
    if (!logged) return undefined;
    if (op.type === "ok" && keyOf(op.f, op.value) === undefined) {
      this.#misfits.push(`op ${op.index} is no operation on a register`);
      return undefined;
    }
    this.#complete(logged, op);
    return logged;
  }

  #begin(operation: PairedOperation<LoggedOperation>, name: string): void {
    const { invocation } = operation;
    let key = this.keys.get(name);
    if (!key) {
      key = { name, ids: [], values: new ValueTable(), eventCount: 0, completed: 0 };
      this.keys.set(name, key);
    }
    const columns = this.#columns;
    const id = columns.add();
    const argument = argumentOf(invocation);
    const kind = CODES[invocation.f] ?? READ;
    columns.kinds[id] = kind;
    columns.outcomes[id] = OPEN;
    if (kind === CAS) {
      const [expected, value] = argument as readonly [unknown, unknown];
      columns.expected[id] = key.values.numberOf(expected);
      columns.values[id] = key.values.numberOf(value);
    } else if (kind === WRITE) columns.values[id] = key.values.numberOf(argument);
    columns.answers[id] = NONE;
    columns.calls[id] = key.eventCount++;
    columns.callIndexes[id] = invocation.index;
    columns.callTimesNs[id] = invocation.timeNs;
    columns.processes[id] = invocation.process as number;
    columns.nodes[id] = NONE;
    columns.errors[id] = NONE;
    key.ids.push(id);
    operation.note = { id, key };
  }

  #complete({ id, key }: LoggedOperation, op: Op): void {
    const columns = this.#columns;
    columns.outcomes[id] = OUTCOMES[op.type as "ok" | "fail" | "info"];
    const kind = columns.kinds[id];
    if (op.type === "ok" && kind === READ)
      columns.answers[id] = key.values.numberOf(argumentOf(op));
    if (op.type === "fail" && kind === CAS && op.current !== undefined) {
      columns.answers[id] = key.values.numberOf(op.current);
    }
    columns.returns[id] = key.eventCount++;
    columns.returnIndexes[id] = op.index;
    columns.returnTimesNs[id] = op.timeNs;
    if (op.node !== undefined) columns.nodes[id] = this.#numberOf(op.node);
    if (op.error !== undefined) columns.errors[id] = this.#numberOf(op.error);
    key.completed++;
  }

  /**
   * What the operations of a key claim, and which they are. An operation claims nothing that is a read without
   * an answer, that certainly did not happen, or that is a cas that would have changed nothing. A cas that
   * failed with the value it found was a read of that value.
   */
  claimsOf(key: LoggedKey): { columns: RegisterColumns; ids: Int32Array } {
    const { kinds, outcomes, values, expected, answers, calls, returns } = this.#columns;
    const { eventCount } = key;
    const claims = emptyColumns(key.ids.length, { eventCount, valueCount: key.values.count });
    const ids = new Int32Array(key.ids.length);
    let size = 0;
    for (const id of key.ids) {
      const kind = kinds[id]! as KindCode;
      const outcome = outcomes[id]!;
      const changesNothing = kind === CAS && values[id] === expected[id];
      const isRead = kind === READ || outcome === FAIL || changesNothing;
      const isCertain = outcome === OK || outcome === FAIL;
      if (isRead && (!isCertain || (outcome === FAIL && answers[id] === NONE))) continue;
      ids[size] = id;
      claims.kinds[size] = isRead ? READ : kind;
      claims.certain[size] = isCertain ? 1 : 0;
      claims.values[size] = isRead && answers[id] !== NONE ? answers[id]! : values[id]!;
      claims.expected[size] = isRead ? 0 : expected[id]!;
      claims.calls[size] = calls[id]!;
      claims.returns[size] = isCertain ? returns[id]! : eventCount;
      size++;
    }
    return { columns: { ...claims, size }, ids };
  }

  /** The same claims as objects: of a violated key, or one that has to be searched. */
  operationsOf(key: LoggedKey): RegisterOperation[] {
    const { columns, ids } = this.claimsOf(key);
    const { kinds, certain, values, expected, calls, returns } = columns;
    return Array.from({ length: columns.size }, (_, at) => ({
      kind: NAMES[kinds[at]!]!,
      value: key.values.value(values[at]!),
      expected: key.values.value(expected[at]!),
      call: calls[at]!,
      return: certain[at] === 1 ? returns[at]! : Infinity,
      isCertain: certain[at] === 1,
      id: ids[at]!,
    }));
  }

  /** Operations that certainly failed, by what they would have written. */
  failedOf(key: LoggedKey): RegisterOperation[] {
    const { kinds, outcomes, values, calls } = this.#columns;
    return key.ids
      .filter((id) => outcomes[id] === FAIL && kinds[id] !== READ)
      .map((id) => ({
        kind: NAMES[kinds[id]!]!,
        value: key.values.value(values[id]!),
        expected: null,
        call: calls[id]!,
        return: Infinity,
        isCertain: false,
        id,
      }));
  }

  /** A cas that was refused because of another value, and names the expected one as what it found. */
  contradictsItself(id: number): boolean {
    const { kinds, outcomes, answers, expected } = this.#columns;
    return kinds[id] === CAS && outcomes[id] === FAIL && answers[id] === expected[id];
  }

  /** An operation as it was recorded. */
  recorded(key: LoggedKey, id: number): Operation {
    const columns = this.#columns;
    const kind = columns.kinds[id]! as KindCode;
    const outcome = columns.outcomes[id]!;
    const written = key.values.recorded(columns.values[id]!);
    const argument =
      kind === CAS
        ? [key.values.recorded(columns.expected[id]!), written]
        : kind === WRITE
          ? written
          : null;
    const base = { process: columns.processes[id]!, f: NAMES[kind]! };
    const invocation: Op = {
      ...base,
      index: columns.callIndexes[id]!,
      timeNs: columns.callTimesNs[id]!,
      type: "invoke",
      value: [key.name, argument],
    };
    const type = TYPES[outcome];
    const call = invocation.index;
    if (type === undefined) return { invocation, completion: undefined, call, return: Infinity };
    const answer =
      columns.answers[id]! === NONE ? undefined : key.values.recorded(columns.answers[id]!);
    const node = this.#words[columns.nodes[id]!];
    const error = this.#words[columns.errors[id]!];
    const completion: Op = {
      ...base,
      index: columns.returnIndexes[id]!,
      timeNs: columns.returnTimesNs[id]!,
      type,
      value: [key.name, kind === READ && type === "ok" ? answer : argument],
      ...(error !== undefined && { error }),
      ...(type === "fail" && answer !== undefined && { current: answer as string | null }),
      ...(node !== undefined && { node }),
    };
    return { invocation, completion, call, return: type === "info" ? Infinity : completion.index };
  }

  #numberOf(word: string): number {
    if (!this.#numberOfWord.has(word)) this.#numberOfWord.set(word, this.#words.push(word) - 1);
    return knownValueOf(this.#numberOfWord, word);
  }
}

function argumentOf({ value }: Op): unknown {
  return (value as readonly [unknown, unknown])[1];
}
