import type { Checker } from "../../../checker/checker.ts";
import type { Op, OpType } from "../../../checker/history.ts";
import type { CheckResult } from "../../../checker/verdict.ts";

/**
 * A history on one object as a story, a line for each op, 10 ms apart: "0 add x" (process 0 invokes), "0 ok", "0 ok x y" (it
 * is answered), "0 fail" (it certainly did not happen, for a mismatch), "0 info" (nobody knows).
 */
export function told(story: readonly string[], valueOf: ValueOf = words): Op[] {
  const open = new Map<string, { f: string; argument: unknown }>();
  return story.map((line, index) => {
    const [name = "", word = "", ...rest] = line.split(" ");
    const base = { index, timeNs: index * 10e6, process: Number(name) };
    if (!ENDS.has(word)) {
      const argument = valueOf(word, rest, false);
      open.set(name, { f: word, argument });
      return { ...base, type: "invoke", f: word, value: ["k7", argument] };
    }
    const { f, argument } = open.get(name)!;
    const value = word === "ok" ? (valueOf(f, rest, true) ?? argument) : argument;
    const error = word === "fail" ? { error: "cas-mismatch" } : {};
    return { ...base, ...error, type: word as OpType, f, value: ["k7", value], node: "n2" };
  });
}

const ENDS: ReadonlySet<string> = new Set(["ok", "fail", "info"]);

/** What stands behind the key: of an invocation, or of an answer (undefined: as invoked). */
export type ValueOf = (f: string, words: readonly string[], isAnswer: boolean) => unknown;

/** Of sets and queues. */
function words(f: string, rest: readonly string[], isAnswer: boolean): unknown {
  if (f === "read") return isAnswer ? rest : null;
  if (f === "dequeue") return rest[0] ?? null;
  return isAnswer ? undefined : rest[0];
}

export function judge(checker: Checker, ops: readonly Op[]): CheckResult {
  for (const op of ops) checker.observe({ type: "op", op });
  return checker.finish({ nowMs: () => 0, deadlineMs: 1, memoryBytes: 1e9 });
}
