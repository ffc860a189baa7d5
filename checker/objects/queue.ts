import { MODELS } from "../linearizability/models.ts";
import type { QueueInput } from "../linearizability/models/queue.ts";
import { type Call, type ConcurrentObject, isPair, Misfit } from "./concurrent-object.ts";
import { valueOf } from "../linearizability/register-operation.ts";
import { createCallsChecker } from "./judge-calls.ts";

export const fifoQueue: ConcurrentObject = {
  name: "fifo-queue",
  description:
    "enqueue a value, dequeue (nil, answered with the value, or nil if empty); empty at first",
  functions: ["enqueue", "dequeue"],
  namesKey: ({ f, value }) => {
    if (!isPair(value)) return false;
    return f === "dequeue" ? true : undefined;
  },
  createChecker: (options) => createCallsChecker({ ...options, model: MODELS.queue, inputOf }),
};

function inputOf({ f, argument, answer, isCertain }: Call): QueueInput {
  if (f === "enqueue") {
    const value = valueOf(argument);
    if (value === null)
      throw new Misfit("nil can't be enqueued: it is what an empty queue answers");
    return { f, value };
  }
  if (f !== "dequeue") throw new Misfit("a queue has enqueue and dequeue");
  if (!isCertain) return { f, value: undefined };
  return { f, value: valueOf(answer) };
}
