import fs from "node:fs";
import path from "node:path";
import { EnvironmentError } from "../../src/base/errors.ts";
import { NO_FAULTS, type NodeFaults } from "../../src/base/node-faults.ts";
import type { HardState } from "../raft/state.ts";
import type { Entry } from "../raft/log.ts";
import { concat, encodeFileHeader, encodeWrite, recover } from "../storage/wal.ts";
import type { Write } from "../raft/state.ts";
import { DiskFailpoint } from "./disk-failpoint.ts";

export interface Recovered {
  readonly hardState: HardState;
  readonly entries: readonly Entry[];
  readonly tornBytes: number;
}

export interface WalStatistics {
  syncCount: number;
  syncSecondsSum: number;
  bytesWritten: number;
}

/**
 * The write-ahead log on a real disk. Writes are taken at any time and made durable in groups: all that
 * gathered during one sync goes with the next.
 */
export class WalFile {
  readonly statistics: WalStatistics = { syncCount: 0, syncSecondsSum: 0, bytesWritten: 0 };
  readonly #fd: number;
  readonly #keepInMemory: boolean;
  readonly #onPersisted: (writeId: number) => void;
  readonly #onFailed: (error: Error) => void;
  readonly #failpoint: DiskFailpoint;
  #unsynced: Uint8Array[] = [];
  #lastWriteId = 0;
  /** A sync is under way or will be begun in this turn. After a failure it stays so: nothing is synced again. */
  #isSyncing = false;

  private constructor(fd: number, options: WalOptions) {
    this.#fd = fd;
    this.#failpoint = new DiskFailpoint(options.faults ?? (() => NO_FAULTS.disk));
    this.#keepInMemory = options.disk === "volatile";
    this.#onPersisted = options.onPersisted;
    this.#onFailed = options.onFailed;
  }

  /** Opens or creates `directory/raft.wal`; throws EnvironmentError where it can't be trusted. */
  static open(options: WalOptions): { wal: WalFile; recovered: Recovered } {
    const file = path.join(options.directory, "raft.wal");
    try {
      createDirectory(options.directory);
      const recovered = prepare(file, options.nodeId);
      return { wal: new WalFile(fs.openSync(file, "a"), options), recovered };
    } catch (error) {
      if (error instanceof EnvironmentError) throw error;
      throw new EnvironmentError(`${file}: ${(error as Error).message}`, { cause: error });
    }
  }

  /** `onPersisted` follows when this and all earlier writes are durable. */
  write(write: Write): void {
    const bytes = encodeWrite(write);
    this.statistics.bytesWritten += bytes.length;
    this.#lastWriteId = write.writeId;
    this.#unsynced.push(bytes);
    if (this.#isSyncing) {
      if (!this.#keepInMemory) this.#handOver();
      return;
    }
    // Not before the end of this turn, so that all of its writes go with one sync.
    this.#isSyncing = true;
    queueMicrotask(() => this.#beginSync());
  }

  /** False if it failed. */
  #handOver(): boolean {
    const bytes = concat(this.#unsynced);
    this.#unsynced = [];
    try {
      this.#failpoint.beforeWrite();
      for (let done = 0; done < bytes.length;) done += fs.writeSync(this.#fd, bytes, done);
      return true;
    } catch (error) {
      this.#isSyncing = true;
      this.#onFailed(error as Error);
      return false;
    }
  }

  #beginSync(): void {
    this.#failpoint.beforeSync(() => this.#sync());
  }

  #sync(): void {
    if (!this.#handOver()) return;
    const writeId = this.#lastWriteId;
    const startedAt = performance.now();
    fs.fdatasync(this.#fd, (error) => {
      // After a failed sync nobody knows what is on the disk: it is never tried again into success.
      if (error) return this.#onFailed(error);
      this.statistics.syncCount++;
      this.statistics.syncSecondsSum += (performance.now() - startedAt) / 1000;
      this.#isSyncing = this.#lastWriteId > writeId;
      this.#onPersisted(writeId);
      if (this.#lastWriteId > writeId) this.#beginSync();
    });
  }
}

export interface WalOptions {
  readonly directory: string;
  readonly nodeId: string;
  readonly disk: "direct" | "volatile";
  readonly onPersisted: (writeId: number) => void;
  readonly onFailed: (error: Error) => void;
  /** For testing: what is to be wrong with the disk at the moment. */
  readonly faults?: () => NodeFaults["disk"];
}

/** Reads the file, cuts a torn tail off, and leaves it ready to be appended to. */
function prepare(file: string, nodeId: string): Recovered {
  const bytes = fs.existsSync(file) ? fs.readFileSync(file) : new Uint8Array();
  const recovery = recover(bytes, nodeId);
  if (recovery.type === "damaged") {
    throw new EnvironmentError(
      `${file}: damaged at offset ${recovery.offset}: ${recovery.reason}. This is no torn tail, so ` +
        `acknowledged data may be lost; restore the file, or remove the node and add it anew.`,
    );
  }
  const fd = fs.openSync(file, bytes.length > 0 ? "r+" : "w");
  try {
    fs.ftruncateSync(fd, recovery.goodBytes);
    if (recovery.goodBytes === 0) fs.writeSync(fd, encodeFileHeader(nodeId));
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
  syncDirectory(path.dirname(file));
  return recovery;
}

/** Creates what is missing of the path, and makes the new names durable. */
function createDirectory(directory: string): void {
  const first = fs.mkdirSync(directory, { recursive: true });
  if (first === undefined) return;
  let created = path.resolve(directory);
  while (created.length >= path.resolve(first).length) {
    created = path.dirname(created);
    syncDirectory(created);
  }
}

/** Makes the names in it durable too. */
function syncDirectory(directory: string): void {
  const fd = fs.openSync(directory, "r");
  try {
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}
