import { assert } from "../../src/base/assert.ts";
import { inOrder, type Disk, type Step } from "./disk.ts";
import { LOG_FILE, NewLog } from "./log-file.ts";
import { recover, type Damaged, type Recovered } from "./recovery.ts";
import { besideOf, replaceFile } from "./replace-file.ts";
import type { StorageRules } from "./rules.ts";
import { SNAPSHOT_FILE } from "./snapshot-file.ts";

export type Opened = Recovered | Damaged | { readonly type: "failed"; readonly error: Error };

/** For a disk that does everything at once. */
export function openAtOnce(disk: Disk, nodeId: string, rules: StorageRules): Opened {
  let outcome: Opened | undefined;
  openStorage(disk, nodeId, rules, (opened) => (outcome = opened));
  assert(outcome !== undefined, "the disk does everything at once");
  return outcome;
}

/** Reads a node's files back and leaves them ready to be written to; touches nothing where they are damaged. */
export function openStorage(
  disk: Disk,
  nodeId: string,
  rules: StorageRules,
  done: (opened: Opened) => void,
): void {
  const files = { log: disk.read(LOG_FILE), snapshot: disk.read(SNAPSHOT_FILE) };
  const found = recover(files, nodeId, rules);
  if (found.type === "damaged") return done(found);
  const steps: Step[] = [LOG_FILE, SNAPSHOT_FILE].map(
    (file): Step =>
      (next) =>
        disk.remove(besideOf(file), next),
  );
  if (found.needsNewLog) {
    steps.push((next) => replaceFile({ disk, rules }, LOG_FILE, new NewLog(nodeId, found), next));
  }
  inOrder(steps, (error) => done(error === undefined ? found : { type: "failed", error }));
}
