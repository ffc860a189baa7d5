/** Why a set of operations has no order: the rule broken and the operations that break it. */
export interface Conflict {
  readonly rule:
    | "no writer"
    | "two consumers"
    | "cycle"
    | "order in chain"
    | "two values at once"
    | "value inside another"
    | "delete inside value"
    | "absent inside value"
    | "absent without delete";
  /** The operations at fault by their positions, without those they depend on. */
  readonly operations: readonly number[];
}

export type ZoneVerdict =
  | { readonly type: "linearizable" }
  | { readonly type: "violation"; readonly conflict: Conflict }
  /** The necessary conditions hold, but for these operations they are not sufficient. */
  | { readonly type: "undecided"; readonly reason: string };

export function violationOf(rule: Conflict["rule"], ...operations: number[]): ZoneVerdict {
  return { type: "violation", conflict: { rule, operations } };
}
