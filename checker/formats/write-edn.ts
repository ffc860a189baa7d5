import { nemesisValueOf } from "../history-file.ts";
import type { Op } from "../history.ts";
import { type Edn, formatEdn, Keyword } from "./edn.ts";

/**
 * An op of a history of ours as a line of Jepsen's `history.edn`. Keys stay as in histories of Jepsen's
 * `independent`: the value is `[key, value]`. What is absent is nil; the nemesis says its sentence.
 */
export function formatEdnOp(op: Op): string {
  const { index, timeNs, process, type, f, error, current, node } = op;
  const said = nemesisValueOf(op);
  const fields: readonly (readonly [string, Edn | undefined])[] = [
    ["index", index],
    ["time", Math.round(timeNs)],
    ["type", Keyword.of(type)],
    ["process", typeof process === "number" ? process : Keyword.of(process)],
    ["f", Keyword.of(f)],
    ["value", said ? said.sentence : ednOf(op.value)],
    ["error", error === undefined ? undefined : isWord(error) ? Keyword.of(error) : error],
    ["current", current],
    ["node", node],
  ];
  const present = fields.flatMap(([name, value]): [Edn, Edn][] =>
    value === undefined ? [] : [[Keyword.of(name), value]],
  );
  return formatEdn(new Map(present));
}

/**
 * The ops on one key, without it: what Knossos calls a cas-register, and reads as such. A register of Knossos
 * has no delete, so that is a write of nil. What certainly did not happen keeps its invocation.
 */
export function opOfKey(op: Op, key: string): Op | undefined {
  const { value, f } = op;
  if (op.process === "nemesis" || !Array.isArray(value) || value[0] !== key) return undefined;
  return { ...op, f: f === "delete" ? "write" : f, value: value[1] as unknown };
}

function ednOf(value: unknown): Edn {
  if (Array.isArray(value)) return value.map(ednOf);
  if (typeof value === "object" && value !== null) {
    return new Map(Object.entries(value).map(([name, item]) => [name, ednOf(item)]));
  }
  return value as Edn;
}

/** Whether a keyword can be made of it: "not-leader", "timeout". */
function isWord(text: string): boolean {
  return /^[a-z][a-z0-9-]*$/.test(text);
}
