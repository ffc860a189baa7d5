import { labelOf, PROCESS, REALTIME, type GraphBuilder } from "./graph.ts";
import type { ProcessId } from "../history.ts";
import { OK, type TransactionTable } from "./transaction-table.ts";

/** A process does one thing after the other. Who follows an unknown outcome is another process. */
export function addProcessOrder(
  { operations, outcome }: TransactionTable,
  happened: Uint8Array,
  graph: GraphBuilder,
): void {
  const before = new Map<ProcessId, number>();
  for (let t = 0; t < operations.length; t++) {
    if (happened[t] === 0) continue;
    const { process } = operations[t]!.invocation;
    const earlier = before.get(process);
    if (earlier !== undefined) graph.addEdge(earlier, t, labelOf(PROCESS));
    if (outcome[t] === OK) before.set(process, t);
  }
}

/**
 * What returned before another was called came before it. All such pairs would be too many; instead time is a
 * chain of junctions, one for each stretch of returns: a transaction leads into the one of its return, and out
 * of it go those that are called next. So there are at most three edges for each transaction.
 */
export function addRealtimeOrder(
  { operations, outcome }: TransactionTable,
  happened: Uint8Array,
  graph: GraphBuilder,
): void {
  const label = labelOf(REALTIME);
  const returning = transactionsByReturn(operations, outcome);
  let moment = -1;
  let position = 0;
  let hasReturned = false;
  for (let t = 0; t < operations.length; t++) {
    if (happened[t] === 0) continue;
    const { call } = operations[t]!;
    // All returns up to this call share a junction.
    let stretch = -1;
    for (; position < call && position < returning.length; position++) {
      const returned = returning[position]!;
      if (returned < 0) continue;
      if (stretch < 0) {
        stretch = graph.addJunction();
        if (hasReturned) graph.addEdge(moment, stretch, label);
        moment = stretch;
        hasReturned = true;
      }
      graph.addEdge(returned, stretch, label);
    }
    if (hasReturned) graph.addEdge(moment, t, label);
  }
}

/** At each position of the history the transaction that returned there, or -1. */
function transactionsByReturn(
  operations: TransactionTable["operations"],
  outcome: Uint8Array,
): Int32Array {
  let end = 0;
  for (let t = 0; t < operations.length; t++) {
    if (outcome[t] === OK) end = Math.max(end, operations[t]!.return + 1);
  }
  const returning = new Int32Array(end).fill(-1);
  for (let t = 0; t < operations.length; t++) {
    if (outcome[t] === OK) returning[operations[t]!.return] = t;
  }
  return returning;
}
