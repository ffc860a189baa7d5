import { utf8Length } from "../base/utf8.ts";
import {
  isMicroOp,
  KEY_BYTES_MAX,
  TXN_OPS_MAX,
  VALUE_BYTES_MAX,
  type MicroOp,
} from "../../node/kv/command.ts";
import type { Invocation } from "./client.ts";
import { microOpsOf } from "./txn-steps.ts";

/** The code with which a bundled node refuses to be asked this over HTTP; undefined: it does not. */
export function refusalOf({ f, value }: Invocation): "malformed" | "too-large" | undefined {
  if (!Array.isArray(value)) return "malformed";
  if (f === "txn") return refusalOfSteps(value as unknown[]);
  const [key, argument] = value as unknown[];
  if (!isText(key) || key === "") return "malformed";
  if (f === "write") return isText(argument) ? sizeRefusal(key, argument) : "malformed";
  if (f !== "cas") return sizeRefusal(key);
  if (!Array.isArray(argument)) return "malformed";
  const [expected, next] = argument as unknown[];
  const isFit = isText(next) && (expected === null || isText(expected));
  return isFit ? sizeRefusal(key, next) : "malformed";
}

function refusalOfSteps(steps: readonly unknown[]): "malformed" | "too-large" | undefined {
  if (steps.length === 0 || steps.length > TXN_OPS_MAX) return "malformed";
  if (!steps.every(Array.isArray)) return "malformed";
  const ops = microOpsOf(steps);
  if (!ops.every(isMicroOp)) return "malformed";
  return ops.some(isTooLarge) ? "too-large" : undefined;
}

function isTooLarge([, key, ...values]: MicroOp): boolean {
  return isLonger(key, KEY_BYTES_MAX) || values.some((one) => isLonger(one, VALUE_BYTES_MAX));
}

function sizeRefusal(key: string, value = ""): "too-large" | undefined {
  const isLarge = isLonger(key, KEY_BYTES_MAX) || isLonger(value, VALUE_BYTES_MAX);
  return isLarge ? "too-large" : undefined;
}

function isLonger(text: unknown, bytesMax: number): boolean {
  // Hardly any is near the limit.
  return isText(text) && text.length * 3 > bytesMax && utf8Length(text) > bytesMax;
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}
