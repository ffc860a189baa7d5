import type { Operation } from "../operations.ts";
import { type Element, inUntil, type QueueHistory, type QueueRead } from "./queue-history.ts";

/** `second` was put in after `first` was in, and `by` shows it out, or in front, before `first` was out. */
export interface Overtaking {
  readonly first: Element;
  readonly second: Element;
  readonly by: Operation;
}

/** First in, first out: one pair for which it does not hold, if there is one. */
export function findOvertaking({ elements, reads }: QueueHistory): Overtaking | undefined {
  const overtaking = findPair(elements);
  if (overtaking !== undefined) return overtaking;
  for (const read of reads) {
    const wrong = wrongIn(read);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

/** Of those that were in before the second was put in, the one that stayed longest decides. */
function findPair(elements: readonly Element[]): Overtaking | undefined {
  const byEntry = elements.toSorted((a, b) => a.inBy - b.inBy);
  const byCall = elements.toSorted((a, b) => a.enqueue.call - b.enqueue.call);
  let next = 0;
  let longest: Element | undefined;
  for (const second of byCall) {
    for (; byEntry[next] !== undefined && byEntry[next]!.inBy < second.enqueue.call; next++) {
      const first = byEntry[next]!;
      if (longest === undefined || inUntil(first) > inUntil(longest)) longest = first;
    }
    const { dequeue } = second;
    if (dequeue !== undefined && longest !== undefined && dequeue.return < inUntil(longest)) {
      return { first: longest, second, by: dequeue };
    }
  }
  return undefined;
}

/** What stands in front must not have come later, nor go later. */
function wrongIn({ operation, list }: QueueRead): Overtaking | undefined {
  let newest: Element | undefined;
  for (const element of list) {
    if (newest !== undefined && element.inBy < newest.enqueue.call) {
      return { first: element, second: newest, by: operation };
    }
    if (newest === undefined || element.enqueue.call > newest.enqueue.call) newest = element;
  }
  let soonest: Element | undefined;
  for (const element of list.toReversed()) {
    if (soonest?.dequeue !== undefined && soonest.dequeue.return < inUntil(element)) {
      return { first: element, second: soonest, by: soonest.dequeue };
    }
    const { dequeue } = element;
    if (dequeue && dequeue.return < (soonest?.dequeue?.return ?? Infinity)) soonest = element;
  }
  return undefined;
}

/** Found nothing, although at each moment of it one of `inside` was in. */
export interface WrongEmpty {
  readonly empty: Operation;
  readonly inside: readonly Element[];
}

export function findWrongEmpties({ elements, empties, unanswered }: QueueHistory): WrongEmpty[] {
  const firstTaker = unanswered[0]?.call ?? Infinity;
  const stretches = stretchesOf(elements.map((element) => stayOf(element, firstTaker)));
  const wrong: WrongEmpty[] = [];
  let next = 0;
  for (const empty of empties.toSorted((a, b) => a.call - b.call)) {
    while (stretches[next] !== undefined && stretches[next]!.until < empty.call) next++;
    const stretch = stretches[next];
    if (stretch === undefined || stretch.from > empty.call || stretch.until < empty.return)
      continue;
    const inside = covering(stretch.stays, empty);
    wrong.push({ empty, inside: inside.map(({ element }) => element) });
  }
  return wrong;
}

/** For so long an element was surely in. */
interface Stay {
  readonly element: Element;
  readonly from: number;
  readonly until: number;
}

/** Whom nobody was given, at most a dequeue without an answer has taken. */
function stayOf(element: Element, firstTaker: number): Stay {
  const { inBy: from, dequeue } = element;
  const until = dequeue === undefined ? firstTaker : -Infinity;
  return { element, from, until: Math.max(until, inUntil(element)) };
}

/** For so long something was surely in. */
interface Stretch {
  readonly from: number;
  until: number;
  /** In the order of their beginnings; the next begins before those before it have ended. */
  readonly stays: Stay[];
}

function stretchesOf(stays: readonly Stay[]): Stretch[] {
  const stretches: Stretch[] = [];
  const inOrder = stays.filter(({ from, until }) => from < until).toSorted(byFrom);
  for (const stay of inOrder) {
    const { from, until } = stay;
    const last = stretches.at(-1);
    if (last !== undefined && from < last.until) {
      last.until = Math.max(last.until, until);
      last.stays.push(stay);
    } else stretches.push({ from, until, stays: [stay] });
  }
  return stretches;
}

function byFrom(a: Stay, b: Stay): number {
  return a.from - b.from;
}

/** Few that are enough: always the one that stays longest of those that have come by then. */
function covering(stays: readonly Stay[], { call, return: end }: Operation): Stay[] {
  const chosen: Stay[] = [];
  let next = 0;
  for (let until = call; until < end; until = chosen.at(-1)!.until) {
    let longest: Stay | undefined;
    for (; stays[next] !== undefined && stays[next]!.from < until; next++) {
      if (longest === undefined || stays[next]!.until > longest.until) longest = stays[next];
    }
    if (longest === undefined) break;
    chosen.push(longest);
  }
  return chosen;
}
