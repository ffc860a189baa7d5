import { WORKLOAD_NAMES } from "../../checker/checkers.ts";
import { KINDS } from "../../nemesis/kinds.ts";
import {
  allAmong,
  among,
  call,
  type Check,
  checkFields,
  flag,
  functions,
  positive,
  text,
  texts,
} from "./check-fields.ts";
import { checkFault } from "./check-fault.ts";
import { type Packaging, portsOf, type System } from "./system.ts";

const KIND_NAMES = KINDS.map(({ name }) => name);

function isRecord(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

const FIELDS: Readonly<Record<keyof System, Check>> = {
  name: text,
  workloads: allAmong(WORKLOAD_NAMES),
  ports: texts,
  peerPorts: texts,
  addresses: among(["own", "shared"]),
  nodeCount: positive,
  start: call,
  container: (value) => (isRecord(value) ? true : "an object such as { image, start }"),
  ready: (value) => (typeof value === "string" ? true : call(value)),
  readyAlone: flag,
  state: call,
  stateEveryMs: positive,
  wire: (value) => {
    const { paths, facts } = (value ?? {}) as Readonly<Record<string, unknown>>;
    const isWire = texts(paths) === true && typeof facts === "function";
    return isWire ? true : "an object with a list of paths and the function facts";
  },
  judgedBy: among(["trace", "state", "clients"]),
  http: functions("request", "reply"),
  createClient: call,
  faults: (value) =>
    allAmong(KIND_NAMES)(Array.isArray(value) ? value.filter((item) => !isRecord(item)) : value),
  schedule: (value) => (typeof value === "object" ? true : "faults as in a schedule file"),
  rate: positive,
  putFaults: call,
};

const CONTAINER: Readonly<Record<keyof Packaging, Check>> = {
  image: text,
  ports: (value) =>
    isRecord(value) && Object.values(value as object).every((port) => positive(port) === true)
      ? true
      : "an object of port numbers by name",
  start: call,
};

/** The value, if it is a system; else one sentence that says which field is wrong and what it must be. */
export function checkSystem(value: unknown, complain: (sentence: string) => never): System {
  if (typeof value !== "object" || value === null) {
    return complain("it must be a system: defineSystem({ … })");
  }
  checkFields(value, FIELDS, complain);
  const system = value as System;
  for (const fault of system.faults ?? []) {
    if (typeof fault === "string") continue;
    checkFault(fault, (sentence) => complain(`a fault of its own: ${sentence}`));
  }
  for (const name of ["name", "workloads"] as const) {
    if (system[name] === undefined) complain(`${name} is missing`);
  }
  checkPackaging(system, complain);
  if (system.workloads.includes("election") && system.state === undefined) {
    complain('the workload "election" needs the function state');
  }
  if (system.wire !== undefined && system.state === undefined) {
    complain("wire needs the function state: what is read on links is told of nodes that are seen");
  }
  const asking = system.workloads.find((name) => name !== "election");
  if (asking !== undefined && system.http === undefined && system.createClient === undefined) {
    complain(`the workload "${asking}" needs http or createClient`);
  }
  return system;
}

function checkPackaging(system: System, complain: (sentence: string) => never): void {
  const { container, start, addresses } = system;
  if (container === undefined) {
    if (start === undefined) complain("start is missing");
    return;
  }
  checkFields(container, CONTAINER, (sentence) => complain(`container: ${sentence}`));
  if ((container.start ?? start) === undefined) complain("start is missing (or container.start)");
  const { ports = {} } = container;
  const stranger = Object.keys(ports).find((name) => !portsOf(system).includes(name));
  if (stranger !== undefined) {
    complain(
      `container: ports: there is no port "${stranger}", only ${portsOf(system).join(", ")}`,
    );
  }
  if (container.ports !== undefined && addresses === "shared") {
    complain("container: ports can't be given where addresses are shared: each node has its own");
  }
}
