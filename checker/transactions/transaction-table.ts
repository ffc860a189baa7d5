import type { Operation } from "../operations.ts";

/** A key, an element or a value: what can be told apart by `===`. */
export type Atom = string | number | boolean;

/**
 * A step as the history has it: `["r", key, seen]` (null in the invocation), `["append", key, element]` or
 * `["w", key, value]`. What is read is a list of atoms, an atom, or null for a key that is absent.
 */
export type Step = readonly [f: "r" | "append" | "w", key: Atom, argument: unknown];

export const READ = 0;
export const APPEND = 1;
export const WRITE = 2;

export const OK = 0;
export const INFO = 1;
export const FAIL = 2;

/** What a key holds, by what is done to it. */
export const UNTOUCHED = 0;
export const LIST = 1;
export const REGISTER = 2;

/** Transactions in columns, numbered from 0 in the order of their invocation; so are their steps and the keys. */
export interface TransactionTable {
  readonly operations: readonly Operation[];
  readonly outcome: Uint8Array;
  /** The steps of transaction t are `first[t]` to `first[t + 1]`. */
  readonly first: Int32Array;
  /** Of each step: the transaction that it belongs to, what it does, to which key, and with what. */
  readonly owner: Int32Array;
  readonly kind: Uint8Array;
  readonly key: Int32Array;
  readonly argument: readonly unknown[];
  readonly keyNames: readonly Atom[];
  readonly keyType: Uint8Array;
  /** Why these are no transactions that could be judged. */
  readonly complaints: readonly string[];
}

export function tableOf(operations: readonly Operation[]): TransactionTable {
  const complaints: string[] = [];
  const lists = operations.map((operation) => stepsOf(operation, complaints));
  const first = new Int32Array(operations.length + 1);
  for (const [t, steps] of lists.entries()) first[t + 1] = first[t]! + steps.length;
  const stepCount = first[operations.length]!;
  const owner = new Int32Array(stepCount);
  const kind = new Uint8Array(stepCount);
  const key = new Int32Array(stepCount);
  const argument = Array.from<unknown>({ length: stepCount });
  const numbers = new Map<Atom, number>();
  const keyNames: Atom[] = [];
  const keyTypes: number[] = [];
  let next = 0;
  for (const [t, steps] of lists.entries()) {
    for (const step of steps) {
      const s = next++;
      const complaint = complaintOf(step);
      if (complaint !== undefined) complaints.push(`${nameOf(operations[t]!)}: ${complaint}`);
      const name = step[1];
      let number = numbers.get(name);
      if (number === undefined) {
        number = keyNames.length;
        numbers.set(name, number);
        keyNames.push(name);
        keyTypes.push(UNTOUCHED);
      }
      owner[s] = t;
      key[s] = number;
      kind[s] = step[0] === "r" ? READ : step[0] === "append" ? APPEND : WRITE;
      argument[s] = step[2];
      const type = typeBy(step);
      if (type === UNTOUCHED) continue;
      if (keyTypes[number] === UNTOUCHED) keyTypes[number] = type;
      else if (keyTypes[number] !== type) {
        complaints.push(`${nameOf(operations[t]!)}: key ${name} is a list here, a register there`);
      }
    }
  }
  const outcome = Uint8Array.from(operations, outcomeOf);
  const keyType = Uint8Array.from(keyTypes);
  return { operations, outcome, first, owner, kind, key, argument, keyNames, keyType, complaints };
}

function outcomeOf({ completion }: Operation): number {
  if (completion?.type === "ok") return OK;
  return completion?.type === "fail" ? FAIL : INFO;
}

function stepsOf(operation: Operation, complaints: string[]): readonly Step[] {
  const { invocation, completion } = operation;
  const { value } = completion?.type === "ok" ? completion : invocation;
  if (Array.isArray(value)) return value as Step[];
  complaints.push(`${nameOf(operation)}: the value must be a list of steps`);
  return [];
}

const SHAPES = '["r", key, seen], ["append", key, element] or ["w", key, value]';

function complaintOf(step: unknown): string | undefined {
  if (!Array.isArray(step) || step.length < 2) return `a step must be ${SHAPES}`;
  const [f, key, argument] = step as unknown[];
  if (!isAtom(key)) return `the key of a step must be a string or a number`;
  if (f === "r")
    return isReadable(argument) ? undefined : "what was read must be a list or a value";
  if (f !== "append" && f !== "w") return `a step must be ${SHAPES}`;
  return isAtom(argument) ? undefined : "what is written must be a string or a number";
}

function isReadable(value: unknown): boolean {
  return value === null || value === undefined || Array.isArray(value) || isAtom(value);
}

function isAtom(value: unknown): value is Atom {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

/** A read of nothing does not tell. */
function typeBy([f, , argument]: Step): number {
  if (f === "append") return LIST;
  if (f === "w") return REGISTER;
  if (argument === null || argument === undefined) return UNTOUCHED;
  return Array.isArray(argument) ? LIST : REGISTER;
}

function nameOf({ call }: Operation): string {
  return `op ${call}`;
}
