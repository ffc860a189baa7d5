import process from "node:process";
import type { CommandModule } from "yargs";
import { EnvironmentError } from "../base/errors.ts";
import { createExplorer } from "../hunt/explorer.ts";
import { hunt, HuntLog, type Cause } from "../hunt/hunt.ts";
import { WorkerPool } from "../hunt/pool.ts";
import { formatSeeds, seedsOf } from "../hunt/seeds.ts";
import { exitCodeOf, summaryOfCause, summaryOfUndecided } from "../hunt/summary.ts";
import { counted, endText, progressText } from "../hunt/text.ts";
import { chooseStyle } from "../report/style.ts";
import { createTerminal } from "../report/terminal.ts";
import { Display } from "../run/display.ts";
import { shortPath } from "../run/finish-run.ts";
import { runTest } from "../run/run-test.ts";
import { FoundFile } from "../store/found-file.ts";
import { type HuntCause, type HuntSummary, removeHunt, writeHunt } from "../store/hunt-file.ts";
import { againCommand } from "./hunt-again.ts";
import { huntArea } from "./hunt-area.ts";
import { type HuntChoices, huntChoices, huntFlags, type HuntFlags } from "./hunt-flags.ts";
import { listenForInterrupt } from "./run.ts";

export const huntCommand: CommandModule<object, HuntFlags> = {
  command: "hunt",
  describe: "try many seeds in the simulator, on all cores, until something is found",
  builder: huntFlags,
  handler: huntHandler,
};

async function huntHandler(flags: HuntFlags): Promise<void> {
  const choices = await huntChoices(flags);
  const { workers, seedTimeoutMs } = choices;
  const style = (stream: NodeJS.WriteStream) =>
    chooseStyle({ color: flags.color, isTty: stream.isTTY === true, env: process.env });
  if (!flags.quiet) process.stderr.write(`${announcement(choices)}\n`);
  const { signal } = listenForInterrupt("ending the hunt and reporting what it found");
  const startedAt = new Date();
  const log = new HuntLog({ wanted: choices.find });
  using found = new FoundFile(flags.output, startedAt);
  removeHunt(flags.output);
  {
    await using pool = new WorkerPool({ size: workers, deadlineMs: seedTimeoutMs });
    const onCause = (cause: Cause): void => found.append(causeSummary(cause, choices, null));
    await huntWithin({ choices, flags, log, pool, signal, onCause });
  }
  const hostMs = Date.now() - startedAt.getTime();
  const causes = await recordCauses(log.causes, { choices, flags, signal });
  const summary = summaryOf({ log, choices, causes, startedAt, hostMs, signal });
  const isWritten = await unlessRefused(() => {
    writeHunt(flags.output, summary);
    return true;
  });
  if (isWritten === true) found.release();
  const text = endText(summary, shortPath(flags.output) || ".", style(process.stdout));
  console.log(flags.json ? JSON.stringify(summary) : text);
  process.exitCode = exitCodeOf(summary);
}

interface HuntFrame {
  readonly choices: HuntChoices;
  readonly flags: HuntFlags;
  readonly signal: AbortSignal;
}

/** Until something is found, time is up, or somebody has had enough. */
async function huntWithin({
  choices,
  flags,
  signal,
  log,
  pool,
  onCause,
}: HuntFrame & {
  log: HuntLog;
  pool: WorkerPool;
  onCause: (cause: Cause) => void;
}): Promise<void> {
  const { range, shard, timeMs, explore } = choices;
  let isOver = false;
  const end = (atOnce: boolean): void => {
    isOver = true;
    pool.drop({ atOnce });
  };
  const onAbort = (): void => end(true);
  signal.addEventListener("abort", onAbort);
  const timer = timeMs === null ? undefined : setTimeout(() => end(false), timeMs);
  const area = huntArea(flags.quiet, (elapsed, elapsedMs) =>
    progressText(log, elapsedMs, elapsed + restText(choices)),
  );
  try {
    await hunt(
      {
        explorer: createExplorer(explore, choices),
        seeds: seedsOf(range, shard),
        prober: pool,
        keepGoing: flags.keepGoing,
        isOver: () => isOver,
        onCause,
      },
      log,
    );
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
    area.close();
  }
}

/** Causes beyond so many are counted, but get no run of their own. */
const RUNS_MAX = 10;

/** Runs the first plan of each cause again by the usual way, so that there is a folder with history, trace and report. */
async function recordCauses(causes: readonly Cause[], frame: HuntFrame): Promise<HuntCause[]> {
  const recorded: HuntCause[] = [];
  for (const cause of causes) {
    const { kind } = cause.finding;
    const isRunnable = kind !== "hang" && kind !== "crash" && recorded.length < RUNS_MAX;
    const again = againCommand(cause, frame.choices);
    const run = isRunnable
      ? ((await unlessRefused(() => recordRun(cause, again, frame))) ?? null)
      : null;
    recorded.push(causeSummary(cause, frame.choices, run));
  }
  return recorded;
}

function causeSummary(cause: Cause, choices: HuntChoices, run: string | null): HuntCause {
  return summaryOfCause(cause, { run, again: againCommand(cause, choices) });
}

/** A full disk is no reason not to say what was found. */
async function unlessRefused<T>(write: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await write();
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    process.stderr.write(`raftwreck: ${error.message}\n`);
    return undefined;
  }
}

async function recordRun({ plan }: Cause, command: string, { flags }: HuntFrame): Promise<string> {
  const terminal = createTerminal({
    sink: { write: () => undefined },
    env: process.env,
    nowMs: () => performance.now(),
    quiet: true,
  });
  const { results } = await runTest({
    plan,
    resultsDirectory: flags.output,
    command,
    display: new Display([terminal], plan),
    // What was found is written down also when the hunt was cut short.
    signal: new AbortController().signal,
  });
  return results.id;
}

function summaryOf({
  log,
  choices,
  causes,
  startedAt,
  hostMs,
  signal,
}: {
  readonly log: HuntLog;
  readonly choices: HuntChoices;
  readonly causes: HuntCause[];
  readonly startedAt: Date;
  readonly hostMs: number;
  readonly signal: AbortSignal;
}): HuntSummary {
  const { range, shard, workers, explore, mutant, durationMs, workload, find } = choices;
  const { seedCount, simulatedMs, events, coverage, counts } = log;
  return {
    format: "raftwreck-hunt",
    version: 1,
    startedAt: startedAt.toISOString(),
    hostMs,
    workers,
    explore,
    mutant,
    workload,
    find,
    durationMs,
    seedCount,
    simulatedMs,
    events,
    causes,
    seeds: formatSeeds(range),
    shards: [shard],
    missingShards: [],
    behaviours: coverage.names(),
    undecided: log.undecided.map(summaryOfUndecided),
    counts,
    interruptedBy: signal.aborted ? String(signal.reason) : null,
  };
}

function announcement(choices: HuntChoices): string {
  const { range, shard, workers, explore, mutant, durationMs } = choices;
  const part = shard.count === 1 ? "" : `, shard ${shard.index}/${shard.count}`;
  const bug = mutant === null ? "" : `, seeded bug ${mutant}`;
  return (
    `hunting: seeds ${formatSeeds(range)}${part}, ${explore}, ${durationMs / 1000} simulated s each, ` +
    `${counted(workers, "worker")}${restText(choices).replace(" of", ", for")}${bug}`
  );
}

/** Of the time or the seeds that there are. */
function restText({ timeMs }: HuntChoices): string {
  return timeMs === null ? "" : ` of ${timeMs / 1000} s`;
}
