import * as z from "zod";
import { DEFAULT_SIM_OPTIONS, type SimOptions } from "../sim/options.ts";

/** The simulated world of a plan. What older versions did not know of it is as it is by default. */
export const simShape = z.looseObject({
  ...likeFields(DEFAULT_SIM_OPTIONS),
  reads: z.enum(["round", "lease"] satisfies SimOptions["reads"][]).default("round"),
});

/** Anything of the kind of the usual value, and where there is nothing, that. */
function like(usual: unknown): z.ZodType {
  if (Array.isArray(usual))
    return z.array(z.number().nonnegative()).length(usual.length).default(usual);
  if (typeof usual === "number") return z.number().nonnegative().default(usual);
  if (typeof usual === "boolean") return z.boolean().default(usual);
  if (typeof usual === "string") return z.string().default(usual);
  return z.looseObject(likeFields(usual as object)).prefault({});
}

function likeFields(usual: object): Record<string, z.ZodType> {
  return Object.fromEntries(Object.entries(usual).map(([name, value]) => [name, like(value)]));
}
