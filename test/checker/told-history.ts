import type { CheckerRecord } from "../../checker/checker.ts";
import type { Op, OpType } from "../../checker/history.ts";

/**
 * A history on one key as a story, a line for each op, 10 ms apart:
 *   "0 write a" · "0 read" · "0 cas a b" · "0 delete"   process 0 invokes
 *   "0 ok" · "0 ok a"                                  it is answered (a read with its value)
 *   "0 found a"                                        its cas is refused: a was there
 *   "0 fail" · "0 info"                                it certainly did not happen; nobody knows
 * "absent" is null.
 */
export function told(...story: readonly string[]): Op[] {
  const open = new Map<number, { f: string; argument: unknown }>();
  return story.map((line, index) => {
    const [name, word, ...rest] = line.split(" ");
    const processId = Number(name);
    const base = { index, timeNs: index * 10e6, process: processId };
    if (["read", "write", "cas", "delete"].includes(word!)) {
      const argument = word === "cas" ? rest.map(valueOf) : word === "write" ? rest[0] : null;
      open.set(processId, { f: word!, argument });
      return { ...base, type: "invoke", f: word!, value: ["k7", argument] };
    }
    const { f, argument } = open.get(processId)!;
    if (word === "found") {
      const current = valueOf(rest[0]!);
      const refused = { type: "fail" as const, error: "cas-mismatch", current };
      return { ...base, ...refused, f, value: ["k7", argument] };
    }
    const value = word === "ok" && f === "read" ? valueOf(rest[0]!) : argument;
    return { ...base, type: word as OpType, f, value: ["k7", value], node: "n2" };
  });
}

export function recordsOf(ops: readonly Op[]): CheckerRecord[] {
  return ops.map((op) => ({ type: "op", op }));
}

function valueOf(word: string): string | null {
  return word === "absent" ? null : word;
}
