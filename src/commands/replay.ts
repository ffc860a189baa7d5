import { readFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import type { Argv, CommandModule } from "yargs";
import { EXIT, UsageError } from "../base/errors.ts";
import { openRun, type StoredRun } from "../store/open-run.ts";
import type { RunResults } from "../store/results.ts";
import { listenForInterrupt, runOnce, type ShowFlags } from "./run.ts";

type ReplayFlags = ShowFlags & { readonly run: string };

export const replayCommand: CommandModule<object, ReplayFlags> = {
  command: "replay <run>",
  describe:
    "the same run again: simulated ones to the byte, others with the same faults and operations",
  builder: (argv) =>
    argv
      .positional("run", {
        type: "string",
        demandOption: true,
        describe: 'A run\'s folder or "latest"',
      })
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
      }) as unknown as Argv<ReplayFlags>,
  handler: replay,
};

async function replay(flags: ReplayFlags): Promise<void> {
  const stored = openRun(flags.run, { resultsDir: flags.output });
  const { plan, id, historyPath } = stored;
  if (plan === undefined)
    throw new UsageError(`${flags.run} has no plan.json, so it can't be run again`);
  const before = readFileSync(historyPath);
  const command = `npx raftwreck replay ${id}`;
  const signal = listenForInterrupt();
  const { results, directory } = await runOnce({ plan, command, flags, signal });
  process.exitCode = results.exitCode;
  if (plan.environment !== "sim" || signal.aborted) return;
  const isSame = before.equals(readFileSync(path.join(directory, "history.jsonl")));
  process.stderr.write(`${comparison(stored, results, isSame)}\n`);
  if (isSame || stored.results?.interruptedBy) return;
  process.exitCode = EXIT.defect;
}

/** Was it the same run? One sentence. */
function comparison(stored: StoredRun, again: RunResults, isSame: boolean): string {
  const digest = again.simulation?.digest ?? "none";
  const first = stored.results?.simulation?.digest;
  if (isSame && (first === undefined || first === digest)) {
    return `the same run to the byte: digest ${digest}`;
  }
  const version = stored.results?.host.raftwreckVersion ?? "an unknown version";
  return (
    `not the same run: digest ${digest}, it was ${first ?? "not recorded"}; it was recorded by ` +
    `Raftwreck ${version}, this is ${again.host.raftwreckVersion}`
  );
}
