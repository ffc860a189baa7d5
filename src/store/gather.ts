import { cpSync, existsSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { diskTrouble } from "./disk-trouble.ts";
import { appendRun, readRuns } from "./runs.ts";

/** Copies the runs of one results folder into another and its list. Those that are there already stay as they are. */
export function gatherRuns(from: string, to: string): void {
  if (resolve(from) === resolve(to)) return;
  const known = new Set(readRuns(to).map(({ id }) => id));
  // The oldest first, as they are written.
  for (const run of readRuns(from).toReversed()) {
    const folder = join(from, run.id);
    if (known.has(run.id) || !existsSync(folder)) continue;
    try {
      mkdirSync(to, { recursive: true });
      cpSync(folder, join(to, run.id), { recursive: true });
    } catch (error) {
      throw diskTrouble(error, "write", join(to, run.id));
    }
    appendRun(to, run);
  }
}
