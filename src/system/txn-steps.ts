import type { MicroOp } from "../../node/kv/command.ts";

/**
 * The steps of a "txn", as the history has them, and what the nodes know of them: `["r", key, null]` has its last
 * place for the answer, `["take", key, null]` and `["add", key, amount]` too. Copies: whoever asked may use a step again.
 */
export function microOpsOf(steps: unknown): MicroOp[] {
  return (steps as readonly (readonly unknown[])[]).map((step) =>
    step[0] === "r" || step[0] === "take"
      ? [step[0], step[1] as string]
      : ([...step] as unknown as MicroOp),
  );
}

/** The steps with their answers: what an `r` read, what a `take` took, and what an `add` came to. */
export function answeredSteps(steps: unknown, results: unknown): unknown {
  const answers = Array.isArray(results) ? (results as unknown[]) : [];
  return (steps as readonly (readonly unknown[])[]).map((step, i) =>
    ANSWERED.has(step[0]) ? [step[0], step[1], answers[i] ?? null] : step,
  );
}

const ANSWERED: ReadonlySet<unknown> = new Set(["r", "take", "add"]);
