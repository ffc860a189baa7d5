import type { Argv, CommandModule } from "yargs";
import { findProperty, PROPERTIES } from "../../checker/properties.ts";
import { didYouMean } from "../../nemesis/suggest.ts";
import { UsageError } from "../base/errors.ts";

interface ExplainFlags {
  readonly property: string;
}

export const explainCommand: CommandModule<object, ExplainFlags> = {
  command: "explain <property>",
  describe: "what a property means and where it comes from",
  builder: (argv) =>
    argv.positional("property", {
      type: "string",
      demandOption: true,
      describe: "As in raftwreck list",
    }) as unknown as Argv<ExplainFlags>,
  handler: ({ property }) => {
    const known = findProperty(property);
    if (known === undefined) {
      const ids = PROPERTIES.map(({ id }) => id);
      const suggestion = didYouMean(property, ids) || `; known are ${ids.join(", ")}`;
      throw new UsageError(`there is no property "${property}"${suggestion}`);
    }
    console.log(
      `${known.title}\n\n  ${known.rule}\n\n${known.explanation}\n\nSource: ${known.source}`,
    );
  },
};
