import { MODELS } from "../linearizability/models.ts";
import type { VersionedInput } from "../linearizability/models/versioned-register.ts";
import { type Call, type ConcurrentObject, inShort, isPair, Misfit } from "./concurrent-object.ts";
import { valueOf } from "../linearizability/register-operation.ts";
import { createCallsChecker } from "./judge-calls.ts";

export const versionedRegister: ConcurrentObject = {
  name: "versioned-register",
  description:
    "read, write, cas with [version, value] and [version, [old, new]]; a version of nil was not told; 0 at first",
  functions: [],
  namesKey: ({ f, value }) => {
    const rest = isPair(value) ? value[1] : undefined;
    return f === "cas" ? isPair(rest) && isPair(rest[1]) : isPair(rest);
  },
  createChecker: (options) =>
    createCallsChecker({ ...options, model: MODELS["versioned-register"], inputOf }),
};

function inputOf({ f, argument, answer, isCertain }: Call): VersionedInput | undefined {
  // What was answered holds the version that was reached, and otherwise repeats the argument. An answer of
  // nothing tells neither.
  const isTold = isCertain && answer !== null;
  const { version, value } = versionedOf(isTold ? answer : argument);
  const told = isTold && version !== undefined ? { version } : {};
  switch (f) {
    case "read":
      return isCertain ? { f, value: valueOf(value), ...told } : undefined;
    case "write":
      return { f, value: valueOf(value), ...told };
    case "cas": {
      if (!isPair(value)) throw new Misfit(`its value ${inShort(value)} is not [old, new]`);
      return { f, from: valueOf(value[0]), value: valueOf(value[1]), ...told };
    }
    default:
      throw new Misfit("a versioned register has read, write and cas");
  }
}

function versionedOf(given: unknown): { version: number | undefined; value: unknown } {
  if (given === null) return { version: undefined, value: null };
  if (!isPair(given)) throw new Misfit(`its value ${inShort(given)} is not [version, value]`);
  const [version, value] = given;
  if (version === null) return { version: undefined, value };
  if (typeof version === "number") return { version, value };
  throw new Misfit(`its version ${inShort(version)} is no number`);
}
