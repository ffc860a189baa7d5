import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";
import type { EnvironmentError } from "../base/errors.ts";
import { diskTrouble } from "./disk-trouble.ts";

export interface LineWriterOptions {
  /** Called once, at the first write that the disk refused; nothing is written from then on. */
  readonly onFailure: (error: EnvironmentError) => void;
  /** Longest time a line waits before the operating system has it. At most 100. */
  readonly flushIntervalMs?: number;
}

const FLUSH_BYTES = 64 * 1024;

/**
 * Appends lines to a file while the run goes on. Lines wait in memory for a moment and then go to the
 * operating system in one synchronous write, so what was flushed survives a SIGKILL of the harness and
 * the order is that of the calls. Never throws for the disk's sake: see `onFailure`.
 */
export class LineWriter {
  readonly path: string;
  readonly #options: LineWriterOptions;
  readonly #fd: number;
  #waiting: string[] = [];
  #waitingLength = 0;
  #timer: NodeJS.Timeout | undefined;
  #failure: EnvironmentError | undefined;
  #dropped = 0;
  #closed = false;

  /** Creates or continues the file. Throws an EnvironmentError if it cannot be opened. */
  constructor(path: string, options: LineWriterOptions) {
    this.path = path;
    this.#options = options;
    try {
      this.#fd = openSync(path, "a");
    } catch (error) {
      throw diskTrouble(error, "open", path);
    }
  }

  /** Why writing stopped, if it did. */
  get failure(): EnvironmentError | undefined {
    return this.#failure;
  }

  /** Lines that were handed in after the disk refused. */
  get dropped(): number {
    return this.#dropped;
  }

  write(line: string): void {
    if (this.#failure || this.#closed) {
      this.#dropped++;
      return;
    }
    this.#waiting.push(line);
    this.#waitingLength += line.length;
    // A simulated run never gives timers a turn, so size alone must also suffice.
    if (this.#waitingLength >= FLUSH_BYTES) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), this.#options.flushIntervalMs ?? 50);
  }

  /** Hands everything that waits to the operating system, now. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiting.length === 0 || this.#failure) return;
    const lineCount = this.#waiting.length;
    const bytes = Buffer.from(this.#waiting.join("\n") + "\n");
    this.#waiting = [];
    this.#waitingLength = 0;
    try {
      writeFully(this.#fd, bytes);
    } catch (error) {
      this.#dropped += lineCount;
      this.#failure = diskTrouble(error, "write", this.path);
      this.#options.onFailure(this.#failure);
    }
  }

  close(): void {
    if (this.#closed) return;
    this.flush();
    this.#closed = true;
    try {
      fsyncSync(this.#fd);
    } catch {
      // Pipes and devices cannot be synced; a real disk's refusal was already seen by `flush`.
    }
    closeSync(this.#fd);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** A full disk takes a part first and refuses the rest with the next call. */
function writeFully(fd: number, bytes: Uint8Array): void {
  for (let offset = 0; offset < bytes.length;) {
    offset += writeSync(fd, bytes, offset, bytes.length - offset);
  }
}
