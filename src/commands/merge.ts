import process from "node:process";
import type { Argv, CommandModule } from "yargs";
import { UsageError } from "../base/errors.ts";
import { exitCodeOf, mergeHunts, withFound } from "../hunt/summary.ts";
import { counted, endText } from "../hunt/text.ts";
import { chooseStyle } from "../report/style.ts";
import { writeIndexPage } from "../report/write-run.ts";
import { shortPath } from "../run/finish-run.ts";
import { gatherRuns } from "../store/gather.ts";
import { readFound } from "../store/found-file.ts";
import { readHunt, writeHunt, type HuntSummary } from "../store/hunt-file.ts";

interface MergeFlags {
  readonly dirs: string[];
  readonly output: string;
  readonly json: boolean;
  readonly color: boolean | undefined;
}

export const mergeCommand: CommandModule<object, MergeFlags> = {
  command: "merge <dirs..>",
  describe: "join the results of the shards of a hunt into one list and one summary",
  builder: (argv) =>
    argv
      .positional("dirs", {
        type: "string",
        array: true,
        demandOption: true,
        describe: "Results folders of the shards",
      })
      .option("output", {
        alias: "o",
        type: "string",
        default: "results",
        describe: "Folder of the joined runs",
      })
      .option("json", { type: "boolean", default: false, describe: "Print the summary as JSON" })
      .option("color", {
        type: "boolean",
        describe: "Colour in the terminal",
      }) as unknown as Argv<MergeFlags>,
  handler: ({ dirs, output, json, color }) => {
    const merged = mergeHunts(dirs.map(huntIn));
    for (const dir of dirs) gatherRuns(dir, output);
    writeIndexPage(output);
    writeHunt(output, merged);
    const style = chooseStyle({ color, isTty: process.stdout.isTTY === true, env: process.env });
    const text = endText(merged, shortPath(output) || ".", style);
    console.log(json ? JSON.stringify(merged) : text);
    process.exitCode = exitCodeOf(merged);
  },
};

function huntIn(dir: string): HuntSummary {
  const hunt = readHunt(dir);
  const found = readFound(dir);
  if (hunt !== undefined) return withFound(hunt, found);
  const [first] = found;
  throw new UsageError(
    first === undefined
      ? `${dir} has no hunt.json: give results folders of \`raftwreck hunt --shard … -o FOLDER\``
      : `${dir} has no hunt.json, since its hunt was killed or goes on; it has found ${counted(found.length, "bug")}, ` +
          `the first with \`${first.again}\`: run that shard again`,
  );
}
