import { randomBytes } from "node:crypto";
import process from "node:process";
import type { CommandModule } from "yargs";
import { EXIT, UsageError } from "../base/errors.ts";
import { isOnLinks, kindOf } from "../../nemesis/kinds.ts";
import { type AttachOffer, lookAtProject } from "../environment/attach.ts";
import { chooseEnvironment } from "../environment/choose.ts";
import { cleanLeftovers } from "../environment/leftovers.ts";
import { renderEndBlock } from "../report/end-block.ts";
import { appendGithubSummary, githubAnnotations } from "../report/github.ts";
import { chooseStyle } from "../report/style.ts";
import { createTerminal } from "../report/terminal.ts";
import { Display } from "../run/display.ts";
import type { FinishedRun } from "../run/finish-run.ts";
import { createPlan } from "../run/plan.ts";
import { runTest } from "../run/run-test.ts";
import type { TestPlan } from "../store/plan.ts";
import { loadSystem } from "../system/load-system.ts";
import { openUi, STOPPED_BY_HAND, type UiFlags } from "./ui.ts";
import {
  checkEnvironmentFlag,
  choicesFrom,
  mutantFlag,
  type RunFlags,
  runFlags,
} from "./run-flags.ts";
import { systemOptions } from "./system-flags.ts";

export const EPILOGUE = `Examples:
  npm run chaos -- --duration 300                  five nodes, partitions, latency and crashes for five minutes
  npm run chaos -- --nemesis all --seed 7f3a91     every kind of fault, drawn from a seed
  npm run chaos -- --schedule faults.yaml          your own faults at your own times
  npm run chaos -- --environment sim --duration 300
                                                   the same in one process, in virtual time: seconds, and exactly
                                                   the same again from the same seed
  npm run chaos -- --mutant vote-twice --expect violation
                                                   prove that a seeded bug is caught
Durations without a unit are seconds; 500ms, 10s, 5m, 1h work everywhere.
Exit codes: 0 safe and the chaos bit · 1 safety violation · 2 unknown · 3 below --availability
            64 usage · 69 environment · 70 our defect · 78 configuration · 130 interrupted`;

export const runCommand: CommandModule<object, RunFlags> = {
  command: ["run", "$0"],
  describe: "start a cluster, wreck it, and check what it promised (the default)",
  builder: runFlags,
  handler: runHandler,
};

async function runHandler(flags: RunFlags): Promise<void> {
  if (!Number.isInteger(flags.repeat) || flags.repeat < 1)
    throw new UsageError(`--repeat ${flags.repeat}: write 1 or more`);
  if (flags.repeat > 1 && flags.seed !== undefined) {
    throw new UsageError("--repeat draws a new seed for each run, so it does not go with --seed");
  }
  checkEnvironmentFlag(flags);
  const cleaned = cleanLeftovers();
  if (cleaned > 0)
    process.stderr.write(`ended ${cleaned} processes that a killed run had left behind\n`);
  const mutant = flags.mutant === undefined ? null : mutantFlag(flags.mutant);
  const system = await loadSystem({
    system: flags.system,
    systemOptions: systemOptions(flags),
    mutant,
  });
  const { environment, offer, notes } = await choose(flags);
  for (const note of notes) process.stderr.write(`${note}\n`);
  const interrupt = listenForInterrupt();
  for (let i = 0; i < flags.repeat && process.exitCode !== EXIT.interrupted; i++) {
    const seed = flags.seed ?? randomBytes(4).toString("hex");
    const attached = offer?.nodeCount;
    const plan = createPlan(choicesFrom(flags, { seed, environment, attached, system }));
    if (offer?.hasProxies === false) refuseLinkFaults(plan);
    const command = commandOf(plan, process.argv.slice(2));
    const finished = await runOnce({ plan, command, flags, watching: flags, interrupt });
    process.exitCode = finished.results.exitCode;
    if (finished.results.exitCode !== EXIT.valid) return;
  }
}

/** Where the nodes are to run, or what there is to attach to. */
async function choose(flags: RunFlags): Promise<{
  readonly environment: TestPlan["environment"];
  readonly offer: AttachOffer | undefined;
  readonly notes: readonly string[];
}> {
  if (flags.system !== "raftwreck") return { environment: "local", offer: undefined, notes: [] };
  if (flags.attach !== undefined) {
    const offer = await lookAtProject(flags.attach);
    return { environment: "docker", offer, notes: [offer.note] };
  }
  const { name: environment, notes } = await chooseEnvironment(flags.environment);
  return { environment, offer: undefined, notes };
}

function refuseLinkFaults({ schedule }: TestPlan): void {
  const kinds = new Set(schedule.faults.map(({ fault }) => kindOf(fault)).filter(isOnLinks));
  if (kinds.size === 0) return;
  throw new UsageError(
    `${[...kinds].join(", ")}: needs a service toxiproxy in the project; without it there are --nemesis kill,pause`,
  );
}

/** How a run is shown and where it is kept. */
export type ShowFlags = Pick<RunFlags, "output" | "quiet" | "json" | "color">;

/** One run with everything that is said about it, before and after. */
export async function runOnce({
  plan,
  command,
  flags,
  watching,
  interrupt,
}: {
  readonly plan: TestPlan;
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
  { json, color }: Pick<RunFlags, "json" | "color">,
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

/** The given command, with the seed where it was drawn. */
function commandOf(plan: TestPlan, argv: readonly string[]): string {
  const given = argv.filter((word, i) => {
    const isRepeat = (text: string | undefined): boolean => text === "--repeat";
    return !isRepeat(word) && !isRepeat(argv[i - 1]) && !word.startsWith("--repeat=");
  });
  const hasSeed = given.some((word) => word === "--seed" || word.startsWith("--seed="));
  const words = hasSeed ? given : [...given, "--seed", plan.seed];
  return `npm run chaos -- ${words.map(quote).join(" ")}`;
}

function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
