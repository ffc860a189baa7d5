import { WORKLOAD_NAMES } from "../../checker/checkers.ts";
import { KINDS } from "../../nemesis/kinds.ts";
import { didYouMean } from "../../nemesis/suggest.ts";
import { ConfigError } from "../base/errors.ts";
import type { System } from "./system.ts";

type Check = (value: unknown) => true | string;

const text: Check = (value) => (typeof value === "string" && value !== "" ? true : "a text");
const call: Check = (value) => (typeof value === "function" ? true : "a function");
const positive: Check = (value) =>
  typeof value === "number" && value > 0 ? true : "a number above 0";
const texts: Check = (value) =>
  Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "string")
    ? true
    : "a list of texts";
const among =
  (known: readonly string[]): Check =>
  (value) =>
    known.includes(value as string) ? true : `one of ${known.join(", ")}`;
const allAmong =
  (known: readonly string[]): Check =>
  (value) =>
    texts(value) === true && (value as string[]).every((item) => known.includes(item))
      ? true
      : `a list of some of ${known.join(", ")}`;

const FIELDS: Readonly<Record<keyof System, Check>> = {
  name: text,
  workloads: allAmong(WORKLOAD_NAMES),
  ports: texts,
  peerPorts: texts,
  addresses: among(["own", "shared"]),
  nodeCount: positive,
  start: call,
  ready: (value) => (typeof value === "string" ? true : call(value)),
  state: call,
  stateEveryMs: positive,
  wire: (value) => {
    const { paths, facts } = (value ?? {}) as Readonly<Record<string, unknown>>;
    const isWire = texts(paths) === true && typeof facts === "function";
    return isWire ? true : "an object with a list of paths and the function facts";
  },
  judgedBy: among(["trace", "state", "clients"]),
  http: (value) => {
    const { request, reply } = (value ?? {}) as Readonly<Record<string, unknown>>;
    const isMapping = typeof request === "function" && typeof reply === "function";
    return isMapping ? true : "an object with the functions request and reply";
  },
  createClient: call,
  faults: allAmong(KINDS.map(({ name }) => name)),
  schedule: (value) => (typeof value === "object" ? true : "faults as in a schedule file"),
  rate: positive,
  putFaults: call,
};

/** What a file exports, if it is a system; else a ConfigError that says which field is wrong and what it must be. */
export function checkSystem(value: unknown, file: string): System {
  const complain = (sentence: string): never => {
    throw new ConfigError(`${file}: ${sentence}`);
  };
  if (typeof value !== "object" || value === null) {
    return complain("its default export must be a system: export default defineSystem({ … })");
  }
  const known = Object.keys(FIELDS);
  for (const [name, given] of Object.entries(value)) {
    const check = FIELDS[name as keyof System];
    if (check === undefined) complain(`there is no field "${name}"${didYouMean(name, known)}`);
    else if (given !== undefined && check(given) !== true)
      complain(`${name} must be ${String(check(given))}`);
  }
  const system = value as System;
  for (const name of ["name", "workloads", "start"] as const) {
    if (system[name] === undefined) complain(`${name} is missing`);
  }
  if (system.workloads.includes("election") && system.state === undefined) {
    complain('the workload "election" needs the function state');
  }
  if (system.wire !== undefined && system.state === undefined) {
    complain("wire needs the function state: what is read on links is told of nodes that are seen");
  }
  const isAsked = system.http !== undefined || system.createClient !== undefined;
  if (system.workloads.includes("register") && !isAsked) {
    complain('the workload "register" needs http or createClient');
  }
  return system;
}
