import { mkdirSync, renameSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Verdict } from "../../checker/verdict.ts";
import { diskTrouble } from "./disk-trouble.ts";
import { pointLatest } from "./latest.ts";

/**
 * What stands in a folder's name where the verdict will be. A harness that was killed leaves it there, so
 * the name says that nothing was decided yet; everything recorded so far can still be checked.
 */
export const RUNNING = "running";

export interface RunName {
  readonly startedAt: Date;
  readonly workload: string;
  readonly verdict: Verdict | typeof RUNNING;
  /** A few characters that tell runs of one second apart. */
  readonly suffix: string;
}

const NAME = /^(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ)_(.+)_(running|valid|unknown|invalid)_([a-z0-9]+)$/;

/** "2026-11-20T16-40-59Z_register_invalid_7f3a". */
export function formatRunName({ startedAt, workload, verdict, suffix }: RunName): string {
  const stamp = startedAt.toISOString().slice(0, 19).replaceAll(":", "-");
  return `${stamp}Z_${workload.replace(/[^A-Za-z0-9-]/g, "-")}_${verdict}_${suffix}`;
}

export function parseRunName(name: string): RunName | undefined {
  const match = NAME.exec(name);
  if (!match) return undefined;
  const [, stamp, workload, verdict, suffix] = match as unknown as [string, ...string[]];
  const iso = stamp!.replace(/T(\d\d)-(\d\d)-(\d\d)Z/, "T$1:$2:$3Z");
  return {
    startedAt: new Date(iso),
    workload: workload!,
    verdict: verdict as RunName["verdict"],
    suffix: suffix!,
  };
}

/**
 * Creates `<resultsDir>/<stamp>_<workload>_running_<suffix>/` with its subfolders, points `latest` at it
 * and returns its path.
 */
export function createRunFolder(
  resultsDir: string,
  { startedAt, workload, suffix }: Omit<RunName, "verdict">,
): string {
  const dir = join(resultsDir, formatRunName({ startedAt, workload, verdict: RUNNING, suffix }));
  try {
    mkdirSync(resultsDir, { recursive: true });
    mkdirSync(dir);
    for (const part of ["trace", "logs"]) mkdirSync(join(dir, part));
  } catch (error) {
    throw diskTrouble(error, "create", dir);
  }
  pointLatest(resultsDir, basename(dir));
  return dir;
}

/** Whether it has a run's name; a copy that somebody gave a name of its own has not, and is in no list of runs. */
export function isNamedAsRun(dir: string): boolean {
  return parseRunName(basename(dir)) !== undefined;
}

/** The folder's name once the verdict is known: the `id` of `results.json`. A name of somebody's own stays. */
export function finalRunId(dir: string, verdict: Verdict): string {
  const name = parseRunName(basename(dir));
  return name === undefined ? basename(dir) : formatRunName({ ...name, verdict });
}

/** Puts the verdict into a run's folder's name, moves `latest` along and returns the new path. */
export function sealRunFolder(dir: string, verdict: Verdict): string {
  if (!isNamedAsRun(dir)) return dir;
  const resultsDir = dirname(dir);
  const sealed = join(resultsDir, finalRunId(dir, verdict));
  try {
    if (sealed !== dir) renameSync(dir, sealed);
  } catch (error) {
    throw diskTrouble(error, "rename", dir);
  }
  pointLatest(resultsDir, basename(sealed));
  return sealed;
}
