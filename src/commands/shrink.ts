import process from "node:process";
import type { Argv, CommandModule } from "yargs";
import type { CheckerRecord } from "../../checker/checker.ts";
import { parseDurationMs } from "../base/duration.ts";
import { UsageError } from "../base/errors.ts";
import { sameAs, seek } from "../run/seek.ts";
import { simulate, withDeviations, type Sought } from "../run/simulate.ts";
import { shrinkPlan, type Shrunk } from "../shrink/shrink-plan.ts";
import { sizeOf, sizeText } from "../shrink/size.ts";
import { storyOf, type Seen } from "../shrink/story.ts";
import { openRun, type StoredRun } from "../store/open-run.ts";
import type { TestPlan } from "../store/plan.ts";
import { chooseFinding, type Found } from "./choose-finding.ts";
import { listenForInterrupt, runOnce, type ShowFlags } from "./run.ts";

type ShrinkFlags = ShowFlags & {
  readonly run: string;
  readonly time: string;
  readonly property: string | undefined;
  readonly any: boolean;
};

export const shrinkCommand: CommandModule<object, ShrinkFlags> = {
  command: "shrink <run>",
  describe: "the fewest faults, operations and accidents that still lead to the same violation",
  builder: (argv) =>
    argv
      .positional("run", {
        type: "string",
        demandOption: true,
        describe: 'A run\'s folder or "latest"',
      })
      .option("time", {
        type: "string",
        default: "60",
        describe: "Search no longer than this; what was found until then counts",
      })
      .option("property", {
        type: "string",
        describe: "Keep a violation of this property (default: the first of the run)",
      })
      .option("any", {
        type: "boolean",
        default: false,
        describe: "Any violation will do, also of another property",
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
      }) as unknown as Argv<ShrinkFlags>,
  handler: shrink,
};

async function shrink(flags: ShrinkFlags): Promise<void> {
  const timeMs = parseDurationMs(flags.time, "s");
  if (timeMs === undefined || timeMs <= 0) {
    throw new UsageError(`--time ${flags.time}: write a duration such as 60, "90s" or "5m"`);
  }
  const stored = openRun(flags.run, { resultsDir: flags.output });
  const { plan, id } = stored;
  if (plan === undefined) {
    throw new UsageError(`${flags.run} has no plan.json, so it can't be run again and shrunk`);
  }
  const say = (text: string): void => {
    if (!flags.quiet) process.stderr.write(`${text}\n`);
  };
  const found = findingOf(stored, plan, flags.property);
  say(`shrinking ${id}: ${found.anomaly.sentence}`);
  const sought = flags.any ? ANY : sameAs(found);
  const full = plan.deviations === undefined ? withDeviations(plan) : plan;
  const startedAtMs = performance.now();
  const shrunk = shrinkPlan(full, {
    attempt: (candidate, onDeviation) => seek(candidate, sought, { onDeviation }),
    isTimeUp: () => performance.now() - startedAtMs > timeMs,
    onTry: progress(startedAtMs, say),
  });
  if (shrunk === undefined) {
    throw new UsageError(`${id} does not lead to the same violation once its chances are listed`);
  }
  const seconds = (performance.now() - startedAtMs) / 1000;
  const command = `npx raftwreck shrink ${id}`;
  const { results } = await runOnce({
    plan: shrunk.plan,
    command,
    flags: { ...flags, quiet: true },
    signal: listenForInterrupt(),
  });
  process.exitCode = results.exitCode;
  const text = [
    ...story(shrunk, sought),
    "",
    `from ${sizeText(sizeOf(full))} on ${plan.nodeCount} nodes`,
    `  to ${sizeText(sizeOf(shrunk.plan))} on ${shrunk.plan.nodeCount} in ${shrunk.tries} tries and ${seconds.toFixed(1)} s` +
      (shrunk.isDone ? "" : `; the time was up before everything was tried: --time takes more`),
    `replay it with  npx raftwreck replay ${results.id}`,
  ].join("\n");
  if (flags.json) process.stderr.write(`${text}\n`);
  else console.log(text);
}

const ANY: Sought = { isIt: () => true };

/** What is to be kept, as the run shows it today. */
function findingOf(
  { id, results }: StoredRun,
  plan: TestPlan,
  property: string | undefined,
): Found {
  const found = simulate(plan).checks.flatMap(({ checker, anomalies }) =>
    anomalies.map((anomaly) => ({ checker, anomaly })),
  );
  return chooseFinding({ id, plan, found, recorded: results?.checks ?? [], property });
}

/** How often is told how it goes. */
const PROGRESS_MS = 3000;

function progress(
  startedAtMs: number,
  say: (text: string) => void,
): (search: { readonly plan: TestPlan; readonly tries: number }) => void {
  let toldAtMs = startedAtMs;
  return ({ plan, tries }) => {
    const nowMs = performance.now();
    if (nowMs - toldAtMs < PROGRESS_MS) return;
    toldAtMs = nowMs;
    const seconds = Math.round((nowMs - startedAtMs) / 1000);
    say(`  ${seconds} s, ${tries} tries: ${sizeText(sizeOf(plan))} left`);
  };
}

function story({ plan }: Shrunk, sought: Sought): string[] {
  const deviations: Seen["deviations"][number][] = [];
  const records: CheckerRecord[] = [];
  const seen = seek(plan, sought, {
    onDeviation: (deviation, timeNs) => deviations.push({ deviation, timeNs }),
    onRecord: (record) => records.push(record),
  });
  if (seen === undefined) return [];
  return [
    "What is left:",
    ...storyOf({ plan, ...seen, deviations, records }),
    `=> ${seen.anomaly.sentence}`,
  ];
}
