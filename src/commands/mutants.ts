import os from "node:os";
import process from "node:process";
import type { Argv, CommandModule } from "yargs";
import { didYouMean } from "../../nemesis/suggest.ts";
import { CANARY, EQUIVALENT_MUTANTS, MUTANTS, type Mutant } from "../../node/mutants/mutants.ts";
import { EXIT, UsageError } from "../base/errors.ts";
import { type Catalogue, tryCatalogue } from "../hunt/catalogue.ts";
import { STRATEGIES, type Strategy } from "../hunt/explorer.ts";
import { equivalentText, matrixMarkdown, matrixText } from "../hunt/matrix-text.ts";
import { WorkerPool } from "../hunt/pool.ts";
import { counted } from "../hunt/text.ts";
import { chooseStyle } from "../report/style.ts";
import { oneOf } from "./flag-complaint.ts";
import { huntArea } from "./hunt-area.ts";
import { countFlag, durationFlag } from "./flag-values.ts";
import { listenForInterrupt } from "./run.ts";

interface MutantsFlags {
  readonly ids: string[];
  readonly repeat: number;
  readonly budget: number;
  readonly clientBudget: number;
  readonly explore: Strategy;
  readonly duration: string;
  readonly workers: number | undefined;
  readonly seedTimeout: string;
  readonly json: boolean;
  readonly markdown: boolean;
  readonly quiet: boolean;
  readonly color: boolean | undefined;
}

export const mutantsCommand: CommandModule<object, MutantsFlags> = {
  command: "mutants [ids..]",
  describe: "see which checker catches each seeded bug in the simulator, and how soon",
  builder: (argv) =>
    argv
      .positional("ids", {
        type: "string",
        array: true,
        default: [],
        describe: "Only these (default: the whole catalogue)",
      })
      .option("repeat", {
        type: "number",
        default: 1,
        describe: "Trials of each, with other seeds every time",
      })
      .option("budget", {
        type: "number",
        default: 600,
        describe: "Seeds that the checker which a bug names has to catch it",
      })
      .option("client-budget", {
        type: "number",
        default: 40,
        describe: "Seeds that the clients' history alone has",
      })
      .option("explore", {
        type: "string",
        default: "swarm",
        describe: `${STRATEGIES.slice(0, -1).join(", ")} or ${STRATEGIES.at(-1)}, as of hunt`,
      })
      .option("duration", {
        alias: "d",
        type: "string",
        default: "20",
        describe: "Simulated time of load and faults in each run",
      })
      .option("workers", {
        type: "number",
        defaultDescription: "one a core",
        describe: "Threads that run seeds",
      })
      .option("seed-timeout", {
        type: "string",
        default: "60",
        describe: "A seed that takes longer than this of the host's time hangs",
      })
      .option("json", { type: "boolean", default: false, describe: "Print the matrix as JSON" })
      .option("markdown", {
        type: "boolean",
        default: false,
        describe: "Print the table of the README",
      })
      .option("quiet", { alias: "q", type: "boolean", default: false, describe: "No progress" })
      .option("color", {
        type: "boolean",
        describe: "Colour in the terminal",
      }) as unknown as Argv<MutantsFlags>,
  handler: mutantsHandler,
};

async function mutantsHandler(flags: MutantsFlags): Promise<void> {
  const mutants = flags.ids.length === 0 ? MUTANTS : flags.ids.map(mutantOf);
  const repeat = countFlag("repeat", flags.repeat);
  oneOf("explore", flags.explore, STRATEGIES);
  const budget = {
    explore: flags.explore,
    seeds: countFlag("budget", flags.budget),
    clientSeeds: countFlag("client-budget", flags.clientBudget),
    durationMs: durationFlag("duration", flags.duration, "s"),
  };
  const size = countFlag("workers", flags.workers ?? os.availableParallelism());
  const deadlineMs = durationFlag("seed-timeout", flags.seedTimeout, "s");
  const { signal } = listenForInterrupt("ending the trials and reporting what they came to");
  const trialCount = mutants.length * repeat;
  let [done, caught] = [0, 0];
  const area = huntArea(flags.quiet, (elapsed) =>
    [
      elapsed,
      `${done} of ${counted(trialCount, "trial")} over`,
      `caught ${caught}`,
      counted(size, "worker"),
    ].join(" · "),
  );
  let catalogue: Catalogue;
  {
    await using prober = new WorkerPool({ size, deadlineMs });
    signal.addEventListener("abort", () => prober.drop({ atOnce: true }));
    catalogue = await tryCatalogue({
      mutants,
      budget,
      repeat,
      prober,
      onTrial: ({ named, isWhole }) => {
        if (!isWhole) return;
        done++;
        if (named !== null) caught++;
      },
    }).finally(() => area.close());
  }
  tell(catalogue, flags);
  process.exitCode = exitCodeOf(catalogue, signal);
}

function tell(catalogue: Catalogue, { ids, json, markdown, color }: MutantsFlags): void {
  const { rows, isAlive, cleanSeeds } = catalogue;
  const style = chooseStyle({ color, isTty: process.stdout.isTTY === true, env: process.env });
  if (json) {
    const equivalent = EQUIVALENT_MUTANTS.map(({ id, mechanism, source, reason }) => ({
      id,
      mechanism,
      source,
      reason,
    }));
    return console.log(JSON.stringify({ ...catalogue, equivalent }));
  }
  if (markdown) return console.log(matrixMarkdown(rows));
  if (!isAlive) {
    return console.log(
      `\n${style.bad(`${style.glyph.invalid} the canary`)} (${CANARY.mechanism}) was not caught: whatever else is ` +
        "caught or not says nothing",
    );
  }
  const tried = rows.filter(({ trialCount }) => trialCount > 0);
  const caught = tried.filter(({ named }) => named.caught > 0).length;
  const clean = `${counted(cleanSeeds, "seed")} of the correct node beside them`;
  console.log(
    `${matrixText(rows, style)}\n\n  ${caught} of ${tried.length} caught by the checker that they name; ${clean}\n`,
  );
  if (ids.length === 0) console.log(`${equivalentText(EQUIVALENT_MUTANTS, style)}\n`);
}

function exitCodeOf({ rows, isAlive }: Catalogue, signal: AbortSignal): number {
  if (!isAlive) return EXIT.defect;
  if (rows.some(({ remarks }) => remarks.length > 0)) return EXIT.invalid;
  if (!signal.aborted) return EXIT.valid;
  return signal.reason === "SIGTERM" ? EXIT.terminated : EXIT.interrupted;
}

function mutantOf(id: string): Mutant {
  const mutant = MUTANTS.find((candidate) => candidate.id === id);
  if (mutant !== undefined) return mutant;
  const ids = MUTANTS.map((known) => known.id);
  throw new UsageError(
    `there is no seeded bug "${id}"${didYouMean(id, ids) || "; raftwreck list shows them"}`,
  );
}
