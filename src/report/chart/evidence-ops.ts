import type { Op } from "../../../checker/history.ts";
import type { Evidence } from "../../../checker/verdict.ts";

/** An operation as far as the evidence tells of it. */
export interface EvidenceOp {
  readonly who: string;
  readonly label: string;
  readonly outcome: "ok" | "fail" | "info" | "open";
  readonly fromNs: number;
  /** Null: nothing is known of its end, so it may last for ever. */
  readonly toNs: number | null;
}

type Open = { -readonly [K in keyof EvidenceOp]: EvidenceOp[K] };

/**
 * The operations among the evidence. A checker gives each as one piece (the time of the call with the
 * record of the answer), or as two, call and answer, which are paired by process.
 */
export function evidenceOps(evidence: readonly Evidence[]): EvidenceOp[] {
  const ops: Open[] = [];
  const open = new Map<Op["process"], Open>();
  for (const { record, who, timeNs } of evidence) {
    if (!isOp(record)) continue;
    const label = opLabel(record);
    const pending = open.get(record.process);
    if (record.type === "invoke") {
      const op: Open = { who, label, outcome: "open", fromNs: timeNs, toNs: null };
      ops.push(op);
      open.set(record.process, op);
    } else if (pending) {
      Object.assign(pending, { label, outcome: record.type, toNs: endOf(record) });
      open.delete(record.process);
    } else ops.push({ who, label, outcome: record.type, fromNs: timeNs, toNs: endOf(record) });
  }
  return ops;
}

/** "write k7 ← 42", "read k7 → 41", "cas k7: 41 ⇒ 42", the steps of a transaction, or "enqueue k7 42". */
export function opLabel({ f, type, value, current }: Op): string {
  if (f === "txn" && Array.isArray(value)) return (value as unknown[]).map(stepLabel).join(", ");
  const [key, argument] = Array.isArray(value) ? (value as unknown[]) : [];
  if (typeof key !== "string") return `${f} ${text(value)}`;
  if (f === "read") return type === "ok" ? `read ${key} → ${readText(argument)}` : `read ${key}`;
  if (f === "write") return `write ${key} ← ${text(argument)}`;
  if (f === "delete") return `delete ${key}`;
  if (f === "cas" && Array.isArray(argument)) {
    const found = current === undefined ? "" : `, found ${text(current)}`;
    return `cas ${key}: ${text(argument[0])} ⇒ ${text(argument[1])}${found}`;
  }
  const answer = f === "dequeue" && type === "ok" ? "→ " : "";
  return argument === null && answer === ""
    ? `${f} ${key}`
    : `${f} ${key} ${answer}${text(argument)}`;
}

/** "read k7 → 41 42", "append k7 ← 43", as one step of a transaction. */
function stepLabel(step: unknown): string {
  const [f, key, argument] = step as unknown[];
  if (f !== "r") return `${f === "w" ? "write" : text(f)} ${text(key)} ← ${text(argument)}`;
  return `read ${text(key)} → ${readText(argument)}`;
}

/** Of a list the end, where it differs from others. */
function readText(argument: unknown): string {
  return Array.isArray(argument) ? argument.slice(-4).join(" ") : text(argument);
}

/** Of an `info` nobody knows when it happens, if at all. */
function endOf({ type, timeNs }: Op): number | null {
  return type === "info" ? null : timeNs;
}

function text(value: unknown): string {
  if (value === null || value === undefined) return "absent";
  return typeof value === "string" ? value : JSON.stringify(value);
}

function isOp(record: unknown): record is Op {
  return (
    typeof record === "object" &&
    record !== null &&
    "process" in record &&
    "f" in record &&
    "type" in record
  );
}
