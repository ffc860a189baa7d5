import type { CheckBudget, Checker } from "../checker.ts";
import { nameOf } from "../formats/plain.ts";
import type { Op } from "../history.ts";
import { type Operation, Pairing } from "../operations.ts";
import { checkTransactions } from "../transactions/check-transactions.ts";
import { MODEL_NAMES, type ModelName } from "../transactions/models.ts";
import { type ConcurrentObject, type Consistency, inShort, Misfit } from "./concurrent-object.ts";
import { notSound } from "../verdict.ts";

export const listAppend: ConcurrentObject = {
  name: "list-append",
  description: "txn with a list of steps: [:append key element], [:r key nil] answered with a list",
  functions: ["txn"],
  namesKey: () => false,
  consistencies: MODEL_NAMES,
  createChecker: ({ consistency }) => createTransactionsChecker("append", consistency),
};

export const rwRegister: ConcurrentObject = {
  name: "rw-register",
  description: "txn with a list of steps: [:w key value], [:r key nil] answered with the value",
  functions: ["txn"],
  namesKey: () => false,
  consistencies: MODEL_NAMES,
  createChecker: ({ consistency }) => createTransactionsChecker("w", consistency),
};

/** Which of them an invocation is about; undefined: it only reads, so others must tell. */
export function transactionsOf({ value }: Op): ConcurrentObject | undefined {
  const steps = Array.isArray(value) ? (value as unknown[]) : [];
  for (const step of steps) {
    const write = writeOf(step);
    if (write !== undefined) return write === "w" ? rwRegister : listAppend;
  }
  return undefined;
}

type Write = "append" | "w";

function writeOf(step: unknown): Write | undefined {
  const name = Array.isArray(step) ? nameOf((step as unknown[])[0]) : undefined;
  if (name === "append") return name;
  return name === "w" || name === "write" ? "w" : undefined;
}

function createTransactionsChecker(write: Write, consistency: Consistency | undefined): Checker {
  const pairing = new Pairing();
  const operations: Operation[] = [];
  const complaints: string[] = [];

  function observe(op: Op): void {
    try {
      const operation = pairing.observe({ ...op, value: stepsOf(op, write) });
      if (operation && op.type === "invoke") operations.push(operation);
    } catch (error) {
      if (!(error instanceof Misfit)) throw error;
      complaints.push(`op ${op.index} (${op.f}): ${error.message}`);
    }
  }

  return {
    id: "transactions",
    found: [],
    observe: (record) => {
      if (record.type === "op") observe(record.op);
    },
    finish: (budget: CheckBudget) => {
      const options = consistency === undefined ? {} : { model: consistency as ModelName };
      const result = checkTransactions(operations, options, budget);
      const [complaint] = [...complaints, ...pairing.complaints];
      return complaint === undefined ? result : notSound(result, complaint);
    },
  };
}

/** The steps with plain names. What is unknown or failed is judged by its invocation. */
function stepsOf({ type, f, value }: Op, write: Write): unknown {
  if (f !== "txn") throw new Misfit("transactions are called txn");
  if (type === "fail" || type === "info") return value;
  if (!Array.isArray(value)) throw new Misfit(`its value ${inShort(value)} is no list of steps`);
  return value.map((step: unknown) => {
    const [name, key, argument] = Array.isArray(step) ? (step as unknown[]) : [];
    if (writeOf(step) === write) return [write, key, argument];
    const known = nameOf(name);
    if (known === "r" || known === "read") return ["r", key, argument];
    throw new Misfit(`its step ${inShort(step)} is neither ${write} nor r`);
  });
}
