import { judgeAbsence } from "./absence.ts";
import { buildChains, type Chains, type ForwardZones } from "./chains.ts";
import { buildClusters } from "./clusters.ts";
import { ABSENT, CAS, columnsOf, NONE, REFUSED, type RegisterColumns, WRITE } from "./columns.ts";
import { type Rule, violationOf, type ZoneVerdict } from "./conflict.ts";
import { observedValues } from "./effective.ts";
import type { RegisterOperation } from "./register-operation.ts";

/**
 * Decides one key in O(n) where every value that was read was written once (Gibbons and Korach, "Testing
 * Shared Memories", extended here by cas, unknown outcomes and deletes).
 *
 * The operations on one value form a cluster: its write and its reads. A cas ends one cluster and begins
 * the next, so clusters join into chains, and in any order of the operations a chain stands together. With
 * f the earliest return and s the latest call of a chain, chain A must come before chain B exactly if
 * f_A < s_B. If f < s the value must hold throughout [f, s] (a forward zone); otherwise all its operations
 * share the instants [s, f] (a backward zone), and it fits into any of them. Some order exists exactly if
 * no two chains must each come before the other.
 *
 * A violation is proved in any case. "linearizable" is exact except where a cas from absent meets deletes, an
 * observed value has two writers, or a cas was refused without saying why; then the answer is "undecided".
 */
export function judgeColumns(columns: RegisterColumns): ZoneVerdict {
  const observed = observedValues(columns);
  const clusters = buildClusters(columns, observed);
  if (clusters.type !== "clusters") return clusters;
  const chains = buildChains(columns, clusters);
  if (chains.type !== "chains") return chains;
  const zones = forwardZones(chains, columns.eventCount);
  if ("type" in zones) return zones;
  const conflict = backwardInsideForward(chains, zones);
  if (conflict) return conflict;
  const hasDeletes = clusters.deleteCount > 0;
  const hasCasFromAbsent = clusters.casFromAbsentCount > 0;
  if (observed[ABSENT] === 1 || hasDeletes) {
    const broken = judgeAbsence(columns, { observed, chains, zones, hasCasFromAbsent });
    if (broken) return { type: "violation", conflict: broken };
  }
  if (hasCasFromAbsent && hasDeletes) {
    return { type: "undecided", reason: "a cas from absent together with deletes" };
  }
  if (hasRefusal(columns)) {
    return { type: "undecided", reason: "a cas was refused without saying what it found" };
  }
  return { type: "linearizable" };
}

/** A cas that was refused although the value it expected may have been there at some time. */
function hasRefusal({ size, kinds, values, expected, valueCount }: RegisterColumns): boolean {
  if (!kinds.includes(REFUSED)) return false;
  const possible = new Uint8Array(valueCount);
  possible[ABSENT] = 1;
  for (let at = 0; at < size; at++) {
    if (kinds[at] === WRITE || kinds[at] === CAS) possible[values[at]!] = 1;
  }
  return kinds.some((kind, at) => at < size && kind === REFUSED && possible[expected[at]!] === 1);
}

/** The same for operations as objects; a conflict names them by their positions. */
export function judgeByZones(operations: readonly RegisterOperation[]): ZoneVerdict {
  return judgeColumns(columnsOf(operations));
}

/** They must be disjoint: two of them that overlap are two values that both had to hold at one time. */
function forwardZones(chains: Chains, eventCount: number): ForwardZones | ZoneVerdict {
  const { count, f, s } = chains;
  const zones = new Int32Array(eventCount + 1).fill(NONE);
  for (let chain = 0; chain < count; chain++) {
    if (f[chain]! < s[chain]!) zones[f[chain]! + 1] = chain;
  }
  let current = NONE;
  for (let time = 0; time <= eventCount; time++) {
    const next = zones[time]!;
    if (next !== NONE) {
      if (current !== NONE && f[next]! < s[current]!) {
        return between("two values at once", chains, current, next);
      }
      current = next;
    }
    zones[time] = current;
  }
  return zones;
}

/** A value that came and went while another had to hold. */
function backwardInsideForward(chains: Chains, zones: ForwardZones): ZoneVerdict | undefined {
  const { count, f, s } = chains;
  for (let chain = 0; chain < count; chain++) {
    if (f[chain]! < s[chain]!) continue;
    const around = zones[s[chain]!]!;
    if (around !== NONE && f[chain]! < s[around]!) {
      return between("value inside another", chains, around, chain);
    }
  }
  return undefined;
}

function between(
  rule: Rule,
  { fOperations, sOperations }: Chains,
  a: number,
  b: number,
): ZoneVerdict {
  return violationOf(rule, fOperations[a]!, fOperations[b]!, sOperations[b]!, sOperations[a]!);
}
