import process from "node:process";
import type { Argv, CommandModule } from "yargs";
import { formatEdnOp, opOfKey } from "../../checker/formats/write-edn.ts";
import type { Op } from "../../checker/history.ts";
import { UsageError } from "../base/errors.ts";
import { PerfettoTimeline } from "../report/perfetto.ts";
import { openRun, type StoredRun } from "../store/open-run.ts";
import { inSlices } from "../store/records.ts";
import { readHistory } from "../store/history-file.ts";

interface ExportFlags {
  readonly run: string;
  readonly format: "edn" | "perfetto";
  readonly output: string;
  readonly key: string | undefined;
}

export const exportCommand: CommandModule<object, ExportFlags> = {
  command: "export <run>",
  describe: "a run for other tools: Jepsen's EDN for Knossos and Elle, or a timeline for Perfetto",
  builder: (argv) =>
    argv
      .positional("run", {
        type: "string",
        demandOption: true,
        describe: 'A run\'s folder, "latest", or a history.jsonl',
      })
      .option("format", {
        choices: ["edn", "perfetto"] as const,
        default: "edn",
        describe: "How to write it (perfetto: open it at ui.perfetto.dev)",
      })
      .option("key", {
        type: "string",
        describe: "Only this key, values without it: a cas-register of Knossos",
      })
      .option("output", {
        alias: "o",
        type: "string",
        default: "results",
        describe: "Folder of the runs (the export itself goes to stdout)",
      }) as unknown as Argv<ExportFlags>,
  handler: async ({ run, format, output, key }) => {
    const stored = openRun(run, { resultsDir: output });
    await (format === "edn" ? exportEdn(stored, key) : exportPerfetto(stored));
  },
};

async function exportEdn({ historyPath }: StoredRun, key: string | undefined): Promise<void> {
  let written = 0;
  for await (const ops of inSlices(readHistory(historyPath).ops)) {
    const lines = ops.flatMap((op) => lineOf(op, key));
    written += lines.length;
    if (lines.length > 0) await print(`${lines.join("\n")}\n`);
  }
  if (written > 0 || key === undefined) return;
  throw new UsageError(`${historyPath} has no operation on a key "${key}"`);
}

/** One JSON array, an event a line. */
async function exportPerfetto({ records }: StoredRun): Promise<void> {
  const timeline = new PerfettoTimeline();
  let separator = "[\n";
  const flush = async (): Promise<void> => {
    const lines = timeline.take().map((event) => JSON.stringify(event));
    if (lines.length === 0) return;
    await print(`${separator}${lines.join(",\n")}`);
    separator = ",\n";
  };
  for await (const slice of inSlices(records)) {
    for (const record of slice) timeline.observe(record);
    await flush();
  }
  timeline.finish();
  await flush();
  await print("\n]\n");
}

function lineOf(op: Op, key: string | undefined): string[] {
  const kept = key === undefined ? op : opOfKey(op, key);
  return kept ? [formatEdnOp(kept)] : [];
}

/** Waits where the reader is slower. */
async function print(text: string): Promise<void> {
  if (process.stdout.write(text)) return;
  await new Promise((resolve) => process.stdout.once("drain", resolve));
}
