import path from "node:path";
import { unreachable } from "../../src/base/assert.ts";
import { EnvironmentError, messageOf } from "../../src/base/errors.ts";
import { faultyDisk, NO_DISK_FAULTS, type DiskFaults } from "../storage/faulty-disk.ts";
import { openAtOnce } from "../storage/open-storage.ts";
import type { Recovered } from "../storage/recovery.ts";
import { Storage, type StorageOptions } from "../storage/storage.ts";
import { FolderDisk, type DiskStatistics } from "./folder-disk.ts";

export interface FolderOptions extends Pick<
  StorageOptions,
  "nodeId" | "rules" | "onPersisted" | "onSnapshotSaved" | "onFailed"
> {
  readonly directory: string;
  readonly mode: "direct" | "volatile";
  /** For testing: what is to be wrong with the disk at the moment. */
  readonly faults?: () => DiskFaults;
}

export interface OpenedFolder {
  readonly storage: Storage;
  readonly recovered: Recovered;
  readonly statistics: DiskStatistics;
}

/** Opens or creates the files of a node; throws EnvironmentError where they can't be trusted. */
export function openFolder(options: FolderOptions): OpenedFolder {
  const { directory, mode, nodeId, rules, faults = () => NO_DISK_FAULTS } = options;
  const folder = orComplain(directory, () => new FolderDisk({ directory, mode }));
  const recovered = readBack(folder, options);
  const disk = faultyDisk(folder, faults, (ms, act) => setTimeout(act, ms));
  const storage = new Storage({ ...options, disk, nodeId, rules, soon: queueMicrotask });
  return { storage, recovered, statistics: folder.statistics };
}

function readBack(folder: FolderDisk, { directory, nodeId, rules }: FolderOptions): Recovered {
  const opened = orComplain(directory, () => {
    folder.isStarting = true;
    return openAtOnce(folder, nodeId, rules);
  });
  folder.isStarting = false;
  switch (opened.type) {
    case "recovered":
      return opened;
    case "failed":
      throw new EnvironmentError(`${directory}: ${opened.error.message}`, { cause: opened.error });
    case "damaged":
      throw new EnvironmentError(
        `${path.join(directory, opened.file)}: damaged at offset ${opened.offset}: ${opened.reason}. ` +
          `This is no torn tail, so acknowledged data may be lost; restore the file, or remove the ` +
          `node and add it anew.`,
      );
    default:
      return unreachable(opened);
  }
}

function orComplain<T>(directory: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw new EnvironmentError(`${directory}: ${messageOf(error)}`, { cause: error });
  }
}
