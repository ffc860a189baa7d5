import { KINDS } from "../../nemesis/kinds.ts";
import { call, type Check, checkFields, text, word } from "./check-fields.ts";
import type { ComposedFault, HookedFault, OwnFault } from "./own-fault.ts";

const FIELDS: Readonly<Record<keyof (ComposedFault & HookedFault), Check>> = {
  name: word,
  text,
  nodes: (value) =>
    typeof value === "string" || Array.isArray(value) ? true : 'a role such as "leader", or nodes',
  apply: call,
  heal: call,
  faults: (value) =>
    Array.isArray(value) && value.length > 0 ? true : "a list of faults as in a schedule file",
};

/** What can't be called so: built-in kinds, and the other words that --nemesis knows. */
const TAKEN: readonly string[] = [...KINDS.map(({ name }) => name), "crash", "all", "none", "own"];

/** The value, if it is a fault of one's own; else one sentence that says which field is wrong and what it must be. */
export function checkFault(value: unknown, complain: (sentence: string) => never): OwnFault {
  if (typeof value !== "object" || value === null) {
    return complain("it must be a fault: defineFault({ … })");
  }
  checkFields(value, FIELDS, complain);
  const given = value as Partial<ComposedFault & HookedFault>;
  if (given.name === undefined) return complain("name is missing");
  if (TAKEN.includes(given.name))
    complain(`name must not be that of a built-in kind, "${given.name}"`);
  const hooks = ["text", "apply", "heal"] as const;
  if (given.faults === undefined) {
    const missing = hooks.find((name) => given[name] === undefined);
    if (missing !== undefined)
      complain(`${missing} is missing (or faults, for known ones together)`);
  } else if ([...hooks, "nodes" as const].some((name) => given[name] !== undefined)) {
    complain("give either faults, or text, apply and heal");
  }
  return value as OwnFault;
}
