import type { Disk, Done } from "./disk.ts";

/** What is wrong with a disk for now. */
export interface DiskFaults {
  /** There is no room for another byte. */
  readonly full: boolean;
  /** So much longer takes each sync. */
  readonly syncDelayMs: number;
  readonly failSync: boolean;
}

export const NO_DISK_FAULTS: DiskFaults = { full: false, syncDelayMs: 0, failSync: false };

/** The disk with the faults of the moment: `faults` is asked at each write and each sync, `after` waits. */
export function faultyDisk(
  disk: Disk,
  faults: (what: "write" | "sync") => DiskFaults,
  after: (ms: number, act: () => void) => void,
): Disk {
  const isFull = (done: Done): boolean => {
    const { full } = faults("write");
    if (full) done(new Error("ENOSPC: no space left on device, write"));
    return full;
  };
  const sync = (done: Done, act: () => void): void => {
    const { failSync, syncDelayMs } = faults("sync");
    // What was to be covered is not: whoever tried again would be told that all is well.
    const end = failSync ? () => done(new Error("EIO: i/o error, fsync")) : act;
    if (syncDelayMs > 0) after(syncDelayMs, end);
    else end();
  };
  return {
    read: (file) => disk.read(file),
    create: (file, content, done) => {
      if (!isFull(done)) disk.create(file, content, done);
    },
    append: (file, content, done) => {
      if (!isFull(done)) disk.append(file, content, done);
    },
    sync: (file, done) => sync(done, () => disk.sync(file, done)),
    rename: (names, done) => disk.rename(names, done),
    remove: (file, done) => disk.remove(file, done),
    syncDirectory: (done) => sync(done, () => disk.syncDirectory(done)),
  };
}
