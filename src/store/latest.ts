import { lstatSync, readlinkSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { isRecord, readJsonFile } from "./read-json.ts";
import { writeJson } from "./write-file.ts";

/**
 * Makes `latest` (a symlink) and `latest.json` (for file systems and artifact stores without symlinks)
 * name this run.
 */
export function pointLatest(resultsDir: string, id: string): void {
  writeJson(join(resultsDir, "latest.json"), { format: "raftwreck-latest", version: 1, id });
  const link = join(resultsDir, "latest");
  const temporary = `${link}.${process.pid}.tmp`;
  try {
    // Anything but a symlink of that name is the user's own; latest.json still tells.
    if (lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() === false) return;
    symlinkSync(id, temporary, "dir");
    renameSync(temporary, link);
  } catch {
    rmSync(temporary, { force: true });
  }
}

/** The folder name of the newest run; undefined where there is none. */
export function readLatest(resultsDir: string): string | undefined {
  const latest = readJsonFile(join(resultsDir, "latest.json"));
  if (isRecord(latest) && typeof latest["id"] === "string") return latest["id"];
  try {
    return readlinkSync(join(resultsDir, "latest"));
  } catch {
    return undefined;
  }
}
