import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { diskTrouble } from "./disk-trouble.ts";

/** Writes a whole file so that readers see the old one or the new one, never a half. */
export function writeWholeFile(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(temporary, text);
    renameSync(temporary, path);
  } catch (error) {
    removeIfThere(temporary);
    throw diskTrouble(error, "write", path);
  }
}

function removeIfThere(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Its folder is none, or can't be written; that is told already.
  }
}

export function writeJson(path: string, value: unknown): void {
  writeWholeFile(path, `${JSON.stringify(value, null, 2)}\n`);
}
