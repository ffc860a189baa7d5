import { randomBytes } from "node:crypto";
import process from "node:process";
import type { CommandModule } from "yargs";
import { EXIT, UsageError } from "../base/errors.ts";
import { renderEndBlock } from "../report/end-block.ts";
import { appendGithubSummary, githubAnnotations } from "../report/github.ts";
import { chooseStyle } from "../report/style.ts";
import { createTerminal } from "../report/terminal.ts";
import { Display } from "../run/display.ts";
import type { FinishedRun } from "../run/finish-run.ts";
import { type PreparedTest, prepareTest } from "../run/prepare-test.ts";
import { runTest } from "../run/run-test.ts";
import type { TestPlan } from "../store/plan.ts";
import { portFlag } from "./flag-values.ts";
import { endLeftovers } from "./make-ready.ts";
import { configText } from "./print-config.ts";
import { quote } from "./quote.ts";
import { type RunFlags, runFlags } from "./run-flags.ts";
import { FLAG_WORDING, type ShowFlags, testOptions, type UiFlags } from "./run-settings.ts";
import { settle } from "./settle.ts";
import { openUi, STOPPED_BY_HAND } from "./ui.ts";

export const EPILOGUE = `Examples:
  npm run chaos -- --duration 300                  five nodes, partitions, latency and crashes for five minutes
  npm run chaos -- --nemesis all --seed 7f3a91     every usual kind of fault, drawn from a seed
  npm run chaos -- --schedule faults.yaml          your own faults at your own times
  npm run chaos -- --environment sim --duration 300
                                                   the same in one process, in virtual time: seconds, and exactly
                                                   the same again from the same seed
  npm run chaos -- --mutant vote-twice --expect violation
                                                   prove that a seeded bug is caught
Durations without a unit are seconds, of --operation-timeout milliseconds; 500ms, 10s, 5m, 1h work everywhere.
Exit codes: 0 safe and the chaos bit, or the expected violation · 1 violation, or the expected one was not found
            2 unknown · 3 below --availability · 64 usage · 69 environment · 70 our defect
            78 configuration · 130, 143 interrupted`;

export const runCommand: CommandModule<object, RunFlags> = {
  command: ["run", "$0"],
  describe: "start a cluster, wreck it, and check what it promised (the default)",
  builder: runFlags,
  handler: runHandler,
};

async function runHandler(flags: RunFlags): Promise<void> {
  const settled = await settle(flags);
  if (flags.printConfig === true) return console.log(configText(settled));
  const { settings } = settled;
  const { repeat, seed: given } = settings;
  if (!Number.isInteger(repeat) || repeat < 1) {
    throw new UsageError(`--repeat ${repeat}: write 1 or more`);
  }
  if (given === "") throw new UsageError("--seed: write any text that is not empty");
  if (repeat > 1 && given !== undefined) {
    throw new UsageError("--repeat draws a new seed for each run, so it does not go with --seed");
  }
  portFlag("ui-port", settings.uiPort);
  endLeftovers();
  const prepared = await prepareTest(testOptions(settings), FLAG_WORDING);
  for (const note of prepared.notes) process.stderr.write(`${note}\n`);
  const interrupt = listenForInterrupt();
  for (let i = 0; i < repeat && process.exitCode !== EXIT.interrupted; i++) {
    const plan = prepared.planFor(given ?? randomBytes(4).toString("hex"));
    const command = commandOf(plan, process.argv.slice(2));
    const how = { flags: settings, watching: settings, interrupt };
    const { results } = await runOnce({ plan, prepared, command, ...how });
    process.exitCode = results.exitCode;
    if (results.exitCode !== EXIT.valid) return;
  }
}

