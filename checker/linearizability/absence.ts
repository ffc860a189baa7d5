import type { Chains, ForwardZones } from "./chains.ts";
import { ABSENT, CAS, DELETE, NONE, orderBy, READ, type RegisterColumns } from "./columns.ts";
import type { Conflict, Rule } from "./conflict.ts";
import { isEffective } from "./effective.ts";
import { MinHeap } from "./min-heap.ts";

interface Present {
  readonly observed: Uint8Array;
  readonly chains: Chains;
  readonly zones: ForwardZones;
  readonly hasCasFromAbsent: boolean;
}

/**
 * Deletes and what is seen of them. "Absent" is the one value that is written again and again, so instead
 * of a zone of its own every observation of absence asks for a delete at the right time: after all chains
 * that must come before it, and not while another value must hold. Which delete serves which observation is
 * decided by stabbing with the earliest deadline first.
 */
export function judgeAbsence(
  columns: RegisterColumns,
  { observed, chains, zones, hasCasFromAbsent }: Present,
): Conflict | undefined {
  const { size, kinds, values, calls, returns, eventCount } = columns;
  const { f, s, roots } = chains;
  /** The forward zone that contains the point strictly: there the key is certainly present. */
  const around = (point: number): number => {
    const zone = zones[point]!;
    return zone !== NONE && point < s[zone]! ? zone : NONE;
  };
  const early = (point: number): number => {
    const zone = around(point);
    return zone === NONE ? point : s[zone]!;
  };
  const late = (point: number): number => {
    const zone = around(point);
    return zone === NONE ? point : f[zone]!;
  };
  const conflictWith = (rule: Rule, operation: number, zone: number): Conflict => ({
    rule,
    operations:
      zone === NONE
        ? [operation]
        : [operation, chains.fOperations[zone]!, chains.sOperations[zone]!],
  });

  const deletes: Windows = { starts: [], ends: [] };
  const needs: Needs = { operations: [], befores: [], untils: [] };
  const mustPrecede = latestOfThoseBefore(chains, eventCount);
  for (let at = 0; at < size; at++) {
    if (values[at] !== ABSENT || !isEffective(columns, observed, at)) continue;
    if (kinds[at] === DELETE) {
      const start = early(calls[at]!);
      const end = late(returns[at]!);
      if (start > end) return conflictWith("delete inside value", at, around(calls[at]!));
      deletes.starts.push(start);
      deletes.ends.push(end);
    } else if (kinds[at] === READ) {
      const zone = around(calls[at]!);
      if (zone !== NONE && returns[at]! < s[zone]!) {
        return conflictWith("absent inside value", at, zone);
      }
      needs.operations.push(at);
      needs.befores.push(mustPrecede.best[calls[at]!]!);
      needs.untils.push(late(returns[at]!));
    }
  }
  for (let chain = 0; hasCasFromAbsent && chain < chains.count; chain++) {
    // A cas from absent needs an absence just before its chain. The chain itself does not precede it.
    if (kinds[roots[chain]!] !== CAS) continue;
    const best = mustPrecede.best[s[chain]!]!;
    needs.operations.push(roots[chain]!);
    needs.befores.push(best === chain ? mustPrecede.second[s[chain]!]! : best);
    needs.untils.push(late(f[chain]!));
  }
  const unserved = firstUnserved(needs, deletes, s, eventCount);
  if (unserved === NONE) return undefined;
  const { operations, befores } = needs;
  return conflictWith("absent without delete", operations[unserved]!, befores[unserved]!);
}

/** When each delete can take effect. */
interface Windows {
  readonly starts: number[];
  readonly ends: number[];
}

/**
 * Observations of absence: some delete must stand between the last call of the chain that reaches furthest
 * among all that come before it, and `until`. Where no chain comes before, the key is absent anyway.
 */
interface Needs {
  readonly operations: number[];
  readonly befores: number[];
  readonly untils: number[];
}

/** For each time: of the chains with f before it, the one with the greatest s, and the second greatest. */
function latestOfThoseBefore(
  { count, f, s }: Chains,
  eventCount: number,
): { best: Int32Array; second: Int32Array } {
  const best = new Int32Array(eventCount + 2).fill(NONE);
  const second = new Int32Array(eventCount + 2).fill(NONE);
  for (let chain = 0; chain < count; chain++) best[f[chain]! + 1] = chain;
  let first = NONE;
  let next = NONE;
  for (let time = 0; time <= eventCount; time++) {
    const chain = best[time]!;
    if (chain !== NONE) {
      if (first === NONE || s[chain]! > s[first]!) {
        next = first;
        first = chain;
      } else if (next === NONE || s[chain]! > s[next]!) next = chain;
    }
    best[time] = first;
    second[time] = next;
  }
  return { best, second };
}

/**
 * Serves the needs in order of their deadline. A delete whose window ends first is placed as late as it can
 * be and costs nothing; at a forced moment the one with the earliest end is the one to spend.
 */
function firstUnserved(
  { befores, untils }: Needs,
  { starts, ends }: Windows,
  s: Int32Array,
  eventCount: number,
): number {
  const byStart = orderBy(starts, starts.length, eventCount);
  const available = new MinHeap();
  let next = 0;
  let last = -1;
  for (const need of orderBy(untils, untils.length, eventCount)) {
    const until = untils[need]!;
    const after = befores[need] === NONE ? -1 : s[befores[need]!]!;
    for (; next < byStart.length && starts[byStart[next]!]! <= until; next++) {
      available.push(ends[byStart[next]!]!);
    }
    while (available.size > 0 && available.top() < until) last = Math.max(last, available.pop());
    if (last >= after) continue;
    if (available.size === 0) return need;
    available.pop();
    last = until;
    if (last < after) return need;
  }
  return NONE;
}
