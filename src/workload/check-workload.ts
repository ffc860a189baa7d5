import type { OwnChecker } from "../../checker/own-checker.ts";
import { findProperty } from "../../checker/properties.ts";
import { call, type Check, checkFields, functions, text, word } from "../system/check-fields.ts";
import type { OwnWorkload } from "./own-workload.ts";
import { asWorkloadName } from "./workloads.ts";

const FIELDS: Readonly<Record<keyof OwnWorkload, Check>> = {
  name: word,
  text,
  createGenerator: call,
  finalReads: call,
  translation: functions("ask", "answer"),
  http: functions("request", "reply"),
  createClient: call,
  checkers: (value) => (Array.isArray(value) ? true : "a list of checkers"),
};

const CHECKER_FIELDS: Readonly<Record<keyof OwnChecker, Check>> = {
  name: word,
  rule: text,
  explanation: text,
  create: call,
};

const WAYS = ["translation", "http", "createClient"] as const;

/** The value, if it is a workload; else one sentence that says which field is wrong and what it must be. */
export function checkWorkload(value: unknown, complain: (sentence: string) => never): OwnWorkload {
  if (typeof value !== "object" || value === null) {
    return complain("it must be a workload: defineWorkload({ … })");
  }
  checkFields(value, FIELDS, complain);
  const workload = value as OwnWorkload;
  for (const name of ["name", "createGenerator", "checkers"] as const) {
    if (workload[name] === undefined) complain(`${name} is missing`);
  }
  if (asWorkloadName(workload.name) !== undefined) {
    complain(`name must not be that of a built-in workload, "${workload.name}"`);
  }
  const ways = WAYS.filter((way) => workload[way] !== undefined);
  if (ways.length > 1) complain(`give one of ${ways.join(" and ")}, not both`);
  for (const [i, checker] of workload.checkers.entries()) {
    checkChecker(checker, (sentence) => complain(`checkers[${i}]: ${sentence}`));
  }
  const names = workload.checkers.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) complain(`two checkers are called "${twice}"`);
  return workload;
}

function checkChecker(value: unknown, complain: (sentence: string) => never): void {
  if (typeof value !== "object" || value === null) {
    return complain("it must be a checker: defineChecker({ … })");
  }
  checkFields(value, CHECKER_FIELDS, complain);
  const checker = value as OwnChecker;
  for (const name of ["name", "rule", "create"] as const) {
    if (checker[name] === undefined) complain(`${name} is missing`);
  }
  if (findProperty(checker.name) !== undefined) {
    complain(`name must not be that of a built-in checker, "${checker.name}"`);
  }
}
