import { findProperty, PROPERTIES } from "../../checker/properties.ts";
import { didYouMean } from "../../nemesis/suggest.ts";
import { parseDurationMs } from "../base/duration.ts";
import { UsageError } from "../base/errors.ts";
import { complain } from "./flag-complaint.ts";

export function countFlag(flag: string, count: number): number {
  return Number.isInteger(count) && count >= 1
    ? count
    : complain(flag, count, "a whole number of at least 1");
}

export function portFlag(flag: string, port: number): number {
  return Number.isInteger(port) && port >= 0 && port <= 65535
    ? port
    : complain(flag, port, "a whole number from 0 to 65535; 0 is any port that is free");
}

/** In milliseconds; a number without a unit is in `unit`. */
export function durationFlag(flag: string, text: string | number, unit: "s" | "ms"): number {
  const ms = parseDurationMs(text, unit);
  if (ms === undefined || ms <= 0)
    return complain(flag, text, 'a duration such as 30, "500ms" or "5m", 24 days at most');
  return ms;
}

const UNIT_BYTES: Readonly<Record<string, number>> = {
  b: 1,
  kb: 2 ** 10,
  mb: 2 ** 20,
  gb: 2 ** 30,
};

export function bytesFlag(flag: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(b|kb|mb|gb)$/i.exec(text.trim());
  if (match === null) return complain(flag, text, "a size such as 500mb or 2gb");
  return Number(match[1]) * UNIT_BYTES[match[2]!.toLowerCase()]!;
}

export function propertyFlag(id: string): string {
  if (findProperty(id) !== undefined) return id;
  const ids = PROPERTIES.map((property) => property.id);
  throw new UsageError(
    `there is no property "${id}"${didYouMean(id, ids) || "; raftwreck list shows them"}`,
  );
}
