import fs from "node:fs";
import path from "node:path";
import type { Content, Disk, Done } from "../storage/disk.ts";

export interface DiskStatistics {
  syncCount: number;
  syncSecondsSum: number;
  bytesWritten: number;
}

export interface FolderDiskOptions {
  readonly directory: string;
  /**
   * `direct` hands everything to the operating system at once. `volatile`, for testing, keeps bytes in memory
   * until their file is synced and renames until the directory is, so that a SIGKILL loses what a power cut would.
   */
  readonly mode: "direct" | "volatile";
}

interface OpenFile {
  readonly fd: number;
  unwritten: Uint8Array[];
}

/** A node's folder on a real disk. */
export class FolderDisk implements Disk {
  readonly statistics: DiskStatistics = { syncCount: 0, syncSecondsSum: 0, bytesWritten: 0 };
  /** While its node starts, which has nothing else to do, everything is done before it returns. */
  isStarting = false;
  readonly #directory: string;
  readonly #directoryFd: number;
  readonly #isVolatile: boolean;
  readonly #files = new Map<string, OpenFile>();
  #renames: { readonly from: string; readonly to: string }[] = [];

  /** Creates what is missing of the folder. */
  constructor({ directory, mode }: FolderDiskOptions) {
    this.#directory = directory;
    this.#isVolatile = mode === "volatile";
    createDirectory(directory);
    this.#directoryFd = fs.openSync(directory, "r");
  }

  read(file: string): Uint8Array | undefined {
    const name = this.#pathOf(file);
    return fs.existsSync(name) ? fs.readFileSync(name) : undefined;
  }

  create(file: string, content: Content, done: Done): void {
    attempt(done, () => {
      this.#close(file);
      this.#open(file, "w");
      this.#write(file, content);
    });
  }

  append(file: string, content: Content, done: Done): void {
    attempt(done, () => this.#write(file, content));
  }

  sync(file: string, done: Done): void {
    let open: OpenFile;
    try {
      open = this.#open(file, "a");
      this.#handOver(open);
    } catch (error) {
      return done(error as Error);
    }
    this.#flush(open.fd, done);
  }

  rename(names: { readonly from: string; readonly to: string }, done: Done): void {
    attempt(done, () => {
      const renamed = this.#open(names.from, "a");
      this.#close(names.to);
      this.#files.delete(names.from);
      this.#files.set(names.to, renamed);
      this.#renames.push(names);
      if (!this.#isVolatile) this.#carryOutRenames();
    });
  }

  remove(file: string, done: Done): void {
    attempt(done, () => {
      this.#close(file);
      fs.rmSync(this.#pathOf(file), { force: true });
    });
  }

  syncDirectory(done: Done): void {
    try {
      this.#carryOutRenames();
    } catch (error) {
      return done(error as Error);
    }
    this.#flush(this.#directoryFd, done);
  }

  #write(file: string, content: Content): void {
    const bytes = content.encode();
    this.statistics.bytesWritten += bytes.length;
    const open = this.#open(file, "a");
    open.unwritten.push(bytes);
    if (!this.#isVolatile) this.#handOver(open);
  }

  #handOver(open: OpenFile): void {
    const { unwritten } = open;
    open.unwritten = [];
    for (const bytes of unwritten) {
      for (let done = 0; done < bytes.length;) done += fs.writeSync(open.fd, bytes, done);
    }
  }

  #flush(fd: number, done: Done): void {
    if (this.isStarting) return attempt(done, () => fs.fdatasyncSync(fd));
    const startedAt = performance.now();
    fs.fdatasync(fd, (error) => {
      if (error !== null) return done(error);
      this.statistics.syncCount++;
      this.statistics.syncSecondsSum += (performance.now() - startedAt) / 1000;
      done(undefined);
    });
  }

  #carryOutRenames(): void {
    const renames = this.#renames;
    this.#renames = [];
    for (const { from, to } of renames) fs.renameSync(this.#pathOf(from), this.#pathOf(to));
  }

  #open(file: string, flags: "a" | "w"): OpenFile {
    const known = this.#files.get(file);
    if (known !== undefined) return known;
    const open = { fd: fs.openSync(this.#pathOf(file), flags), unwritten: [] };
    this.#files.set(file, open);
    return open;
  }

  #close(file: string): void {
    const open = this.#files.get(file);
    if (open === undefined) return;
    this.#files.delete(file);
    fs.closeSync(open.fd);
  }

  #pathOf(file: string): string {
    return path.join(this.#directory, file);
  }
}

function attempt(done: Done, act: () => void): void {
  try {
    act();
  } catch (error) {
    return done(error as Error);
  }
  done(undefined);
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

/** Makes the names in it durable. */
function syncDirectory(directory: string): void {
  const fd = fs.openSync(directory, "r");
  try {
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}
