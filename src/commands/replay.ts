import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import type { Argv, CommandModule } from "yargs";
import { EXIT, UsageError } from "../base/errors.ts";
import { compareReplay } from "../run/compare-replay.ts";
import { withDeviations } from "../run/simulate.ts";
import { formatScheduleFile } from "../sim/schedule-file.ts";
import { diskTrouble } from "../store/disk-trouble.ts";
import { openRun, type StoredRun } from "../store/open-run.ts";
import type { TestPlan } from "../store/plan.ts";
import type { RunResults } from "../store/results.ts";
import { loadWorkload } from "../workload/load-workload.ts";
import { flagsOfPlan } from "./flags-of-plan.ts";
import { inspect, type InspectFlags } from "./inspect.ts";
import { listenForInterrupt, runOnce } from "./run.ts";
import { quote } from "./quote.ts";
import { makeReady } from "./make-ready.ts";
import { planAgain } from "./plan-again.ts";
import { runArgument } from "./run-argument.ts";
import type { ShowFlags } from "./run-settings.ts";
import { showFlags } from "./show-flags.ts";

type ReplayFlags = ShowFlags &
  InspectFlags & {
    readonly run: string;
    readonly repeat: number;
    readonly deviations: string | undefined;
  };

export const replayCommand: CommandModule<object, ReplayFlags> = {
  command: "replay <run>",
  describe:
    "the same run again: simulated ones to the byte, others with the same faults and operations",
  builder: (argv) =>
    showFlags(
      argv
        .positional("run", {
          type: "string",
          demandOption: true,
          describe: 'A run\'s folder or "latest"',
        })
        .option("until", {
          type: "string",
          describe: "Stop a simulated run at this moment since its start, and look into it",
        })
        .option("inspect", {
          type: "boolean",
          default: false,
          describe: "Print every node's state, log, and the messages in flight (with --until)",
        })
        .option("step", {
          type: "string",
          describe:
            "Go on event by event: so many, or without a number as often as Enter is pressed",
        })
        .option("deviations", {
          type: "string",
          describe:
            "Write a simulated run's faults and all that chance decided into this schedule file",
        })
        .option("repeat", {
          type: "number",
          default: 1,
          describe: "Run it so many times, and say how often it came to the same",
        }),
    ) as unknown as Argv<ReplayFlags>,
  handler: replay,
};

async function replay(flags: ReplayFlags): Promise<void> {
  const stored = openRun(flags.run, { resultsDir: flags.output });
  const { dir, historyPath } = stored;
  const plan = planAgain(stored);
  if (flags.deviations !== undefined) return await listDeviations(dir, plan, flags.deviations);
  if (flags.until !== undefined || flags.inspect || flags.step !== undefined) {
    return inspect(plan, flags);
  }
  if (!(Number.isInteger(flags.repeat) && flags.repeat >= 1)) {
    throw new UsageError(`--repeat ${flags.repeat}: write a whole number of at least 1`);
  }
  await makeReady(plan);
  if (flags.repeat > 1) return replayOften(stored, plan, flags);
  const before = readFileSync(historyPath);
  const command = `npx raftwreck replay ${runArgument(dir)}`;
  const interrupt = listenForInterrupt();
  const { results, directory } = await runOnce({ plan, command, flags, interrupt });
  process.exitCode = results.exitCode;
  if (plan.environment !== "sim" || interrupt.signal.aborted) return;
  const history = readFileSync(path.join(directory, "history.jsonl"));
  const { isDefect, text } = compareReplay(
    { history: before, results: stored.results },
    { history, results },
  );
  process.stderr.write(`${text}\n`);
  if (isDefect) process.exitCode = EXIT.defect;
}

/** The same faults and operations again and again: how often they lead to what they led to. */
async function replayOften(
  { dir, results: first }: StoredRun,
  plan: TestPlan,
  flags: ReplayFlags,
): Promise<void> {
  if (plan.environment === "sim") {
    throw new UsageError("a simulated run is the same every time: leave --repeat out");
  }
  const wanted = first === undefined ? [] : propertiesOf(first);
  const interrupt = listenForInterrupt();
  let count = 0;
  let hits = 0;
  while (count < flags.repeat && !interrupt.signal.aborted) {
    const command = `npx raftwreck replay ${runArgument(dir)}`;
    const { results } = await runOnce({ plan, command, flags, interrupt });
    if (results.interruptedBy !== null) break;
    count++;
    if (isHit(wanted, propertiesOf(results))) hits++;
    process.exitCode = results.exitCode;
  }
  const what = wanted.length === 0 ? "no violation" : wanted.join(", ");
  const share = count === 0 ? 0 : Math.round((hits / count) * 100);
  process.stderr.write(`${what}: in ${hits} of ${count} runs (${share} %)\n`);
}

function propertiesOf({ checks }: RunResults): string[] {
  return [...new Set(checks.flatMap(({ anomalies }) => anomalies.map(({ property }) => property)))];
}

/** Something of what was found the first time, or nothing if nothing was. */
function isHit(wanted: readonly string[], found: readonly string[]): boolean {
  if (wanted.length === 0) return found.length === 0;
  return wanted.some((property) => found.includes(property));
}

async function listDeviations(dir: string, plan: TestPlan, file: string): Promise<void> {
  if (plan.environment !== "sim") {
    throw new UsageError(
      `this run was made in the environment ${plan.environment}: what chance decided is known of simulated ones only`,
    );
  }
  const { schedule, deviations = [] } = withDeviations(plan, await loadWorkload(plan.workload));
  try {
    writeFileSync(file, formatScheduleFile({ schedule, deviations }));
  } catch (error) {
    throw diskTrouble(error, "write", file);
  }
  const flags = flagsOfPlan(plan);
  const again =
    flags === undefined
      ? "its network, disks and clocks were drawn, and no flags lead to them; run it again with\n" +
        `  npx raftwreck replay ${runArgument(dir)}`
      : "run it with\n" +
        `  npm run chaos -- --environment sim --schedule ${quote(file)} ${flags.join(" ")}`;
  process.stderr.write(
    `${file}: ${schedule.faults.length} faults, ${deviations.length} deviations; ${again}\n`,
  );
}
