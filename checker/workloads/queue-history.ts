import type { Operation } from "../operations.ts";

/** What happened to one element of a queue; times are places in the history. */
export interface Element {
  readonly name: string;
  readonly enqueue: Operation;
  /** From then on it is surely in, until it is taken out: it was acknowledged, or seen. */
  inBy: number;
  dequeue: Operation | undefined;
  /** The read with the latest call that saw it. */
  lastSeen: Operation | undefined;
}

/** All that is known of a queue. */
export interface QueueHistory {
  readonly elements: readonly Element[];
  /** Dequeues that found nothing. */
  readonly empties: readonly Operation[];
  readonly reads: readonly QueueRead[];
  /** Dequeues without an answer, in the order of their calls: each may have taken one element. */
  readonly unanswered: readonly Operation[];
}

export interface QueueRead {
  readonly operation: Operation;
  readonly list: readonly Element[];
}

/** The latest operation that shows it was still in when that was called. */
export function lastWitness({ dequeue, lastSeen }: Element): Operation | undefined {
  if (dequeue === undefined || lastSeen === undefined) return dequeue ?? lastSeen;
  return dequeue.call > lastSeen.call ? dequeue : lastSeen;
}

/** It is not out before this. */
export function inUntil(element: Element): number {
  return lastWitness(element)?.call ?? -Infinity;
}
