import { notSound, type Anomaly, type CheckResult } from "../verdict.ts";
import type { CheckBudget, Checker } from "../checker.ts";
import { Pairing, type Operation } from "../operations.ts";
import { checkTransactions, type TransactionOptions } from "./check-transactions.ts";

/** While the run goes on all is looked at again when there is so much more of it. */
const GROWTH = 1.5;
const LOOK_MIN = 50;

/**
 * Transactions of a run (`f` "txn"). While it goes on, what is under way counts as unknown; a violation of a
 * beginning of the history is one of the whole.
 */
export function createTransactions({
  online,
  ...options
}: TransactionOptions & { readonly online: boolean }): Checker {
  const pairing = new Pairing();
  const operations: Operation[] = [];
  let completedCount = 0;
  let lookAt = LOOK_MIN;
  let found: readonly Anomaly[] = [];

  function finish(budget: CheckBudget): CheckResult {
    const result = checkTransactions(operations, options, budget);
    const [complaint] = pairing.complaints;
    return complaint === undefined ? result : notSound(result, complaint);
  }

  return {
    id: "transactions",
    get found() {
      return found;
    },
    observe: (record) => {
      if (record.type !== "op") return;
      const { op } = record;
      const operation = pairing.observe(op);
      if (operation === undefined) return;
      if (op.type === "invoke") operations.push(operation);
      else if (++completedCount >= lookAt && online && found.length === 0) {
        lookAt = completedCount * GROWTH;
        found = checkTransactions(operations, options).anomalies;
      }
    },
    finish,
  };
}
