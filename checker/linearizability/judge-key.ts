import { columnsOf } from "./columns.ts";
import type { Conflict } from "./conflict.ts";
import { isEffective, observedValues } from "./effective.ts";
import { isLinearization, type SearchBudget } from "./model.ts";
import { intervalOf, registerGuide, registerModel } from "./register.ts";
import type { RegisterOperation } from "./register-operation.ts";
import { search } from "./search.ts";
import { judgeByZones } from "./zones.ts";

export type KeyVerdict =
  | { readonly type: "linearizable"; readonly by: "zones" | "search" }
  | { readonly type: "violation"; readonly conflict: Conflict | undefined }
  | { readonly type: "unknown"; readonly cause: string };

/** Decides one key: exactly and fast where the zones can, else by search. */
export function judgeKey(
  operations: readonly RegisterOperation[],
  budget: SearchBudget,
): KeyVerdict {
  const zones = judgeByZones(operations);
  if (zones.type === "violation") return zones;
  if (zones.type === "linearizable") return { type: "linearizable", by: "zones" };
  return judgeBySearch(operations, budget);
}

/**
 * The search alone. Neither answer is taken on trust: an order that was found is replayed, and a "no" that
 * leaned on the memo (whose hashes could collide) must come out again with other hashes.
 */
export function judgeBySearch(all: readonly RegisterOperation[], budget: SearchBudget): KeyVerdict {
  const columns = columnsOf(all);
  const observed = observedValues(columns);
  const operations = all.filter((_, position) => isEffective(columns, observed, position));
  const intervals = operations.map(intervalOf);
  for (const seed of ["first", "second"]) {
    const guide = registerGuide(operations);
    const outcome = search(registerModel, intervals, { guide, budget, seed });
    if (outcome.type === "unknown") return outcome;
    if (outcome.type === "linearizable") {
      return isLinearization(registerModel, intervals, outcome.order)
        ? { type: "linearizable", by: "search" }
        : { type: "unknown", cause: "the order that was found does not replay (a defect here)" };
    }
    if (!outcome.usedMemo) break;
  }
  return { type: "violation", conflict: undefined };
}
