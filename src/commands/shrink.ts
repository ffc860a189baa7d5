import process from "node:process";
import type { Argv, CommandModule } from "yargs";
import { parseDurationMs } from "../base/duration.ts";
import { UsageError } from "../base/errors.ts";
import { simulate } from "../run/simulate.ts";
import { openRun } from "../store/open-run.ts";
import { loadWorkload } from "../workload/load-workload.ts";
import { chooseFinding } from "./choose-finding.ts";
import { listenForInterrupt } from "./run.ts";
import { planAgain } from "./plan-again.ts";
import { runArgument } from "./run-argument.ts";
import { isSimulatable, SIMULATED_TRIES, soughtOf } from "./shrink-search.ts";
import { shrinkByRepetition } from "./shrink-by-repetition.ts";
import type { ShrinkFlags } from "./shrink-job.ts";
import { shrinkSimulated } from "./shrink-simulated.ts";
import { countFlag } from "./flag-values.ts";
import { showFlags } from "./show-flags.ts";

export const shrinkCommand: CommandModule<object, ShrinkFlags> = {
  command: "shrink <run>",
  describe: "the fewest faults, operations and accidents that still lead to the same violation",
  builder: (argv) =>
    showFlags(
      argv
        .positional("run", {
          type: "string",
          demandOption: true,
          describe: 'A run\'s folder or "latest"',
        })
        .option("time", {
          type: "string",
          describe:
            "Search no longer than this; what was found until then counts (default: 60 s; 10 min on real nodes)",
        })
        .option("repeat", {
          type: "number",
          default: 3,
          describe: "On real nodes: run each candidate up to so many times before it is given up",
        })
        .option("property", {
          type: "string",
          describe: "Keep a violation of this property (default: the first of the run)",
        })
        .option("any", {
          type: "boolean",
          default: false,
          describe: "Any violation will do, also of another property",
        }),
    ) as unknown as Argv<ShrinkFlags>,
  handler: shrink,
};

async function shrink(flags: ShrinkFlags): Promise<void> {
  const stored = openRun(flags.run, { resultsDir: flags.output });
  const { id, dir, results } = stored;
  const plan = planAgain(stored);
  const isSim = plan.environment === "sim";
  if (results === undefined && !isSim) {
    throw new UsageError(`${id} was never judged: npx raftwreck check ${runArgument(dir)} first`);
  }
  const timeMs = timeFlag(flags.time ?? (isSim ? "60s" : "10m"));
  countFlag("repeat", flags.repeat);
  const say = (text: string): void => {
    if (!flags.quiet) process.stderr.write(`${text}\n`);
  };
  // As it was recorded, or if the run was never judged, as it is today.
  const workload = await loadWorkload(plan.workload);
  const checks = results?.checks ?? simulate(plan, { workload }).checks;
  const found = chooseFinding({ id, plan, checks, property: flags.property });
  say(`shrinking ${id}: ${found.anomaly.sentence}`);
  const sought = soughtOf(flags.any ? null : found);
  const interrupt = listenForInterrupt("keeping the smallest so far");
  const startedAtMs = performance.now();
  const job = {
    id,
    dir,
    plan,
    workload,
    found,
    sought,
    flags,
    interrupt,
    say,
    startedAtMs,
    timeMs,
  };
  if (await shrinkSimulated(job)) return;
  const why = isSimulatable(plan)
    ? `not seen in ${SIMULATED_TRIES} simulated runs of the same faults`
    : `${plan.system} can't be simulated`;
  say(
    `  ${why}: shrinking by running it again and again (${plan.environment}, ${flags.repeat} runs a try)`,
  );
  return shrinkByRepetition(job);
}

function timeFlag(text: string): number {
  const ms = parseDurationMs(text, "s");
  if (ms !== undefined && ms > 0) return ms;
  throw new UsageError(
    `--time ${text}: write a duration such as 60, "90s" or "5m", 24 days at most`,
  );
}
