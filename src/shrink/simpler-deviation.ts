import type { Deviation, ListedOperation } from "../sim/deviation.ts";
import { smaller } from "./simpler-numbers.ts";
import { keyAndArgument } from "./key-value.ts";

/** What a deviation could be replaced by, the simplest first. */
export function simplerDeviations(deviation: Deviation): Deviation[] {
  switch (deviation.type) {
    case "delay": {
      const { byMs } = deviation;
      return smaller(byMs).map((fewer) => ({ ...deviation, byMs: fewer }));
    }
    case "clock-jump":
      return smaller(deviation.byMs).map((byMs) => ({ ...deviation, byMs }));
    case "chance": {
      const values = [0, 0.5, 0.9, 0.1].filter(
        (value) => !isRound(deviation.value) && value !== deviation.value,
      );
      const rounded = Number(deviation.value.toFixed(2));
      return [...values, ...(rounded === deviation.value ? [] : [rounded])].map((value) => ({
        ...deviation,
        value,
      }));
    }
    case "operation":
      return simplerOperations(deviation);
    case "drop":
    case "duplicate":
    case "timeout":
      return [];
  }
}

function isRound(value: number): boolean {
  return value * 10 === Math.round(value * 10);
}

/** A write is the plainest way to change something. */
function simplerOperations(operation: ListedOperation): ListedOperation[] {
  const [key, argument] = keyAndArgument(operation.value) ?? [];
  if (operation.f !== "cas" || !Array.isArray(argument)) return [];
  return [{ ...operation, f: "write", value: [key, (argument as unknown[])[1]] }];
}

/** The same with keys and values numbered from 1, in the order in which they come. */
export function renumbered(operations: readonly ListedOperation[]): ListedOperation[] {
  const keys = new Map<string, string>();
  const values = new Map<string, string>();
  const nameOf = (names: Map<string, string>, name: string, prefix: string): string => {
    const known = names.get(name) ?? `${prefix}${names.size + 1}`;
    names.set(name, known);
    return known;
  };
  const rename = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map(rename)
      : typeof value === "string"
        ? nameOf(values, value, "")
        : value;
  return operations.map(({ value, ...operation }) => {
    const [key, argument] = keyAndArgument(value) ?? [];
    if (key === undefined) return { ...operation, value };
    return { ...operation, value: [nameOf(keys, key, "k"), rename(argument)] };
  });
}
