import type { Operation } from "../operations.ts";

/** What a register holds; null is "absent". */
export type Value = string | null;

/** An operation on one key, reduced to what it claims about the register. */
export interface RegisterOperation {
  readonly kind: "read" | "write" | "cas" | "delete";
  /** What was read, what was written, or null for a delete. */
  readonly value: Value;
  /** Of a cas: what it replaced. Null for all others too. */
  readonly expected: Value;
  readonly call: number;
  /** Infinity where the outcome is unknown: it may take effect at any later time, or never. */
  readonly return: number;
  readonly isCertain: boolean;
  readonly source: Operation;
}

/**
 * What a recorded operation claims, or undefined where it claims nothing: a read without an answer, an
 * operation that certainly did not happen, a cas that would have changed nothing.
 *
 * A cas that failed with the value it found was a read of that value.
 */
export function claimOf(source: Operation): RegisterOperation | undefined {
  const { invocation, completion, call } = source;
  const argument = argumentOf(invocation.value);
  const isCertain = completion?.type === "ok";
  const base = { call, return: isCertain ? source.return : Infinity, isCertain, source };
  if (completion?.type === "fail") {
    if (invocation.f !== "cas" || completion.current === undefined) return undefined;
    const seen = { kind: "read" as const, value: valueOf(completion.current), expected: null };
    return { ...base, ...seen, isCertain: true, return: source.return };
  }
  switch (invocation.f) {
    case "read":
      if (!isCertain) return undefined;
      return {
        ...base,
        kind: "read",
        value: valueOf(argumentOf(completion.value)),
        expected: null,
      };
    case "write":
      return { ...base, kind: "write", value: valueOf(argument), expected: null };
    case "delete":
      return { ...base, kind: "delete", value: null, expected: null };
    case "cas":
      return casClaim(base, argument);
    default:
      return undefined;
  }
}

type Base = Pick<RegisterOperation, "call" | "return" | "isCertain" | "source">;

function casClaim(base: Base, argument: unknown): RegisterOperation | undefined {
  const [expected, value] = (argument as readonly [unknown, unknown]).map(valueOf) as [
    Value,
    Value,
  ];
  if (expected !== value) return { ...base, kind: "cas", value, expected };
  return base.isCertain ? { ...base, kind: "read", value, expected: null } : undefined;
}

/** A cas that was refused because of another value, and names the expected one as what it found. */
export function contradictsItself({ invocation, completion }: Operation): boolean {
  if (invocation.f !== "cas" || completion?.type !== "fail") return false;
  if (completion.current === undefined) return false;
  const [expected] = argumentOf(invocation.value) as readonly [unknown, unknown];
  return valueOf(expected) === valueOf(completion.current);
}

/** The key an op is about; undefined where its value is not that of a register workload. */
export function keyOf(f: string, value: unknown): string | undefined {
  if (!Array.isArray(value) || value.length !== 2) return undefined;
  if (f === "cas" && !(Array.isArray(value[1]) && value[1].length === 2)) return undefined;
  if (!["read", "write", "cas", "delete"].includes(f)) return undefined;
  return typeof value[0] === "string" ? value[0] : JSON.stringify(value[0]);
}

function argumentOf(value: unknown): unknown {
  return (value as readonly [unknown, unknown])[1];
}

/** Values are compared by type and value: 1 is not "1". */
function valueOf(value: unknown): Value {
  if (typeof value === "string") return value;
  return value === null || value === undefined ? null : `JSON ${JSON.stringify(value)}`;
}
