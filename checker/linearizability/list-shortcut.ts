import { type ListInput, listModel } from "./models/list.ts";
import type { Interval, SearchBudget, ShortcutVerdict } from "./model.ts";
import type { RegisterInput } from "./register.ts";
import { registerShortcut } from "./register-shortcut.ts";

/**
 * Decides appends of unique elements to one list, where reads return all of it. The longest read tells the order;
 * then the list is a register that holds its last element, and an append that somebody saw is a cas from the
 * element before it.
 */
export function listShortcut(
  operations: readonly Interval<ListInput>[],
  budget: SearchBudget,
): ShortcutVerdict {
  const appended = new Set<string>();
  let longest: readonly string[] = [];
  let longestAt = 0;
  for (const [at, { input, isCertain }] of operations.entries()) {
    if (input.f === "append") {
      if (appended.has(input.element)) {
        return { type: "undecided", reason: "an element was appended twice" };
      }
      appended.add(input.element);
    } else if (isCertain && input.elements.length > longest.length) {
      longest = input.elements;
      longestAt = at;
    }
  }
  const before = new Map<string, string | null>();
  for (const [at, element] of longest.entries()) {
    if (before.has(element)) return unordered(`"${element}" was read twice in one list`, longestAt);
    if (!appended.has(element)) return unordered(`"${element}" was never appended`, longestAt);
    before.set(element, longest[at - 1] ?? null);
  }
  const claims: Interval<RegisterInput>[] = [];
  for (const [at, operation] of operations.entries()) {
    const { input, isCertain } = operation;
    if (isCertain && input.f === "read" && !isBeginning(input.elements, longest)) {
      return unordered("neither of two lists that were read begins with the other", at, longestAt);
    }
    claims.push({ ...operation, input: claimOf(input, before) });
  }
  const verdict = registerShortcut(claims, budget);
  if (verdict.type !== "violation") return verdict;
  // The longest read belongs to every proof: it is what the order is known from.
  const proof = [...new Set([...verdict.proof, longestAt])].toSorted((a, b) => a - b);
  const words = proof.map((position) => listModel.describe(operations[position]!.input));
  return { type: "violation", proof, why: `no order explains what was read: ${words.join("; ")}` };
}

function claimOf(input: ListInput, before: ReadonlyMap<string, string | null>): RegisterInput {
  if (input.f === "read")
    return { kind: "read", value: input.elements.at(-1) ?? null, expected: null };
  const { element } = input;
  const previous = before.get(element);
  return previous === undefined
    ? { kind: "write", value: element, expected: null }
    : { kind: "cas", value: element, expected: previous };
}

function unordered(why: string, ...proof: number[]): ShortcutVerdict {
  return { type: "violation", proof, why };
}

function isBeginning(part: readonly string[], whole: readonly string[]): boolean {
  return part.every((element, position) => element === whole[position]);
}
