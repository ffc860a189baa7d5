import { inOrder, type Content, type Disk, type Done, type Step } from "./disk.ts";
import type { StorageRules } from "./rules.ts";

/** Where a file is written before it takes another's place. One that is left over was never in use. */
export const besideOf = (file: string): string => `${file}.new`;

export interface Replacing {
  readonly disk: Disk;
  readonly rules: StorageRules;
  readonly goesOn?: () => boolean;
}

/**
 * At every moment, and after a crash at any, the name stands for the old file or for the new one, whole. Nothing
 * more is done, nor `done` called, once `goesOn` says no.
 */
export function replaceFile(
  { disk, rules, goesOn }: Replacing,
  file: string,
  content: Content,
  done: Done,
): void {
  const isBeside = rules.isWrittenBeside();
  const written = isBeside ? besideOf(file) : file;
  const steps: Step[] = [(next) => disk.create(written, content, next)];
  if (rules.isSyncedBeforeRename()) steps.push((next) => disk.sync(written, next));
  if (isBeside) steps.push((next) => disk.rename({ from: written, to: file }, next));
  if (rules.isDirectorySynced()) steps.push((next) => disk.syncDirectory(next));
  inOrder(steps, done, goesOn);
}
