import { judgeAbsence } from "./absence.ts";
import { buildChains, type Chain, lastStartedBefore } from "./chains.ts";
import type { Conflict, ZoneVerdict } from "./conflict.ts";
import { keepEffective } from "./effective.ts";
import type { RegisterOperation } from "./register-operation.ts";

/**
 * Decides one key in O(n log n) where every value that was read was written once (Gibbons and Korach,
 * "Testing Shared Memories", extended here by cas, unknown outcomes and deletes).
 *
 * The operations on one value form a cluster: its write and its reads. A cas ends one cluster and begins
 * the next, so clusters join into chains, and in any order of the operations a chain stands together. With
 * f the earliest return and s the latest call of a chain, chain A must come before chain B exactly if
 * f_A < s_B. If f < s the value must hold throughout [f, s] (a forward zone); otherwise all its operations
 * share the instants [s, f] (a backward zone), and it fits into any of them. Some order exists exactly if
 * no two chains must each come before the other.
 *
 * A violation is proved in any case. "linearizable" is exact except where a cas from absent meets deletes,
 * or an observed value has two writers; then the answer is "undecided".
 */
export function judgeByZones(all: readonly RegisterOperation[]): ZoneVerdict {
  const { operations, values } = keepEffective(all);
  const built = buildChains(operations, values);
  if (built.type !== "chains") return built;
  const { chains, hasCasFromAbsent, hasDeletes } = built;
  const forward = chains.filter((chain) => chain.f < chain.s).sort((a, b) => a.f - b.f);
  const conflict =
    overlapOfForward(forward) ??
    backwardInsideForward(chains, forward) ??
    judgeAbsence(operations, chains, forward);
  if (conflict) return { type: "violation", conflict };
  if (hasCasFromAbsent && hasDeletes) {
    return { type: "undecided", reason: "a cas from absent together with deletes" };
  }
  return { type: "linearizable" };
}

/** Two values that both had to hold at one time. */
function overlapOfForward(forward: readonly Chain[]): Conflict | undefined {
  for (let i = 1; i < forward.length; i++) {
    const [earlier, later] = [forward[i - 1]!, forward[i]!];
    if (later.f < earlier.s) return between("two values at once", earlier, later);
  }
  return undefined;
}

/** A value that came and went while another had to hold. */
function backwardInsideForward(
  chains: readonly Chain[],
  forward: readonly Chain[],
): Conflict | undefined {
  for (const chain of chains) {
    if (chain.f < chain.s) continue;
    const around = lastStartedBefore(forward, chain.s);
    if (around && chain.f < around.s) return between("value inside another", around, chain);
  }
  return undefined;
}

function between(rule: Conflict["rule"], a: Chain, b: Chain): Conflict {
  return { rule, operations: [a.fOperation, b.fOperation, b.sOperation, a.sOperation] };
}
