import { join } from "node:path";
import * as z from "zod";
import { ConfigError } from "../base/errors.ts";
import { readJsonFile } from "./read-json.ts";
import type { RunResults } from "./results.ts";
import { writeJson } from "./write-file.ts";

const resultsShape = z.looseObject({
  format: z.literal("raftwreck-results"),
  version: z.literal(1),
  id: z.string(),
  startedAt: z.iso.datetime(),
  durationMs: z.number(),
  verdict: z.enum(["valid", "unknown", "invalid"]),
  exitCode: z.int(),
  conclusion: z.string(),
  plan: z.looseObject({ format: z.literal("raftwreck-plan") }),
  reproduce: z.looseObject({ command: z.string() }),
  host: z.looseObject({}),
  checks: z.array(z.looseObject({ checker: z.string(), anomalies: z.array(z.looseObject({})) })),
});

export function writeResults(dir: string, results: RunResults): void {
  writeJson(join(dir, "results.json"), results);
}

/** Undefined where the run was never judged. */
export function readResults(path: string): RunResults | undefined {
  const value = readJsonFile(path);
  if (value === undefined) return undefined;
  const parsed = resultsShape.safeParse(value);
  if (parsed.success) return value as RunResults;
  const [issue] = parsed.error.issues;
  const where = issue!.path.join(".") || "the results";
  throw new ConfigError(
    `${path}: ${where}: ${issue!.message}; without this file raftwreck check writes it anew`,
  );
}
