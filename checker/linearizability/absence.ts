import { type Chain, lastStartedBefore } from "./chains.ts";
import type { Conflict } from "./conflict.ts";
import type { RegisterOperation } from "./register-operation.ts";

/**
 * Deletes and what is seen of them. "Absent" is the one value that is written again and again, so instead
 * of a zone of its own every observation of absence asks for a delete at the right time: after all chains
 * that must come before it, and not while another value must hold. Which delete serves which observation is
 * decided by stabbing with the earliest deadline first.
 */
export function judgeAbsence(
  operations: readonly RegisterOperation[],
  chains: readonly Chain[],
  forward: readonly Chain[],
): Conflict | undefined {
  /** The forward zone that contains the point strictly: there the key is certainly present. */
  const around = (point: number): Chain | undefined => {
    const zone = lastStartedBefore(forward, point);
    return zone && point < zone.s ? zone : undefined;
  };
  const early = (point: number): number => around(point)?.s ?? point;
  const late = (point: number): number => around(point)?.f ?? point;

  const deletes: { start: number; end: number }[] = [];
  for (const operation of operations) {
    if (operation.kind !== "delete") continue;
    const [start, end] = [early(operation.call), late(operation.return)];
    if (start > end) return conflictWith("delete inside value", operation, around(operation.call));
    deletes.push({ start, end });
  }

  const mustPrecede = latestOfThoseBefore(chains);
  const needs: Need[] = [];
  for (const operation of operations) {
    if (operation.kind !== "read" || operation.value !== null) continue;
    const zone = around(operation.call);
    if (zone && operation.return < zone.s) {
      return conflictWith("absent inside value", operation, zone);
    }
    needs.push({ operation, before: mustPrecede(operation.call), until: late(operation.return) });
  }
  for (const chain of chains) {
    // A cas from absent needs an absence just before its chain. The chain itself does not precede it.
    if (chain.root.kind !== "cas") continue;
    needs.push({
      operation: chain.root,
      before: mustPrecede(chain.s, chain),
      until: late(chain.f),
    });
  }
  const unserved = firstUnserved(needs, deletes);
  return unserved && conflictWith("absent without delete", unserved.operation, unserved.before);
}

/**
 * An observation of absence: some delete must stand between the last call of the chain that reaches furthest
 * among all that come before it, and `until`. Where no chain comes before, the key is absent anyway.
 */
interface Need {
  readonly operation: RegisterOperation;
  readonly before: Chain | undefined;
  readonly until: number;
}

function conflictWith(
  rule: Conflict["rule"],
  operation: RegisterOperation,
  zone: Chain | undefined,
): Conflict {
  const around = zone ? [zone.fOperation, zone.sOperation] : [];
  return { rule, operations: [operation, ...around] };
}

/** For a call: of the chains that must come before it, the one with the greatest s. */
function latestOfThoseBefore(
  chains: readonly Chain[],
): (call: number, except?: Chain) => Chain | undefined {
  const byF = [...chains].sort((a, b) => a.f - b.f);
  // Two greatest each, so that one chain can be left out.
  const greatest: Chain[] = [];
  const second: (Chain | undefined)[] = [];
  for (const [position, chain] of byF.entries()) {
    const best = greatest[position - 1];
    const next = second[position - 1];
    if (!best || chain.s > best.s) {
      greatest.push(chain);
      second.push(best);
    } else {
      greatest.push(best);
      second.push(!next || chain.s > next.s ? chain : next);
    }
  }
  return (call, except) => {
    const count = countBelow(byF, call);
    const best = greatest[count - 1];
    return best === except ? second[count - 1] : best;
  };
}

function countBelow(byF: readonly Chain[], point: number): number {
  let low = 0;
  let high = byF.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (byF[middle]!.f < point) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Serves the needs in order of their deadline. A delete whose window ends first is placed as late as it can
 * be and costs nothing; at a forced moment the one with the earliest end is the one to spend.
 */
function firstUnserved(
  needs: readonly Need[],
  deletes: readonly { start: number; end: number }[],
): Need | undefined {
  const inOrder = [...needs].sort((a, b) => a.until - b.until);
  const byStart = [...deletes].sort((a, b) => a.start - b.start);
  const available = new MinHeap();
  let next = 0;
  let last = -Infinity;
  for (const need of inOrder) {
    const { until } = need;
    const after = need.before?.s ?? -Infinity;
    while (next < byStart.length && byStart[next]!.start <= until)
      available.push(byStart[next++]!.end);
    while (available.size > 0 && available.top() < until) last = Math.max(last, available.pop());
    if (last >= after) continue;
    if (available.size === 0) return need;
    available.pop();
    last = until;
    if (last < after) return need;
  }
  return undefined;
}

class MinHeap {
  readonly #items: number[] = [];

  get size(): number {
    return this.#items.length;
  }

  top(): number {
    return this.#items[0]!;
  }

  push(item: number): void {
    const items = this.#items;
    let at = items.length;
    items.push(item);
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (items[parent]! <= item) break;
      items[at] = items[parent]!;
      at = parent;
    }
    items[at] = item;
  }

  pop(): number {
    const items = this.#items;
    const top = items[0]!;
    const item = items.pop()!;
    if (items.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && items[child + 1]! < items[child]!) child++;
      if (items[child]! >= item) break;
      items[at] = items[child]!;
      at = child;
    }
    items[at] = item;
    return top;
  }
}
