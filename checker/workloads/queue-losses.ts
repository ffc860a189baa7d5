import type { Operation } from "../operations.ts";
import { type Element, inUntil, lastWitness, type QueueHistory } from "./queue-history.ts";

/** An element that must have been out when `by` was answered. */
export interface Due {
  readonly element: Element;
  readonly by: Operation;
}

/** A read that did not see what was in before it was called and still in after it was answered. */
export interface Unseen extends Due {
  readonly witness: Operation;
}

export function findUnseen({ elements, reads }: QueueHistory): Unseen[] {
  const unseen: Unseen[] = [];
  for (const { operation, list } of reads) {
    const seen = new Set(list);
    for (const element of elements) {
      if (element.inBy > operation.call || seen.has(element)) continue;
      const witness = lastWitness(element);
      if (witness !== undefined && operation.return < witness.call) {
        unseen.push({ element, by: operation, witness });
      }
    }
  }
  return unseen;
}

/**
 * Elements that are out though nobody was given them, beyond those that dequeues without an answer can have taken. Each
 * of these takes one at most, after its call: so they take the elements that were due first.
 */
export function findLost(history: QueueHistory): Due[] {
  const dues = findDues(history).toSorted((a, b) => a.by.return - b.by.return);
  const { unanswered } = history;
  let next = 0;
  return dues.filter(({ by }) => {
    const taker = unanswered[next];
    if (taker === undefined || taker.call > by.return) return true;
    next++;
    return false;
  });
}

/** By an element that came later and was taken, by a queue found empty, or by a read that did not see it. */
function findDues({ elements, empties, reads }: QueueHistory): Due[] {
  const witnesses: Witness[] = [
    ...elements.flatMap(({ enqueue, dequeue }) =>
      dequeue === undefined ? [] : [{ from: enqueue.call, by: dequeue }],
    ),
    ...empties.map((by) => ({ from: by.call, by })),
  ].toSorted((a, b) => b.from - a.from);
  const missing = elements
    .filter(({ inBy, dequeue }) => dequeue === undefined && inBy < Infinity)
    .toSorted((a, b) => b.inBy - a.inBy);
  const lists = reads.map(({ operation, list }) => ({ operation, seen: new Set(list) }));
  const dues: Due[] = [];
  let next = 0;
  let first: Operation | undefined;
  for (const element of missing) {
    for (; witnesses[next] !== undefined && witnesses[next]!.from > element.inBy; next++) {
      first = earlier(first, witnesses[next]!.by);
    }
    let by = first;
    for (const { operation, seen } of lists) {
      if (operation.call > element.inBy && !seen.has(element)) by = earlier(by, operation);
    }
    // Where it was seen after that, something else is wrong, and found elsewhere.
    if (by !== undefined && by.return > inUntil(element)) dues.push({ element, by });
  }
  return dues;
}

/** Whatever was in before `from` is out when `by` is answered. */
interface Witness {
  readonly from: number;
  readonly by: Operation;
}

function earlier(a: Operation | undefined, b: Operation): Operation {
  return a === undefined || b.return < a.return ? b : a;
}
