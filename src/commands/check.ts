import process from "node:process";
import type { Argv, CommandModule } from "yargs";
import { type Format, FORMATS } from "../../checker/formats/format.ts";
import { OBJECTS } from "../../checker/objects/objects.ts";
import { CONSISTENCY_MODELS, type ModelName } from "../../checker/transactions/models.ts";
import { renderEndBlock } from "../report/end-block.ts";
import { historyVerdictJson, renderHistoryVerdict } from "../report/history-verdict.ts";
import { chooseStyle, type TextStyle } from "../report/style.ts";
import { checkAgain } from "../run/check-again.ts";
import { checkHistory } from "../run/check-history.ts";
import { objectFor } from "../run/object-for.ts";
import { isOurs, STDIN } from "../store/history-text.ts";
import { bytesFlag, durationFlag } from "./flag-values.ts";

interface CheckFlags {
  readonly run: string;
  readonly output: string;
  readonly model: string | undefined;
  readonly independent: boolean | undefined;
  readonly consistency: ModelName | undefined;
  readonly format: Format | undefined;
  readonly checkTimeout: string;
  readonly checkMemory: string;
  readonly json: boolean;
  readonly color: boolean | undefined;
}

const OF_A_HISTORY = "Of a history by itself:";

export const checkCommand: CommandModule<object, CheckFlags> = {
  command: "check <run>",
  describe: "check a recorded run again, or any history: of Jepsen, Maelstrom, Porcupine, your own",
  builder: (argv) =>
    argv
      .positional("run", {
        type: "string",
        demandOption: true,
        describe: 'A run\'s folder, "latest", a history (also .gz), or "-" for standard input',
        // yargs makes "-" empty.
        coerce: (run: string) => (run === "" ? STDIN : run),
      })
      .option("model", {
        type: "string",
        describe: `What the history is about: ${OBJECTS.map(({ name }) => name).join(", ")} (told by its functions)`,
      })
      .option("independent", {
        type: "boolean",
        describe:
          "Each value is [key, value], and each key is judged by itself (told by its values)",
      })
      .option("consistency", {
        choices: CONSISTENCY_MODELS.map(({ name }) => name),
        describe: "What is promised of transactions (strict-serializable)",
      })
      .option("format", {
        choices: FORMATS,
        describe: "How the history is written (told by its content)",
      })
      .option("check-timeout", {
        alias: "time",
        type: "string",
        default: "60",
        describe: "What checking may take",
      })
      .option("check-memory", {
        alias: "memory",
        type: "string",
        default: "2gb",
        describe: "What it may keep in memory",
      })
      .group(
        ["model", "independent", "consistency", "format", "check-timeout", "check-memory"],
        OF_A_HISTORY,
      )
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
      })
      .example("$0 check store/latest", "what Jepsen or Maelstrom recorded")
      .example("$0 check history.edn --model cas-register", "") as unknown as Argv<CheckFlags>,
  handler: async (flags) => {
    const style = chooseStyle({
      color: flags.color,
      isTty: process.stdout.isTTY === true,
      env: process.env,
    });
    const { text, exitCode } = isRun(flags)
      ? await ofRun(flags, style)
      : await ofHistory(flags, style);
    console.log(text);
    process.exitCode = exitCode;
  },
};

interface Printed {
  readonly text: string;
  readonly exitCode: number;
}

/** Ours, unless something is asked for that only a history by itself can be asked. */
function isRun({ run, model, independent, consistency, format }: CheckFlags): boolean {
  return (
    [model, independent, consistency, format].every((flag) => flag === undefined) && isOurs(run)
  );
}

async function ofRun({ run, output, json }: CheckFlags, style: TextStyle): Promise<Printed> {
  const { results, summary } = await checkAgain(run, output);
  const text = json ? JSON.stringify(results) : renderEndBlock(summary, style);
  return { text, exitCode: results.exitCode };
}

async function ofHistory(flags: CheckFlags, style: TextStyle): Promise<Printed> {
  const checked = await checkHistory(flags.run, {
    object: flags.model === undefined ? undefined : objectFor(flags.model),
    isKeyed: flags.independent,
    consistency: flags.consistency,
    format: flags.format,
    checkTimeoutMs: durationFlag("check-timeout", flags.checkTimeout, "s"),
    checkMemoryBytes: bytesFlag("check-memory", flags.checkMemory),
  });
  const text = flags.json
    ? JSON.stringify(historyVerdictJson(checked))
    : renderHistoryVerdict(checked, style);
  return { text, exitCode: checked.exitCode };
}