/** One run with everything that is said about it, before and after. */
export async function runOnce({
  plan,
  prepared,
  command,
  flags,
  watching,
  interrupt,
}: {
  readonly plan: TestPlan;
  /** What was loaded for it already; absent: the plan says where it is. */
  readonly prepared?: Pick<PreparedTest, "system" | "workload" | "ownFaults">;
  readonly command: string;
  readonly flags: ShowFlags;
  /** Absent: nobody is to watch it in a browser. */
  readonly watching?: UiFlags;
  readonly interrupt: Interrupt;
}): Promise<FinishedRun> {
  const { color } = flags;
  const terminal = createTerminal({
    sink: process.stderr,
    env: process.env,
    color,
    nowMs: () => performance.now(),
    quiet: flags.quiet,
  });
  terminal.line(`${describePlan(plan)}\n  again: ${command}`);
  await using ui =
    watching && (await openUi(plan, { ...watching, output: flags.output }, interrupt));
  if (ui !== undefined) terminal.line(`  watch: ${ui.url}`);
  const display = new Display(ui === undefined ? [terminal] : [terminal, ui.run], plan);
  try {
    const finished = await runTest({
      plan,
      system: prepared?.system,
      workload: prepared?.workload,
      ownFaults: prepared?.ownFaults,
      resultsDirectory: flags.output,
      command,
      display,
      signal: interrupt.signal,
    });
    display.close();
    tell(finished, flags);
    await ui?.finish(finished);
    return finished;
  } finally {
    display.close();
  }
}

/** The result, on stdout; for GitHub Actions its summary and annotations as well. */
function tell(
  { results, summary }: FinishedRun,
  { json, color }: Pick<ShowFlags, "json" | "color">,
): void {
  const isTty = process.stdout.isTTY === true;
  const style = chooseStyle({ color, isTty, env: process.env });
  console.log(json ? JSON.stringify(results) : renderEndBlock(summary, style));
  if (process.env["GITHUB_ACTIONS"] !== "true") return;
  for (const line of githubAnnotations(summary)) console.log(line);
  const trouble = appendGithubSummary(summary, process.env);
  if (trouble !== undefined) process.stderr.write(`${trouble}\n`);
}

/** What ends a run in good order. */
export interface Interrupt {
  /** Its reason is the signal's name, or that somebody stopped it from the page. */
  readonly signal: AbortSignal;
  readonly stop: () => void;
}

/** The first signal ends it in good order, which is `doing`; a second one at once. */
export function listenForInterrupt(doing = "healing, checking and reporting"): Interrupt {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => {
      if (controller.signal.aborted)
        process.exit(name === "SIGINT" ? EXIT.interrupted : EXIT.terminated);
      process.stderr.write(`\n${name}: ${doing}; once more to stop at once\n`);
      controller.abort(name);
    });
  }
  return { signal: controller.signal, stop: () => controller.abort(STOPPED_BY_HAND) };
}

function describePlan(plan: TestPlan): string {
  const faults =
    plan.nemesis.length > 0
      ? plan.nemesis.join(", ")
      : `${plan.schedule.faults.length} scheduled faults`;
  const mutant = plan.mutant === null ? "" : `, seeded bug ${plan.mutant}`;
  const system = plan.system === "raftwreck" ? "" : ` of ${plan.system}`;
  return `${plan.nodeCount} nodes${system} (${plan.environment}), ${plan.durationMs / 1000} s, workload ${plan.workload.name} at ${plan.workload.rate}/s, faults: ${faults || "none"}${mutant}, seed ${plan.seed}`;
}

/** As it is started in a checkout, and where it is installed. */
const START = import.meta.url.includes("/node_modules/") ? "npx raftwreck" : "npm run chaos --";

/** The given command, with the seed where it was drawn. */
function commandOf(plan: TestPlan, argv: readonly string[]): string {
  const given = argv.filter((word, i) => {
    const isRepeat = (text: string | undefined): boolean => text === "--repeat";
    return !isRepeat(word) && !isRepeat(argv[i - 1]) && !word.startsWith("--repeat=");
  });
  const hasSeed = given.some((word) => word === "--seed" || word.startsWith("--seed="));
  const words = hasSeed ? given : [...given, "--seed", plan.seed];
  return `${START} ${words.map(quote).join(" ")}`;
}
