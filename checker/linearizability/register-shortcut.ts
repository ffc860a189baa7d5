import { type Conflict, RULES_IN_WORDS } from "./conflict.ts";
import { judgeKey } from "./judge-key.ts";
import type { Interval, SearchBudget, ShortcutVerdict } from "./model.ts";
import { registerModel, type RegisterInput } from "./register.ts";
import type { RegisterOperation } from "./register-operation.ts";
import { shrinkViolation } from "./shrink.ts";
import { judgeByZones } from "./zones.ts";

/** Decides operations on one register: exactly and in linear time as a rule, else by a search that knows registers. */
export function registerShortcut(
  operations: readonly Interval<RegisterInput>[],
  budget: SearchBudget,
): ShortcutVerdict {
  // An observer of unknown outcome may not have happened, and changes nothing if it did.
  const claims = operations
    .map(claimOf)
    .filter(({ kind, isCertain }) => isCertain || (kind !== "read" && kind !== "refused"));
  const judged = judgeKey(claims, budget);
  if (judged.type !== "violation") return judged;
  const proof = shrinkViolation(claims, judged.conflict, budget);
  const zones = judgeByZones(proof);
  const conflict = zones.type === "violation" ? zones.conflict : undefined;
  return { type: "violation", proof: proof.map(({ id }) => id), why: whyOf(proof, conflict) };
}

function claimOf(
  { input, call, return: returned, isCertain }: Interval<RegisterInput>,
  id: number,
): RegisterOperation {
  const { kind, value, expected } = input;
  return { kind, value, expected, call, return: returned, isCertain, id };
}

function whyOf(proof: readonly RegisterOperation[], conflict: Conflict | undefined): string {
  if (!conflict) return `no order of these ${proof.length} operations explains all answers`;
  const blamed = [...new Set(conflict.operations)].map((position) => proof[position]!);
  const words = blamed.map((operation) => registerModel.describe(operation));
  return `${RULES_IN_WORDS[conflict.rule]}: ${words.join("; ")}`;
}
