import type { Invocation } from "../system/client.ts";
import { inOrder } from "./key-pool.ts";

/** Of an operation whose value is `[key, …]`. */
export function keyOf({ value }: Invocation): string {
  return (value as [string])[0];
}

export function readOf(key: string): Invocation {
  return { f: "read", value: [key, null] };
}

/** A read of every key that these are about. */
export function readsOfAll(invocations: readonly Invocation[]): Invocation[] {
  return inOrder([...new Set(invocations.map(keyOf))]).map(readOf);
}

/** What an operation is about that only looks whether the cluster serves. */
export function probeKey(number: number, attempt: number): string {
  return `probe${number >> 1}${attempt === 0 ? "" : `-${attempt + 1}`}`;
}

/** What stands behind the key in the answer to a read; null where nothing is there. */
export function held(value: unknown): unknown {
  return (value as readonly unknown[])[1] ?? null;
}
