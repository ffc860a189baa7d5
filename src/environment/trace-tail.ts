import fs from "node:fs";
import type { TraceEvent } from "../base/trace.ts";

/** Reads what is appended to a node's trace file, whole lines only. */
export class TraceTail {
  readonly #file: string;
  #fd: number | undefined;
  #offset = 0;
  #rest = Buffer.alloc(0);
  readonly #buffer = Buffer.alloc(256 * 1024);

  constructor(file: string) {
    this.#file = file;
  }

  /** Events since the last call. */
  read(): TraceEvent[] {
    if (this.#fd === undefined) {
      if (!fs.existsSync(this.#file)) return [];
      this.#fd = fs.openSync(this.#file, "r");
    }
    const events: TraceEvent[] = [];
    for (;;) {
      const length = fs.readSync(this.#fd, this.#buffer, 0, this.#buffer.length, this.#offset);
      if (length === 0) return events;
      this.#offset += length;
      this.#takeLines(Buffer.concat([this.#rest, this.#buffer.subarray(0, length)]), events);
    }
  }

  close(): void {
    if (this.#fd !== undefined) fs.closeSync(this.#fd);
    this.#fd = undefined;
  }

  #takeLines(bytes: Buffer, events: TraceEvent[]): void {
    const end = bytes.lastIndexOf(10) + 1;
    this.#rest = Buffer.from(bytes.subarray(end));
    for (const line of bytes.toString("utf8", 0, end).split("\n")) {
      const event = line === "" ? undefined : parse(line);
      if (event !== undefined) events.push(event);
    }
  }
}

/** A node that was killed while it wrote leaves a part of a line, and its successor's line right behind it. */
function parse(line: string): TraceEvent | undefined {
  const start = line.lastIndexOf('{"timeNs":');
  try {
    return JSON.parse(line.slice(Math.max(0, start))) as TraceEvent;
  } catch {
    return undefined;
  }
}
