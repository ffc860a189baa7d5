import process from "node:process";
import type { Argv, CommandModule } from "yargs";
import { checkAgain } from "../run/check-again.ts";
import { renderEndBlock } from "../report/end-block.ts";
import { chooseStyle } from "../report/style.ts";

interface CheckFlags {
  readonly run: string;
  readonly output: string;
  readonly json: boolean;
  readonly color: boolean | undefined;
}

export const checkCommand: CommandModule<object, CheckFlags> = {
  command: "check <run>",
  describe: "check a recorded run or history again, also one whose harness was killed",
  builder: (argv) =>
    argv
      .positional("run", {
        type: "string",
        demandOption: true,
        describe: 'A run\'s folder, "latest", or a history.jsonl',
      })
      .option("output", {
        alias: "o",
        type: "string",
        default: "results",
        describe: "Folder of the runs",
      })
      .option("json", { type: "boolean", default: false, describe: "Print the results as JSON" })
      .option("color", {
        type: "boolean",
        describe: "Colour in the terminal",
      }) as unknown as Argv<CheckFlags>,
  handler: async ({ run, output, json, color }) => {
    const { results, summary } = await checkAgain(run, output);
    const style = chooseStyle({ color, isTty: process.stdout.isTTY === true, env: process.env });
    console.log(json ? JSON.stringify(results) : renderEndBlock(summary, style));
    process.exitCode = results.exitCode;
  },
};
