/** The rules, as what is wrong where one is broken. */
export const RULES_IN_WORDS = {
  "no writer": "a value that nobody wrote",
  "two consumers": "two cas replaced one value",
  cycle: "cas operations each of which needs another one of them first",
  "order in chain": "a value was seen before it was written, or after it was replaced",
  "two values at once": "two values each of which had to hold at one time",
  "value inside another": "a value came and went while another had to hold",
  "delete inside value": "a delete while a value had to hold",
  "absent inside value": "absent while a value had to hold",
  "absent without delete": "absent after a value, and no delete explains it",
} as const;

export type Rule = keyof typeof RULES_IN_WORDS;

/** Why a set of operations has no order: the rule broken and the operations that break it. */
export interface Conflict {
  readonly rule: Rule;
  /** The operations at fault by their positions, without those they depend on. */
  readonly operations: readonly number[];
}

export type ZoneVerdict =
  | { readonly type: "linearizable" }
  | { readonly type: "violation"; readonly conflict: Conflict }
  /** The necessary conditions hold, but for these operations they are not sufficient. */
  | { readonly type: "undecided"; readonly reason: string };

export function violationOf(rule: Rule, ...operations: number[]): ZoneVerdict {
  return { type: "violation", conflict: { rule, operations } };
}
