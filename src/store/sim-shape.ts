import * as z from "zod";
import { DEFAULT_SIM_OPTIONS, type SimOptions } from "../sim/options.ts";

/** The simulated world of a plan. What older versions did not know of it is as it is by default. */
export const simShape = z.looseObject({
  ...likeFields(DEFAULT_SIM_OPTIONS),
  // Of nothing between two heartbeats, or to wait for an answer, no cluster can make anything.
  timing: z.looseObject(likeFields(DEFAULT_SIM_OPTIONS.timing, z.number().positive())).prefault({}),
  rpcTimeoutMs: z.number().positive().default(DEFAULT_SIM_OPTIONS.rpcTimeoutMs),
  reads: z.enum(["round", "lease"] satisfies SimOptions["reads"][]).default("round"),
});

/** Anything of the kind of the usual value, and where there is nothing, that. */
function like(usual: unknown, number = z.number().nonnegative()): z.ZodType {
  if (Array.isArray(usual)) return z.array(number).length(usual.length).default(usual);
  if (typeof usual === "number") return number.default(usual);
  if (typeof usual === "boolean") return z.boolean().default(usual);
  if (typeof usual === "string") return z.string().default(usual);
  return z.looseObject(likeFields(usual as object)).prefault({});
}

function likeFields(usual: object, number?: z.ZodNumber): Record<string, z.ZodType> {
  const fields = Object.entries(usual);
  return Object.fromEntries(fields.map(([name, value]) => [name, like(value, number)]));
}
