/** What a register holds, as `valueOf` encodes it; null is "absent". */
export type Value = string | null;

/** An operation on one key, reduced to what it claims about the register. */
export interface RegisterOperation {
  /** "refused": a cas that was refused and did not say what it found; the value was not `expected`. */
  readonly kind: "read" | "write" | "cas" | "delete" | "refused";
  /** What was read, what was written, or null. */
  readonly value: Value;
  /** Of a cas: what it replaced, or missed. Null for all others too. */
  readonly expected: Value;
  readonly call: number;
  /** Infinity where the outcome is unknown: it may take effect at any later time, or never. */
  readonly return: number;
  readonly isCertain: boolean;
  /** What stands for it where it came from. */
  readonly id: number;
}

const NOT_A_STRING = "\u0000";

/** Values are compared by type and value: 1 is not "1". */
export function valueOf(value: unknown): Value {
  if (typeof value === "string") return value;
  return value === null || value === undefined ? null : `${NOT_A_STRING}${JSON.stringify(value)}`;
}

/** A value as a reader sees it: "a", 1, or absent. */
export function show(value: Value): string {
  if (value === null) return "absent";
  return value.startsWith(NOT_A_STRING) ? value.slice(1) : JSON.stringify(value);
}

/** The key an op is about; undefined where its value is not that of a register workload. */
export function keyOf(f: string, value: unknown): string | undefined {
  if (!Array.isArray(value) || value.length !== 2) return undefined;
  if (f === "cas" && !(Array.isArray(value[1]) && value[1].length === 2)) return undefined;
  if (f !== "read" && f !== "write" && f !== "cas" && f !== "delete") return undefined;
  return typeof value[0] === "string" ? value[0] : JSON.stringify(value[0]);
}
