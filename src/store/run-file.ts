import { join } from "node:path";
import { ConfigError } from "../base/errors.ts";
import { isRecord, readJsonFile } from "./read-json.ts";
import { writeJson } from "./write-file.ts";

/** `run.json`, written at the start: what a reader needs when the harness did not live to the end. */
export interface RunFile {
  readonly format: "raftwreck-run";
  readonly version: 1;
  /** Wall clock, ISO 8601. */
  readonly startedAt: string;
  /** The host's monotonic clock at the start: subtracted from the times of per-node trace files. */
  readonly originNs: number;
  /** The harness. */
  readonly pid: number;
  /** When that process began, in the system's own form: a pid is given out again. Absent in older files. */
  readonly pidStartedAt?: string;
}

export function writeRunFile(dir: string, run: Omit<RunFile, "format" | "version">): void {
  writeJson(join(dir, "run.json"), { format: "raftwreck-run", version: 1, ...run });
}

/** Undefined where the folder has none. */
export function readRunFile(dir: string): RunFile | undefined {
  const path = join(dir, "run.json");
  const value = readJsonFile(path);
  if (value === undefined) return undefined;
  if (!isRecord(value) || value["format"] !== "raftwreck-run" || value["version"] !== 1)
    throw new ConfigError(`${path} is not a raftwreck-run file of version 1`);
  if (typeof value["originNs"] !== "number" || typeof value["startedAt"] !== "string")
    throw new ConfigError(`${path}: startedAt must be a string and originNs a number`);
  if (Number.isNaN(Date.parse(value["startedAt"])))
    throw new ConfigError(`${path}: startedAt must be a date such as 2026-11-20T16:40:59Z`);
  return value as unknown as RunFile;
}
