import { join } from "node:path";
import * as z from "zod";
import { parseSchedule } from "../../nemesis/schedule.ts";
import { DURATION_MS_MAX } from "../base/duration.ts";
import { ConfigError } from "../base/errors.ts";
import { STATIC_CUT_MANNERS, type TestPlan } from "./plan.ts";
import { readJsonFile } from "./read-json.ts";
import { simShape } from "./sim-shape.ts";
import { writeJson } from "./write-file.ts";

const share = z.number().min(0).max(1);
const duration = z.number().nonnegative().max(DURATION_MS_MAX);

const liveness = z.looseObject({
  manner: z.enum(STATIC_CUT_MANNERS),
  count: z.int().nonnegative(),
  withLeader: z.boolean(),
});

/** Looser than the type where later versions will add values: names are judged by who uses them. */
const planShape = z.looseObject({
  format: z.literal("raftwreck-plan"),
  version: z.literal(1),
  seed: z.string(),
  environment: z.enum(["local", "docker", "sim"]),
  attach: z.string().nullable().default(null),
  system: z.string(),
  nodeCount: z.int().positive(),
  durationMs: duration,
  sim: simShape.optional(),
  /** Read by who runs it again, for whom they must fit the nodes. */
  deviations: z.array(z.looseObject({})).optional(),
  liveness: liveness.optional(),
  workload: z.looseObject({
    name: z.string(),
    rate: z.number().positive(),
    concurrency: z.int().positive(),
    operationTimeoutMs: duration.positive(),
  }),
  nemesis: z.array(z.string()),
  nemesisIntervalMs: duration,
  /** Read as a file of its own. */
  schedule: z.unknown(),
  mutant: z.string().nullable(),
  expect: z.union([
    z.object({ verdict: z.literal("valid") }),
    z.object({ verdict: z.literal("violation"), property: z.string().nullable() }),
  ]),
  failFast: z.boolean(),
  checkTimeoutMs: duration.positive(),
  checkMemoryBytes: z.number().positive(),
  availability: share.nullable(),
  allowUnknown: z.boolean(),
});

/** Writes `plan.json`, and the schedule by itself as `schedule.json`. */
export function writePlan(dir: string, plan: TestPlan): void {
  writeJson(join(dir, "plan.json"), plan);
  writeJson(join(dir, "schedule.json"), plan.schedule);
}

/** The plan of a file; undefined where there is none; a ConfigError naming the field that is wrong. */
export function readPlan(path: string): TestPlan | undefined {
  const value = readJsonFile(path);
  if (value === undefined) return undefined;
  const parsed = planShape.safeParse(value);
  if (parsed.success) {
    const schedule = parseSchedule(parsed.data.schedule, `${path}: schedule`);
    return { ...parsed.data, schedule } as unknown as TestPlan;
  }
  const [issue] = parsed.error.issues;
  const where = issue!.path.length === 0 ? "the plan" : issue!.path.join(".");
  throw new ConfigError(`${path}: ${where}: ${issue!.message}`);
}
