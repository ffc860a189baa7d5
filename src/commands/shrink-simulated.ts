import process from "node:process";
import type { CheckerRecord } from "../../checker/checker.ts";
import { EXIT, UsageError } from "../base/errors.ts";
import { seek } from "../run/seek.ts";
import { sizeOf, sizeText } from "../shrink/size.ts";
import { storyOf, type Seen } from "../shrink/story.ts";
import type { TestPlan } from "../store/plan.ts";
import { runOnce, type Interrupt } from "./run.ts";
import { runArgument } from "./run-argument.ts";
import { againCommand, goOnCommand, type ShrinkJob } from "./shrink-job.ts";
import { searchInThread, type Searched, type Told } from "./shrink-search.ts";

/**
 * Shrinks a run in the simulator, runs what is left of it into a folder of its own, and tells its story. False: it is
 * one on real nodes that the simulator does not show.
 */
export async function shrinkSimulated(job: ShrinkJob): Promise<boolean> {
  const { id, plan, found, flags, timeMs, interrupt, say } = job;
  const searched = await searchInThread(
    { plan, found: flags.any ? null : found },
    { timeMs, signal: interrupt.signal, onTold: progress(job) },
  );
  const { listed, smallest, end } = searched;
  if (listed === undefined || smallest === undefined) return notSeen(job, searched);
  if (end !== "done" && sizeOf(smallest).events >= sizeOf(listed).events) {
    say(`${WHY[end]} before anything smaller than ${id} was found; nothing is kept`);
    process.exitCode = end === "time" ? EXIT.unknown : exitOf(interrupt);
    return true;
  }
  const { results, directory } = await runOnce({
    plan: smallest,
    command: againCommand(job),
    flags: { ...flags, quiet: true },
    // What has ended the search is not to end this as well; a second signal ends everything.
    interrupt:
      end === "interrupt" ? { ...interrupt, signal: new AbortController().signal } : interrupt,
  });
  process.exitCode = results.exitCode;
  const text = [...story(smallest, job), "", ...outcome(searched, job, directory)].join("\n");
  if (flags.json) process.stderr.write(`${text}\n`);
  else console.log(text);
  return true;
}

const WHY = { time: "the time was up", interrupt: "stopped" };

/** Why there is nothing to go on with, if not because the simulator does not show what real nodes did. */
function notSeen({ id, plan, interrupt, say }: ShrinkJob, { end }: Searched): boolean {
  if (end === "interrupt") {
    say(`stopped before ${id} was seen again; nothing is kept`);
    process.exitCode = exitOf(interrupt);
    return true;
  }
  if (end === "time") {
    throw new UsageError(`the time was up before ${id} was seen again: give more with --time`);
  }
  if (plan.environment !== "sim") return false;
  throw new UsageError(
    `${id} does not lead to this violation any more: the code has changed, so there is nothing to shrink`,
  );
}

export function exitOf({ signal }: Pick<Interrupt, "signal">): number {
  return signal.reason === "SIGTERM" ? EXIT.terminated : EXIT.interrupted;
}

/** How often is told how it goes. */
const PROGRESS_MS = 1000;

function progress({
  startedAtMs,
  say,
}: ShrinkJob): (told: Told, smallest: TestPlan | undefined) => void {
  let toldAtMs = startedAtMs;
  return (told, smallest) => {
    if (told.type === "simulated") {
      const { seed, without } = told;
      const less = without.length === 0 ? "" : ` and without ${without.join(", ")}`;
      say(`  seen in the simulator too, with the seed ${seed}${less}: shrinking it there`);
    }
    const nowMs = performance.now();
    if (told.type !== "tried" || smallest === undefined || nowMs - toldAtMs < PROGRESS_MS) return;
    toldAtMs = nowMs;
    const seconds = Math.round((nowMs - startedAtMs) / 1000);
    say(`  ${seconds} s, ${told.tries} tries: ${sizeText(sizeOf(smallest))} left`);
  };
}

function outcome(
  { listed, smallest, tries, end }: Searched,
  job: ShrinkJob,
  directory: string,
): string[] {
  if (listed === undefined || smallest === undefined) return [];
  const seconds = (performance.now() - job.startedAtMs) / 1000;
  const goOn =
    end === "done"
      ? []
      : [`${WHY[end]} before everything was tried; go on with  ${goOnCommand(job, directory)}`];
  return [
    `from ${sizeText(sizeOf(listed))} on ${listed.nodeCount} nodes`,
    `  to ${sizeText(sizeOf(smallest))} on ${smallest.nodeCount}, in ${tries} tries and ${seconds.toFixed(1)} s`,
    ...goOn,
    `replay it with  npx raftwreck replay ${runArgument(directory)}`,
  ];
}

function story(plan: TestPlan, { sought, workload }: ShrinkJob): string[] {
  const deviations: Seen["deviations"][number][] = [];
  const records: CheckerRecord[] = [];
  const seen = seek(plan, sought, {
    workload,
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
