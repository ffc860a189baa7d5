import { rmSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { ConfigError } from "../base/errors.ts";
import { diskTrouble } from "./disk-trouble.ts";
import { readJsonFile } from "./read-json.ts";
import { writeJson } from "./write-file.ts";

const count = z.number().nonnegative();

const causeShape = z.object({
  kind: z.enum(["violation", "trouble", "defect", "crash", "hang"]),
  checker: z.string(),
  property: z.string(),
  /** That of the first seed. */
  sentence: z.string(),
  /** What all of them have in common; older versions, and findings of which only the sentence tells, have none. */
  symptom: z.string().optional(),
  /** Other properties that were violated in the same runs. */
  also: z.array(z.string()),
  /** The first few. */
  seeds: z.array(z.string()),
  seedCount: count,
  /** Folder of the run that shows it; null where there is none. */
  run: z.string().nullable(),
  /** The command that finds it again. */
  again: z.string(),
});

const undecidedShape = z.object({
  /** Why that of the first seed is. */
  sentence: z.string(),
  /** The first few. */
  seeds: z.array(z.string()),
  seedCount: count,
});

const shardShape = z.object({ index: count, count });

const huntShape = z.object({
  format: z.literal("raftwreck-hunt"),
  version: z.literal(1),
  /** ISO 8601. */
  startedAt: z.string(),
  hostMs: count,
  workers: count,
  explore: z.string(),
  mutant: z.string().nullable(),
  /** What clients had to do, a name or a file; null: it was drawn. Older versions don't say. */
  workload: z.string().nullable().optional(),
  /** The property that was looked for; null: any. Older versions don't say. */
  find: z.string().nullable().optional(),
  /** Of load and faults, in each run. */
  durationMs: count,
  /** What was asked for: "1..500", "7.." */
  seeds: z.string(),
  /** Of which these are the results. */
  shards: z.array(shardShape),
  /** "3/8": of a merged hunt, what nobody has brought. */
  missingShards: z.array(z.string()),
  seedCount: count,
  simulatedMs: count,
  events: count,
  /** What the runs did, each once; see `src/hunt/behaviour.ts`. */
  behaviours: z.array(z.string()),
  /** How often runs were so, and how many faults of each kind there were; see `src/hunt/counts.ts`. */
  counts: z.record(z.string(), count).default({}),
  causes: z.array(causeShape),
  /** Runs of which nothing was proved either way. */
  undecided: z.array(undecidedShape).default([]),
  interruptedBy: z.string().nullable(),
});

/** `hunt.json`: what the last hunt into a results folder came to. */
export type HuntSummary = z.infer<typeof huntShape>;

/** All findings that have the same cause, as far as can be told. */
export type HuntCause = z.infer<typeof causeShape>;

/** All runs that are `unknown` for the same reason, as far as can be told. */
export type HuntUndecided = z.infer<typeof undecidedShape>;

/** Undefined for what is none. */
export function parseCause(value: unknown): HuntCause | undefined {
  return causeShape.safeParse(value).data;
}

export function writeHunt(resultsDir: string, hunt: HuntSummary): void {
  writeJson(join(resultsDir, "hunt.json"), hunt);
}

/** Of a hunt that begins nothing is known yet, and what is known of another must not stand for it. */
export function removeHunt(resultsDir: string): void {
  const path = join(resultsDir, "hunt.json");
  try {
    rmSync(path, { force: true });
  } catch (error) {
    throw diskTrouble(error, "remove", path);
  }
}

/** Undefined where there was no hunt that came to its end; a ConfigError naming the field that is wrong. */
export function readHunt(resultsDir: string): HuntSummary | undefined {
  const path = join(resultsDir, "hunt.json");
  const value = readJsonFile(path);
  if (value === undefined) return undefined;
  const parsed = huntShape.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue!.path.length === 0 ? "the hunt" : issue!.path.join(".");
  throw new ConfigError(`${path}: ${where}: ${issue!.message}`);
}
