import type { Clusters } from "./clusters.ts";
import { ABSENT, CAS, NONE, type RegisterColumns, WRITE } from "./columns.ts";
import { violationOf, type ZoneVerdict } from "./conflict.ts";
import { isEffective } from "./effective.ts";

/**
 * write(v1) reads(v1) cas(v1→v2) reads(v2) …: operations that stand together in every order. In columns, a
 * chain for each write and each cas from absent.
 */
export interface Chains {
  readonly type: "chains";
  readonly count: number;
  readonly roots: Int32Array;
  /** Earliest return of all its operations, and whose it is. No two chains have the same. */
  readonly f: Int32Array;
  readonly fOperations: Int32Array;
  /** Latest call of all its operations, and whose it is. */
  readonly s: Int32Array;
  readonly sOperations: Int32Array;
}

/** For every time, of the forward zones with f before it, the one with the latest f (or `NONE`). */
export type ForwardZones = Int32Array;

/**
 * Joins clusters into chains, and holds the order within each against time: nothing of an earlier group (a
 * writer, its reads) may be called after something of a later group has returned.
 */
export function buildChains(columns: RegisterColumns, clusters: Clusters): Chains | ZoneVerdict {
  const { size, values, calls, returns } = columns;
  const { observed, consumers, firstReads, lastReads, writerCount } = clusters;
  const chains = emptyChains(writerCount);
  let count = 0;
  let chained = 0;
  for (let root = 0; root < size; root++) {
    if (!isRoot(columns, observed, root)) continue;
    let fOperation = root;
    let f = returns[root]!;
    let sOperation = root;
    let s = calls[root]!;
    for (let writer = root; writer !== NONE;) {
      chained++;
      if (returns[writer]! < s) return violationOf("order in chain", writer, sOperation);
      if (returns[writer]! < f) f = returns[(fOperation = writer)]!;
      if (calls[writer]! > s) s = calls[(sOperation = writer)]!;
      const value = values[writer]!;
      if (observed[value] === 0) break;
      const first = firstReads[value]!;
      if (first !== NONE) {
        if (returns[first]! < s) return violationOf("order in chain", first, sOperation);
        if (returns[first]! < f) f = returns[(fOperation = first)]!;
        const last = lastReads[value]!;
        if (calls[last]! > s) s = calls[(sOperation = last)]!;
      }
      writer = consumers[value]!;
    }
    chains.roots[count] = root;
    chains.f[count] = f;
    chains.fOperations[count] = fOperation;
    chains.s[count] = s;
    chains.sOperations[count] = sOperation;
    count++;
  }
  if (chained < writerCount) return cycleAmong(columns, clusters);
  return { ...chains, count };
}

function emptyChains(count: number): Chains {
  return {
    type: "chains",
    count,
    roots: new Int32Array(count),
    f: new Int32Array(count),
    fOperations: new Int32Array(count),
    s: new Int32Array(count),
    sOperations: new Int32Array(count),
  };
}

function isRoot(columns: RegisterColumns, observed: Uint8Array, operation: number): boolean {
  const kind = columns.kinds[operation];
  const begins = kind === WRITE || (kind === CAS && columns.expected[operation] === ABSENT);
  return begins && isEffective(columns, observed, operation);
}

/** Cas operations each of which needs the value of another one of them first. */
function cycleAmong(columns: RegisterColumns, { observed, consumers }: Clusters): ZoneVerdict {
  const { size, kinds, values } = columns;
  const inChain = new Uint8Array(size);
  for (let root = 0; root < size; root++) {
    if (!isRoot(columns, observed, root)) continue;
    for (let writer = root; writer !== NONE;) {
      inChain[writer] = 1;
      writer = observed[values[writer]!] === 1 ? consumers[values[writer]!]! : NONE;
    }
  }
  const cycle: number[] = [];
  for (let at = 0; at < size; at++) {
    if (kinds[at] === CAS && inChain[at] === 0 && isEffective(columns, observed, at))
      cycle.push(at);
  }
  return violationOf("cycle", ...cycle);
}
