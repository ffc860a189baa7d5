import type { Step } from "../../../checker/transactions/transaction-table.ts";
import type { Op, OpType } from "../../../checker/history.ts";
import { type Operation, pairOperations } from "../../../checker/operations.ts";

/** A transaction with the moments of its call and its answer, which are different for all. */
export interface Told {
  readonly process: number;
  readonly call: number;
  readonly return: number;
  readonly type: OpType;
  readonly steps: readonly Step[];
}

/**
 * Transactions as a story, one a line: "call-return steps", with the steps `ax1` (append 1 to x), `rx12` (read
 * the list 1 2), `rx` (read nothing), `wx1` (write 1), `rx=1` (read the register). "p3" before it names the
 * process, "fail" or "info" after it the outcome.
 */
export function transactions(...story: readonly string[]): Operation[] {
  return operationsOf(story.map(toldOf));
}

function toldOf(line: string, position: number): Told {
  const words = line.split(" ");
  const process = words[0]!.startsWith("p") ? Number(words.shift()!.slice(1)) : position;
  const [call, end] = words.shift()!.split("-").map(Number);
  const last = words.at(-1)!;
  const type = last === "fail" || last === "info" ? last : "ok";
  if (type !== "ok") words.pop();
  return { process, call: call!, return: end!, type, steps: words.map(stepOf) };
}

function stepOf(word: string): Step {
  const [f, key, ...rest] = word;
  const text = rest.join("");
  if (f === "a") return ["append", key!, text];
  if (f === "w") return ["w", key!, text];
  return ["r", key!, text === "" ? null : text.startsWith("=") ? text.slice(1) : text.split("")];
}

/** As a history has them, 10 ms from moment to moment. */
export function operationsOf(told: readonly Told[]): Operation[] {
  const events = told.flatMap((one) => [
    { moment: one.call, one, type: "invoke" as OpType },
    { moment: one.return, one, type: one.type },
  ]);
  events.sort((a, b) => a.moment - b.moment);
  return pairOperations(
    events.map(({ moment, one, type }, index): Op => {
      const value = type === "ok" ? one.steps : one.steps.map(asInvoked);
      return { index, timeNs: moment * 10e6, process: one.process, type, f: "txn", value };
    }),
  );
}

function asInvoked(step: Step): Step {
  return step[0] === "r" ? ["r", step[1], null] : step;
}
