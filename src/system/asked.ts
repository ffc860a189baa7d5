import { isMicroOp, MICRO_OP_SHAPES } from "../../node/kv/command.ts";
import type { Invocation } from "./client.ts";
import { microOpsOf } from "./txn-steps.ts";

/** What the bundled nodes can be asked, and how it has to look. */
const SHAPES: Readonly<
  Record<string, { readonly text: string; readonly fits: (value: readonly unknown[]) => boolean }>
> = {
  read: { text: "[key, null]", fits: ([key]) => isKey(key) },
  write: {
    text: "[key, string]",
    fits: ([key, value]) => isKey(key) && typeof value === "string",
  },
  cas: {
    text: "[key, [string or null, string]]",
    fits: ([key, change]) => isKey(key) && isChange(change),
  },
  delete: { text: "[key, null]", fits: ([key]) => isKey(key) },
  txn: { text: `steps, each ${MICRO_OP_SHAPES}`, fits: areSteps },
};

/** Why the bundled nodes could not be asked this; undefined: they can. */
export function complaintAbout({ f, value }: Invocation): string | undefined {
  const shape = Object.hasOwn(SHAPES, f) ? SHAPES[f] : undefined;
  const shown = JSON.stringify({ f, value });
  if (shape === undefined) {
    return `${shown} is nothing that nodes know; they know ${Object.keys(SHAPES).join(", ")}`;
  }
  if (Array.isArray(value) && shape.fits(value as unknown[])) return undefined;
  return `the value of ${shown} must be ${shape.text}`;
}

function isKey(key: unknown): key is string {
  return typeof key === "string" && key !== "";
}

function isChange(change: unknown): boolean {
  if (!Array.isArray(change) || change.length !== 2) return false;
  const [expected, value] = change as unknown[];
  return (expected === null || typeof expected === "string") && typeof value === "string";
}

function areSteps(steps: readonly unknown[]): boolean {
  return steps.length > 0 && steps.every(Array.isArray) && microOpsOf(steps).every(isMicroOp);
}
