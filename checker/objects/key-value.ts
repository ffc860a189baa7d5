import type { Checker } from "../checker.ts";
import type { Op } from "../history.ts";
import type { Model } from "../linearizability/model.ts";
import { registerModel, type RegisterInput } from "../linearizability/register.ts";
import { valueOf } from "../linearizability/register-operation.ts";
import { type Call, type ConcurrentObject, inShort, isPair, Misfit } from "./concurrent-object.ts";
import { createCallsChecker } from "./judge-calls.ts";
import { createRegisterChecker } from "./register.ts";

export const keyValue: ConcurrentObject = {
  name: "kv",
  description:
    'get, put, append (to a text), delete, cas with [key, value]; what is missing is nil or ""',
  functions: ["get", "put", "append"],
  namesKey: () => true,
  createChecker: createKeyValueChecker,
};

/**
 * To append, or to set nil by cas, asks for a model of its own; without, every key is a register, and those are
 * judged faster.
 */
function createKeyValueChecker(): Checker {
  const ops: Op[] = [];
  return {
    id: "linearizability",
    found: [],
    observe: (record) => {
      if (record.type === "op") ops.push(record.op);
    },
    finish: (budget) => {
      const appends = ops.some(({ f }) => f === "append");
      const told = appends ? ops : ops.map(asRegisterOp);
      const checker = appends
        ? createCallsChecker({ model: textModel, inputOf: textInputOf, isKeyed: true })
        : told.some(isCasToNil)
          ? createCallsChecker({ model: registerModel, inputOf: registerInputOf, isKeyed: true })
          : createRegisterChecker({ isKeyed: true });
      for (const op of told) checker.observe({ type: "op", op });
      return checker.finish(budget);
    },
  };
}

const REGISTER_FUNCTIONS: ReadonlyMap<string, string> = new Map([
  ["get", "read"],
  ["put", "write"],
]);

function asRegisterOp(op: Op): Op {
  const f = REGISTER_FUNCTIONS.get(op.f) ?? op.f;
  const { value, current } = op;
  const told = current === "" ? { ...op, f, current: null } : { ...op, f };
  if (!isPair(value)) return told;
  const [key, rest] = value;
  const isCas = f === "cas" && Array.isArray(rest);
  return { ...told, value: [key, isCas ? rest.map(nilIfEmpty) : nilIfEmpty(rest)] };
}

/** Stores that answer "" for what they do not have (and a put of "") mean that nothing is there. */
function nilIfEmpty(value: unknown): unknown {
  return value === "" ? null : value;
}

function isCasToNil({ f, value }: Op): boolean {
  return f === "cas" && isPair(value) && isPair(value[1]) && value[1][1] === null;
}

function registerInputOf({ f, argument, answer, isCertain }: Call): RegisterInput | undefined {
  const nothing = { value: null, expected: null };
  if (f === "read") return isCertain ? { ...nothing, kind: f, value: valueOf(answer) } : undefined;
  if (f === "write") return { ...nothing, kind: f, value: valueOf(argument) };
  if (f === "delete") return { ...nothing, kind: f };
  if (f !== "cas") throw new Misfit("a store has get, put, delete and cas");
  if (!isPair(argument)) throw new Misfit(`its value ${inShort(argument)} is not [old, new]`);
  return { kind: f, expected: valueOf(argument[0]), value: valueOf(argument[1]) };
}

type TextInput = { readonly f: "get" | "put" | "append"; readonly text: string };

/** A text that can be appended to, empty at first. */
const textModel: Model<string, TextInput> = {
  init: () => "",
  step(state, { f, text }) {
    if (f === "append") return state + text;
    if (f === "put") return text;
    return state === text ? state : undefined;
  },
  equal: (a, b) => a === b,
  describe: ({ f, text }) => `${f} ${JSON.stringify(text)}`,
  isObserver: ({ f }) => f === "get",
};

function textInputOf({ f, argument, answer, isCertain }: Call): TextInput | undefined {
  if (f === "get" || f === "read")
    return isCertain ? { f: "get", text: toText(answer) } : undefined;
  if (f === "put" || f === "write") return { f: "put", text: toText(argument) };
  if (f === "delete") return { f: "put", text: "" };
  if (f === "append") return { f, text: toText(argument) };
  throw new Misfit("a store with append has get, put, append and delete");
}

function toText(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "string") return value;
  throw new Misfit(`${inShort(value)} is no text, and what is appended to must be`);
}
