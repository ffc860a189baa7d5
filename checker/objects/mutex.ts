import { MODELS } from "../linearizability/models.ts";
import type { LockInput } from "../linearizability/models/lock.ts";
import { type Call, type ConcurrentObject, isPair, Misfit } from "./concurrent-object.ts";
import { createCallsChecker } from "./judge-calls.ts";

export const mutex: ConcurrentObject = {
  name: "mutex",
  description: "acquire and release, by anybody; free at first",
  functions: ["acquire", "release"],
  namesKey: ({ value }) => isPair(value),
  createChecker: (options) => createCallsChecker({ ...options, model: MODELS.lock, inputOf }),
};

function inputOf({ f }: Call): LockInput {
  if (f === "acquire" || f === "release") return { f, owner: null };
  throw new Misfit("a mutex has acquire and release");
}
