import { among, type Check, checkFields, flag, positive, text } from "../system/check-fields.ts";
import { UsageError } from "../base/errors.ts";
import type { TestOptions } from "./options.ts";

const milliseconds: Check = (value) =>
  positive(value) === true && Number.isFinite(value) ? true : "a number of milliseconds above 0";
const number: Check = (value) => (typeof value === "number" ? true : "a number");
const textOrNumber: Check = (value) =>
  typeof value === "number" ? true : text(value) === true ? true : "a number or a text";
const textOr =
  (wanted: string): Check =>
  (value) =>
    text(value) === true || (typeof value === "object" && value !== null) ? true : wanted;

const FIELDS: Readonly<Record<keyof TestOptions, Check>> = {
  system: textOr("a system, the name of one, or the path of a file"),
  command: text,
  image: text,
  serializable: flag,
  attach: text,
  environment: among(["auto", "local", "docker", "sim"]),
  workload: textOr("a workload, the name of one, or the path of a file"),
  nodes: number,
  durationMs: milliseconds,
  rate: number,
  concurrency: textOrNumber,
  operationTimeoutMs: milliseconds,
  nemesis: textOr("a list of kinds of fault"),
  nemesisIntervalMs: milliseconds,
  schedule: textOr("faults as in a schedule file, or its path"),
  proxyClients: flag,
  liveness: flag,
  seed: text,
  mutant: text,
  expect: text,
  failFast: flag,
  checkTimeoutMs: milliseconds,
  checkMemoryBytes: positive,
  availability: number,
  allowUnknown: flag,
};

/** Complains of options that there are not, and of those that are not what they must be: one sentence, a UsageError. */
export function checkOptions(options: object, others: Readonly<Record<string, Check>>): void {
  checkFields(options, { ...FIELDS, ...others }, (sentence) => {
    throw new UsageError(sentence.replace("there is no field", "there is no option"));
  });
}
