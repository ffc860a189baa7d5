import type { Conflict } from "./conflict.ts";
import { judgeKey } from "./judge-key.ts";
import type { RegisterOperation, Value } from "./register-operation.ts";
import type { SearchBudget } from "./model.ts";

/** Operations looked at over all candidates; beyond, what is left is small enough or too hard. */
const LOOKS_MAX = 20_000_000;

/**
 * The smallest set of operations found that is still not linearizable: delta debugging, down to a set from
 * which no single operation can be taken.
 *
 * Leaving out an operation must never make a history worse than it was. A read whose writers are left out
 * would look like a read from nowhere; so it claims nothing then and goes too, and a cas whose expected
 * value nobody writes any more becomes a plain write. With that every linearization of the whole history is
 * one of the rest, and a rest without any proves that the whole has none.
 */
export function shrinkViolation(
  all: readonly RegisterOperation[],
  conflict: Conflict | undefined,
  budget: SearchBudget,
): readonly RegisterOperation[] {
  const weaken = weakener(all);
  let looks = 0;
  const isSpent = (): boolean => looks > LOOKS_MAX || budget.nowMs() > budget.deadlineMs;
  const isViolation = (kept: readonly RegisterOperation[]): boolean => {
    looks += kept.length;
    return judgeKey(weaken(kept), budget).type === "violation";
  };
  let kept = startingSets(all, conflict).find(isViolation) ?? all;
  let size = Math.ceil(kept.length / 2);
  for (;;) {
    let isSmaller = false;
    // From the end: what is left shows the violation as early as it can be seen.
    for (let end = kept.length; end > 0; end -= size) {
      if (isSpent()) return weaken(kept);
      const rest = [...kept.slice(0, Math.max(0, end - size)), ...kept.slice(end)];
      if (rest.length === 0 || !isViolation(rest)) continue;
      kept = rest;
      isSmaller = true;
    }
    if (size === 1 && !isSmaller) break;
    size = Math.max(1, Math.ceil(size / 2));
  }
  return weaken(kept);
}

/** What probably suffices: all about the values that the conflict is linked to; all that came before. */
function startingSets(
  all: readonly RegisterOperation[],
  conflict: Conflict | undefined,
): (readonly RegisterOperation[])[] {
  if (!conflict) return [];
  const linked = new Set<Value>();
  const named = new Set(conflict.operations.map((position) => all[position]!));
  for (const { value, expected } of named) linked.add(value).add(expected);
  const cas = all.filter(({ kind }) => kind === "cas");
  // Along the chains, backwards and forwards in time, until nothing is added: two rounds as a rule.
  for (let size = -1; size !== linked.size;) {
    size = linked.size;
    for (const { value, expected } of cas.toReversed()) {
      if (linked.has(value)) linked.add(expected);
    }
    for (const { value, expected } of cas) {
      if (expected !== null && linked.has(expected)) linked.add(value);
    }
  }
  const end = Math.max(...[...named].map((operation) => operation.return));
  return [
    all.filter((one) => named.has(one) || linked.has(one.value)),
    all.filter((one) => one.call <= end),
  ];
}

/** Reduces a subset to what it still claims by itself. */
function weakener(
  all: readonly RegisterOperation[],
): (kept: readonly RegisterOperation[]) => RegisterOperation[] {
  const writersOf = new Map<Value, RegisterOperation[]>();
  let changeCount = 0;
  for (const operation of all) {
    if (isObserver(operation)) continue;
    changeCount++;
    const writers = writersOf.get(operation.value);
    if (writers) writers.push(operation);
    else writersOf.set(operation.value, [operation]);
  }

  return (kept) => {
    const inside = new Set(kept);
    const allChanges = kept.filter((operation) => !isObserver(operation));
    const changes = allChanges.filter(({ isCertain }) => isCertain);
    /** All that can have written what the observer saw are here, or another change came between. */
    const isExplained = (value: Value, observer: RegisterOperation): boolean => {
      const writers = writersOf.get(value) ?? [];
      const isPast = (writer: RegisterOperation): boolean =>
        writers.length > 1 &&
        changes.some(
          (change) =>
            change.value !== value && writer.return < change.call && change.return < observer.call,
        );
      return writers.every(
        (writer) =>
          writer === observer ||
          inside.has(writer) ||
          observer.return < writer.call ||
          isPast(writer),
      );
    };
    const weakened: RegisterOperation[] = [];
    for (const operation of kept) {
      const { kind, value, expected } = operation;
      if (kind === "read" && !isExplained(value, operation)) continue;
      // What is left out may be what had replaced the value, so then it claims nothing.
      if (kind === "refused" && allChanges.length < changeCount) continue;
      if (kind === "cas" && !isExplained(expected, operation)) {
        weakened.push({ ...operation, kind: "write", expected: null });
      } else weakened.push(operation);
    }
    return weakened;
  };
}

function isObserver({ kind }: RegisterOperation): boolean {
  return kind === "read" || kind === "refused";
}
