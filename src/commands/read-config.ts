import * as z from "zod";
import { didYouMean } from "../../nemesis/suggest.ts";
import type { Config } from "./config.ts";

const text = z.string("a text").min(1, "a text");
const number = z.number("a number");
const flag = z.boolean("true or false");
/** What modules define, as it is: it is looked through by who uses it. */
const defined = z.custom<object>((value) => typeof value === "object" && value !== null);
const duration = z.union([text, number], 'a duration such as 30, "500ms" or "5m", 24 days at most');

/** What each key may be; what it means is for the run to say. */
const SHAPE = {
  system: z.union([text, defined], "a name, the path of a file, or a system"),
  command: text,
  image: text,
  serializable: flag,
  attach: text,
  environment: z.enum(["auto", "local", "docker", "sim"], "auto, local, docker or sim"),
  duration,
  nodes: number,
  workload: z.union([text, defined], "a name, the path of a file, or a workload"),
  rate: number,
  concurrency: z.union([text, number], 'a number, or a multiple of the nodes such as "3n"'),
  operationTimeout: duration,
  nemesis: z.union(
    [text, z.array(z.union([text, defined]))],
    "kinds of fault: a list or a text with commas",
  ),
  nemesisInterval: duration,
  schedule: z.union([text, defined], "the path of a file, or faults as in one"),
  proxyClients: flag,
  liveness: flag,
  seed: z.union([text, number.transform(String)], "a text"),
  mutant: text,
  expect: text,
  failFast: flag,
  repeat: number,
  checkTimeout: duration,
  checkMemory: text,
  availability: number,
  allowUnknown: flag,
  output: text,
  json: flag,
  quiet: flag,
  color: flag,
  ui: flag,
  uiHost: text,
  uiPort: number,
  uiControl: flag,
  linger: flag,
} as const satisfies Record<keyof Config, z.ZodType>;

/** Every setting, in the order shown. */
export const SETTING_NAMES = Object.keys(SHAPE) as readonly (keyof typeof SHAPE)[];

const shape = z.partialRecord(z.string(), z.unknown());

/** What a file says, if it is a configuration; else one sentence with the key that is wrong and what it must be. */
export function readConfig(value: unknown, complain: (sentence: string) => never): Config {
  // An empty YAML file is an empty configuration.
  const record = shape.safeParse(value ?? {});
  if (!record.success) return complain("it must be settings by name: { duration: 30, … }");
  const read: Record<string, unknown> = {};
  for (const [key, given] of Object.entries(record.data)) {
    if (!Object.hasOwn(SHAPE, key)) complain(`there is no key "${key}"${suggestion(key)}`);
    if (given === undefined) continue;
    const parsed = SHAPE[key as keyof typeof SHAPE].safeParse(given);
    if (!parsed.success) {
      complain(`${key} must be ${parsed.error.issues[0]?.message ?? "something else"}`);
    }
    read[key] = parsed.data;
  }
  return read;
}

/** Also of the flags' own names: "fail-fast". */
function suggestion(key: string): string {
  const camel = key.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  return didYouMean(camel, SETTING_NAMES) || `; known are ${SETTING_NAMES.join(", ")}`;
}
