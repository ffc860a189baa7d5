import { MODELS } from "../linearizability/models.ts";
import type { SetInput } from "../linearizability/models/set.ts";
import {
  type Call,
  type ConcurrentObject,
  inShort,
  isPair,
  Misfit,
  textOf,
} from "./concurrent-object.ts";
import { createCallsChecker } from "./judge-calls.ts";

export const set: ConcurrentObject = {
  name: "set",
  description: "add and remove an element, read (nil, answered with all elements); empty at first",
  functions: ["add", "remove"],
  namesKey: ({ f, value }) => {
    // An element may be a pair by itself, so a pair that is added tells nothing.
    if (!isPair(value)) return false;
    return f === "read" ? true : undefined;
  },
  createChecker: (options) => createCallsChecker({ ...options, model: MODELS.set, inputOf }),
};

function inputOf({ f, argument, answer, isCertain }: Call): SetInput | undefined {
  if (f === "add" || f === "remove") return { f, element: textOf(argument) };
  if (f !== "read") throw new Misfit("a set has add, remove and read");
  if (!isCertain) return undefined;
  if (Array.isArray(answer)) return { f, elements: answer.map(textOf) };
  throw new Misfit(`${inShort(answer)} is no list of elements`);
}
