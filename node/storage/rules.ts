import type { BadTail } from "./torn-tail.ts";
import { isTornTail } from "./torn-tail.ts";

/** The decision points of storage, each a small function; a seeded bug is the replacement of one. */
export interface StorageRules {
  readonly persistedWaitsForSync: () => boolean;
  readonly snapshotWaitsForSync: () => boolean;
  readonly isWrittenBeside: () => boolean;
  readonly isSyncedBeforeRename: () => boolean;
  readonly isDirectorySynced: () => boolean;
  readonly isFailureFinal: () => boolean;
  readonly mayCutTail: (tail: BadTail) => boolean;
}

const always = (): boolean => true;

export const STORAGE_RULES: StorageRules = {
  /** Fig. 2: on stable storage before responding. */
  persistedWaitsForSync: always,
  /** §7: the log is discarded only once the snapshot is durable and in its place. */
  snapshotWaitsForSync: always,
  /** A file that is replaced stays whole until the new one is. */
  isWrittenBeside: always,
  /** A name must not come to stand for content that is not there yet. */
  isSyncedBeforeRename: always,
  /** A rename is durable only when its directory is. */
  isDirectorySynced: always,
  /** After a failed write or sync nobody knows what is on the disk: it is never retried into success. */
  isFailureFinal: always,
  /** Only what no sync has ever covered may be cut off; where that can't be told, it stays. */
  mayCutTail: isTornTail,
};
