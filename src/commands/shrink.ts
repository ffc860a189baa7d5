import process from "node:process";
import type { Argv, CommandModule } from "yargs";
import { isCarriedBy, kindOf } from "../../nemesis/kinds.ts";
import { parseDurationMs } from "../base/duration.ts";
import { UsageError } from "../base/errors.ts";
import { sameAs, seek } from "../run/seek.ts";
import { simulate, type Sought } from "../run/simulate.ts";
import { DEFAULT_SIM_OPTIONS } from "../sim/options.ts";
import { openRun } from "../store/open-run.ts";
import type { TestPlan } from "../store/plan.ts";
import { loadWorkload } from "../workload/load-workload.ts";
import type { RunWorkload } from "../workload/run-workload.ts";
import { chooseFinding } from "./choose-finding.ts";
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
  const { plan, id, results } = stored;
  if (plan === undefined) {
    throw new UsageError(`${flags.run} has no plan.json, so it can't be run again and shrunk`);
  }
  const isSim = plan.environment === "sim";
  if (results === undefined && !isSim) {
    throw new UsageError(`${id} was never judged: raftwreck check ${id} first`);
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
  const sought = flags.any ? ANY : sameAs(found);
  const startedAtMs = performance.now();
  const isTimeUp = (): boolean => performance.now() - startedAtMs > timeMs;
  const job = { id, plan, workload, sought, flags, say, startedAtMs, isTimeUp };
  if (isSim) return shrinkSimulated(job);
  const simulated = findInSimulator(plan, sought, workload);
  if (simulated !== undefined) {
    say(`  seen in the simulator too, with the seed ${simulated.seed}: shrinking it there`);
    return shrinkSimulated({ ...job, plan: simulated });
  }
  say(
    `  not seen in ${SIMULATED_TRIES} simulated runs of the same faults: shrinking by running it again and again ` +
      `(${plan.environment}, ${flags.repeat} runs a try)`,
  );
  return shrinkByRepetition(job);
}

function timeFlag(text: string): number {
  const ms = parseDurationMs(text, "s");
  if (ms !== undefined && ms > 0) return ms;
  throw new UsageError(`--time ${text}: write a duration such as 60, "90s" or "5m"`);
}

const ANY: Sought = { isIt: () => true };

const SIMULATED_TRIES = 20;

/** Faults and workload of a run on real nodes, in the simulator with seed after seed until the same is seen there. */
function findInSimulator(
  plan: TestPlan,
  sought: Sought,
  workload: () => RunWorkload,
): TestPlan | undefined {
  const { schedule } = plan;
  const faults = schedule.faults.filter(({ fault }) => isCarriedBy("sim", kindOf(fault)));
  for (let i = 1; i <= SIMULATED_TRIES; i++) {
    const candidate: TestPlan = {
      ...plan,
      environment: "sim",
      attach: null,
      sim: DEFAULT_SIM_OPTIONS,
      seed: i === 1 ? plan.seed : `${plan.seed}-${i}`,
      schedule: { ...schedule, faults },
    };
    if (seek(candidate, sought, { workload }) !== undefined) return candidate;
  }
  return undefined;
}
