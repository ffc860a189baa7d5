import { assert, at } from "../../src/base/assert.ts";
import type { LogIndex } from "../raft/log.ts";
import type { Snapshot } from "../raft/snapshot.ts";
import type { Write } from "../raft/state.ts";
import type { Content, Disk, Done } from "./disk.ts";
import { LOG_FILE, LogGroup, NewLog } from "./log-file.ts";
import { replaceFile } from "./replace-file.ts";
import type { StorageRules } from "./rules.ts";
import { NewSnapshot, SNAPSHOT_FILE } from "./snapshot-file.ts";

export interface StorageOptions {
  readonly disk: Disk;
  readonly nodeId: string;
  readonly rules: StorageRules;
  /** Calls back when no more writes are to be expected for now, so that they go together. */
  readonly soon: (act: () => void) => void;
  readonly onPersisted: (writeId: number) => void;
  readonly onSnapshotSaved: (index: LogIndex) => void;
  /** Once; nothing is written or reported after it. */
  readonly onFailed: (error: Error) => void;
}

/**
 * A node's log and snapshot on files that `openStorage` has left ready. Writes are made durable in groups: all
 * that gathered during one sync go with the next, so never more than one group is unsynced. Snapshots are saved
 * beside that.
 */
export class Storage {
  readonly #options: StorageOptions;
  #waiting: Write[] = [];
  /** A group is under way or about to be. */
  #isCommitting = false;
  #lastWriteId = 0;
  readonly #snapshots: Snapshot[] = [];
  #isStopped = false;

  constructor(options: StorageOptions) {
    this.#options = options;
  }

  /** `onPersisted` follows when this and all earlier writes are durable. */
  write(write: Write): void {
    this.#waiting.push(write);
    if (this.#isCommitting || this.#isStopped) return;
    this.#isCommitting = true;
    this.#options.soon(this.#commit);
  }

  /** `onSnapshotSaved` follows when it is durable and in its place. */
  saveSnapshot(snapshot: Snapshot): void {
    this.#snapshots.push(snapshot);
    if (this.#snapshots.length === 1) this.#saveNext();
  }

  /** Nothing is written or reported any more. */
  stop(): void {
    this.#isStopped = true;
  }

  readonly #commit = (): void => {
    if (this.#isStopped) return;
    const group = this.#waiting;
    this.#waiting = [];
    this.#lastWriteId = group.at(-1)?.writeId ?? this.#lastWriteId;
    const newLog = this.#newLogOf(group);
    if (newLog !== undefined) return this.#replace(LOG_FILE, newLog, this.#committed);
    this.#options.disk.append(LOG_FILE, new LogGroup(group), this.#appended);
  };

  /** The file to take the log's place, if the group asks for one; what came before that is superseded. */
  #newLogOf(group: readonly Write[]): NewLog | undefined {
    const place = group.findLastIndex((write) => write.base !== undefined);
    if (place < 0) return undefined;
    const { base, hardState, entries } = at(group, place);
    assert(base !== undefined, "a new log has a base");
    assert(hardState !== undefined, "a new log holds the hard state");
    const { nodeId } = this.#options;
    return new NewLog(nodeId, { base, hardState, entries }, group.slice(place + 1));
  }

  readonly #appended = (error: Error | undefined): void => {
    const { disk, rules } = this.#options;
    if (!this.#isFine(error)) return;
    if (rules.persistedWaitsForSync()) return disk.sync(LOG_FILE, this.#committed);
    disk.sync(LOG_FILE, () => undefined);
    this.#committed(undefined);
  };

  readonly #committed = (error: Error | undefined): void => {
    if (!this.#isFine(error)) return;
    // What the node writes in answer goes with all that has gathered meanwhile.
    const isMoreWaiting = this.#waiting.length > 0;
    this.#isCommitting = isMoreWaiting;
    this.#options.onPersisted(this.#lastWriteId);
    if (isMoreWaiting) this.#commit();
  };

  #saveNext(): void {
    const [snapshot] = this.#snapshots;
    if (snapshot === undefined || this.#isStopped) return;
    const { nodeId, rules, onSnapshotSaved } = this.#options;
    if (!rules.snapshotWaitsForSync()) onSnapshotSaved(snapshot.index);
    this.#replace(SNAPSHOT_FILE, new NewSnapshot(nodeId, snapshot), (error) => {
      if (!this.#isFine(error)) return;
      if (rules.snapshotWaitsForSync()) onSnapshotSaved(snapshot.index);
      // Only now, so that one that is handed over in answer to that waits for its turn.
      this.#snapshots.shift();
      this.#saveNext();
    });
  }

  #replace(file: string, content: Content, done: Done): void {
    const { disk, rules } = this.#options;
    replaceFile({ disk, rules, goesOn: () => !this.#isStopped }, file, content, done);
  }

  /** Whether what was done last went well, and matters still. */
  #isFine(error: Error | undefined): boolean {
    if (this.#isStopped) return false;
    if (error === undefined || !this.#options.rules.isFailureFinal()) return true;
    this.#isStopped = true;
    this.#options.onFailed(error);
    return false;
  }
}
