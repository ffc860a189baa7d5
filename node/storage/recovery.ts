import { mixHash } from "../../src/base/hash.ts";
import type { LogBase } from "../raft/log.ts";
import type { Snapshot } from "../raft/snapshot.ts";
import {
  LOG_FILE,
  NO_BASE,
  NO_HARD_STATE,
  readLog,
  type FoundLog,
  type LogContent,
} from "./log-file.ts";
import type { StorageRules } from "./rules.ts";
import { readSnapshot, SNAPSHOT_FILE } from "./snapshot-file.ts";

/** The bytes of a node's files, as they were found; undefined where there is no such file. */
export interface FoundFiles {
  readonly log: Uint8Array | undefined;
  readonly snapshot: Uint8Array | undefined;
}

/** What a node's disk remembers. */
export interface Recovered extends LogContent {
  readonly type: "recovered";
  /** Covers everything up to the log's base, and perhaps more. */
  readonly snapshot: Snapshot | undefined;
  /** Cut off the log: left by a write that was never synced. */
  readonly tornBytes: number;
  /** The log file can't be appended to as it stands: a new one is to take its place first. */
  readonly needsNewLog: boolean;
}

/** What a replica begins with. */
export function memoryOf(recovered: Recovered): LogContent & Pick<Recovered, "snapshot"> {
  const { hardState, base, entries, snapshot } = recovered;
  return { hardState, base, entries, snapshot };
}

/** What was promised may be gone, so the node must not take part. */
export interface Damaged {
  readonly type: "damaged";
  readonly file: string;
  readonly offset: number;
  readonly reason: string;
}

/** Makes sense of what is on the disk, or says why that can't be done safely. */
export function recover(
  files: FoundFiles,
  nodeId: string,
  rules: StorageRules,
): Recovered | Damaged {
  const log = files.log && readLog(files.log, nodeId, rules);
  if (log?.type === "damaged") return { ...log, file: LOG_FILE };
  const found = files.snapshot && readSnapshot(files.snapshot, nodeId);
  if (found?.type === "damaged") return { ...found, file: SNAPSHOT_FILE };
  const snapshot = found?.snapshot;
  if (log === undefined) {
    // A log gets its name before anything else does, and never loses it again.
    if (snapshot !== undefined)
      return damaged(LOG_FILE, "it is missing, though there is a snapshot");
    return { ...NEW, type: "recovered", snapshot, tornBytes: 0, needsNewLog: true };
  }
  const hole = findHole(log.base, snapshot);
  return hole ?? joined(log, snapshot);
}

const NEW: LogContent = { hardState: NO_HARD_STATE, base: NO_BASE, entries: [] };

function findHole(base: LogBase, snapshot: Snapshot | undefined): Damaged | undefined {
  if (base.index === 0) return undefined;
  if (snapshot === undefined) {
    return damaged(SNAPSHOT_FILE, `it is missing, though the log begins after entry ${base.index}`);
  }
  if (base.index > snapshot.index) {
    const place = `the log begins after entry ${base.index}`;
    return damaged(LOG_FILE, `${place}, beyond the snapshot's entry ${snapshot.index}`);
  }
  if (base.index === snapshot.index && base.hash !== snapshot.hash) {
    return damaged(LOG_FILE, `it begins after another entry ${base.index} than the snapshot's`);
  }
  return undefined;
}

function damaged(file: string, reason: string): Damaged {
  return { type: "damaged", file, offset: 0, reason };
}

/** The log as far as it goes on from the snapshot; else an empty one that begins there. */
function joined(log: FoundLog & { type: "found" }, snapshot: Snapshot | undefined): Recovered {
  const { hardState, base, entries, tornBytes, isOld } = log;
  const needsNewLog = tornBytes > 0 || isOld;
  if (snapshot === undefined || holds(log, snapshot)) {
    return { type: "recovered", hardState, base, entries, snapshot, tornBytes, needsNewLog };
  }
  // A leader's snapshot was saved, and the node killed before its log was replaced (§7).
  const { index, term, hash } = snapshot;
  return {
    type: "recovered",
    hardState,
    base: { index, term, hash },
    entries: [],
    snapshot,
    tornBytes,
    needsNewLog: true,
  };
}

/** §7: whether the log has the snapshot's last entry: then what follows it is kept. */
function holds({ base, entries }: LogContent, snapshot: Snapshot): boolean {
  const covered = entries.slice(0, snapshot.index - base.index);
  if (base.index + covered.length < snapshot.index) return false;
  const hash = covered.reduce(
    (before, { term, command }) => mixHash(before, term, command),
    base.hash,
  );
  return hash === snapshot.hash;
}
