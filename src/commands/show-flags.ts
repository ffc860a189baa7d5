import type { Argv } from "yargs";
import type { ShowFlags } from "./run-settings.ts";

/** Declares how it is shown and where it is kept, for the commands that run a recorded run again. */
export function showFlags<T>(argv: Argv<T>): Argv<T & ShowFlags> {
  return argv
    .option("output", {
      alias: "o",
      type: "string",
      default: "results",
      describe: "Folder of the runs",
    })
    .option("json", { type: "boolean", default: false, describe: "Print the results as JSON" })
    .option("quiet", { alias: "q", type: "boolean", default: false, describe: "No progress" })
    .option("color", {
      type: "boolean",
      describe: "Colour in the terminal",
    }) as unknown as Argv<T & ShowFlags>;
}
