import { columnsOf, REFUSED } from "./columns.ts";
import type { Conflict } from "./conflict.ts";
import { isEffective, observedValues } from "./effective.ts";
import { judgeBySearch } from "./judge-by-search.ts";
import type { SearchBudget } from "./model.ts";
import { intervalOf, registerGuide, registerModel } from "./register.ts";
import type { RegisterOperation } from "./register-operation.ts";
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
  return searchKey(operations, budget);
}

/** Decides one key by search, with what is known of registers. */
export function searchKey(all: readonly RegisterOperation[], budget: SearchBudget): KeyVerdict {
  const columns = columnsOf(all);
  const observed = observedValues(columns);
  // Where "it is not v" was observed, a write that nobody saw may be what made it so.
  const operations = columns.kinds.includes(REFUSED)
    ? all
    : all.filter((_, position) => isEffective(columns, observed, position));
  const intervals = operations.map(intervalOf);
  const verdict = judgeBySearch(registerModel, intervals, budget, () => registerGuide(operations));
  if (verdict.type === "linearizable") return { type: "linearizable", by: "search" };
  return verdict.type === "violation" ? { type: "violation", conflict: undefined } : verdict;
}
