import type { Verdict } from "../verdict.ts";
import { judgeBySearch } from "./judge-by-search.ts";
import type { Interval, Model, SearchBudget } from "./model.ts";
import { shrinkProof } from "./shrink-proof.ts";

/** What is known of a history of operations on one object. */
export interface LinearizabilityVerdict<Operation> {
  /** `invalid` if any key is violated, else `unknown` if any is undecided, else `valid`. */
  readonly verdict: Verdict;
  readonly keys: number;
  readonly operations: number;
  readonly violations: readonly KeyViolation<Operation>[];
  readonly undecided: readonly UndecidedKey[];
}

export interface KeyViolation<Operation> {
  /** Undefined where the model knows no keys, or an operation was about all of them. */
  readonly key: string | undefined;
  /** Operations of the history that have no order by themselves; none of them can be left out as far as is known. */
  readonly proof: readonly Operation[];
  /** One sentence. */
  readonly why: string;
}

export interface UndecidedKey {
  readonly key: string | undefined;
  readonly operations: number;
  /** Which part of the budget ran out. */
  readonly cause: string;
}

/**
 * Is there an order of these operations that the model can follow, in which each stands after all that
 * returned before it was called (Herlihy and Wing 1990)? Exact, or `unknown` where the budget ran out: the
 * keys left undecided are named, the others are decided all the same. The answer depends on nothing but the
 * operations, the model and the budget.
 *
 * The operations may carry more than an `Interval` has (a process, a line of a file): a proof hands them back.
 */
export function checkLinearizable<State, Input, Operation extends Interval<Input>>(
  operations: readonly Operation[],
  model: Model<State, Input>,
  budget: SearchBudget,
): LinearizabilityVerdict<Operation> {
  const keys = partsOf(operations, model);
  const violations: KeyViolation<Operation>[] = [];
  const undecided: UndecidedKey[] = [];
  // Easy ones first: what they leave of the time goes to the hard ones.
  const inOrder = [...keys].toSorted(([, a], [, b]) => a.length - b.length);
  for (const [position, [key, part]] of inOrder.entries()) {
    const share = shareOf(budget, inOrder.length - position);
    const judged = judgePart(part, model, share);
    if (judged.type === "violation") {
      violations.push({ key, proof: judged.proof, why: judged.why });
    } else if (judged.type === "unknown") {
      undecided.push({ key, operations: part.length, cause: judged.cause });
    }
  }
  const verdict = violations.length > 0 ? "invalid" : undecided.length > 0 ? "unknown" : "valid";
  return { verdict, keys: keys.size, operations: operations.length, violations, undecided };
}

/** The operations by key; all together if one of them is about the whole object. */
function partsOf<State, Input, Operation extends Interval<Input>>(
  operations: readonly Operation[],
  model: Model<State, Input>,
): Map<string | undefined, readonly Operation[]> {
  const whole = new Map([[undefined, operations]]);
  if (!model.keyOf) return whole;
  const parts = new Map<string | undefined, Operation[]>();
  for (const operation of operations) {
    const key = model.keyOf(operation.input);
    if (key === undefined) return whole;
    const part = parts.get(key);
    if (part) part.push(operation);
    else parts.set(key, [operation]);
  }
  return parts;
}

type PartVerdict<Operation> =
  | { readonly type: "linearizable" }
  | { readonly type: "violation"; readonly proof: readonly Operation[]; readonly why: string }
  | { readonly type: "unknown"; readonly cause: string };

function judgePart<State, Input, Operation extends Interval<Input>>(
  part: readonly Operation[],
  model: Model<State, Input>,
  budget: SearchBudget,
): PartVerdict<Operation> {
  const quick = model.shortcut?.(part, budget);
  if (quick?.type === "violation") {
    return { ...quick, proof: quick.proof.map((position) => part[position]!) };
  }
  if (quick && quick.type !== "undecided") return quick;
  const judged = judgeBySearch(model, part, budget);
  if (judged.type !== "violation") return judged;
  const { proof, stuck } = shrinkProof(model, part, budget);
  const why =
    `${model.describe(stuck.input)} fits nowhere: no order of these ${proof.length} operations ` +
    `explains all answers`;
  return { type: "violation", proof, why };
}

/** An equal part of what is left of the time. The memory is free again after each key. */
export function shareOf(
  { nowMs, deadlineMs, memoryBytes }: SearchBudget,
  parts: number,
): SearchBudget {
  const startMs = nowMs();
  return { nowMs, memoryBytes, deadlineMs: startMs + Math.max(0, deadlineMs - startMs) / parts };
}
