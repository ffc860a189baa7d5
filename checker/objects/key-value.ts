import type { Checker } from "../checker.ts";
import type { Op } from "../history.ts";
import type { Model } from "../linearizability/model.ts";
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

/** To append asks for a model of its own; without, every key is a register, and those are judged faster. */
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
      const checker = appends
        ? createCallsChecker({ model: textModel, inputOf: textInputOf, isKeyed: true })
        : createRegisterChecker({ isKeyed: true });
      for (const op of ops) checker.observe({ type: "op", op: appends ? op : asRegisterOp(op) });
      return checker.finish(budget);
    },
  };
}

const REGISTER_FUNCTIONS: Readonly<Record<string, string>> = { get: "read", put: "write" };

function asRegisterOp(op: Op): Op {
  const f = REGISTER_FUNCTIONS[op.f] ?? op.f;
  // Stores that answer "" for what they do not have (and a put of "") mean that nothing is there.
  const isEmpty = isPair(op.value) && op.value[1] === "" && f !== "cas";
  return { ...op, f, value: isEmpty ? [(op.value as [unknown, unknown])[0], null] : op.value };
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
