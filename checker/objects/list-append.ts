import type { Checker } from "../checker.ts";
import { nameOf } from "../formats/plain.ts";
import type { Op } from "../history.ts";
import { type Operation, Pairing } from "../operations.ts";
import { checkTransactions } from "../transactions/check-transactions.ts";
import type { ModelName } from "../transactions/models.ts";
import { type ConcurrentObject, inShort, Misfit } from "./concurrent-object.ts";

export const listAppend: ConcurrentObject = {
  name: "list-append",
  description: "txn with a list of steps: [:append key element], [:r key nil] answered with a list",
  functions: ["txn"],
  namesKey: () => false,
  createChecker: ({ consistency }) => createTransactionsChecker(consistency),
};

function createTransactionsChecker(consistency: ModelName | undefined): Checker {
  const pairing = new Pairing();
  const operations: Operation[] = [];
  const complaints: string[] = [];

  function observe(op: Op): void {
    try {
      const operation = pairing.observe({ ...op, value: stepsOf(op) });
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
    finish: () => {
      const result = checkTransactions(
        operations,
        consistency === undefined ? {} : { model: consistency },
      );
      const [complaint] = [...complaints, ...pairing.complaints];
      if (complaint === undefined || result.verdict === "invalid") return result;
      return { ...result, verdict: "unknown", summary: `the history is not sound: ${complaint}` };
    },
  };
}

/** The steps with plain names. What is unknown or failed is judged by its invocation. */
function stepsOf({ type, f, value }: Op): unknown {
  if (f !== "txn") throw new Misfit("transactions are called txn");
  if (type === "fail" || type === "info") return value;
  if (!Array.isArray(value)) throw new Misfit(`its value ${inShort(value)} is no list of steps`);
  return value.map((step: unknown) => {
    const [name, key, argument] = Array.isArray(step) ? (step as unknown[]) : [];
    const known = nameOf(name);
    if (known === "append") return ["append", key, argument];
    if (known === "r" || known === "read") return ["r", key, argument];
    throw new Misfit(`its step ${inShort(step)} is neither append nor r`);
  });
}
