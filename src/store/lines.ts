import { closeSync, openSync, readSync } from "node:fs";
import { ConfigError, messageOf } from "../base/errors.ts";

export interface Line {
  /** 1-based. */
  readonly number: number;
  readonly text: string;
  /** False only of a last line without its newline: its writer may have been killed in mid-write. */
  readonly isTerminated: boolean;
}

const CHUNK_BYTES = 256 * 1024;
const NEWLINE = 10;

/** Streams the lines of a file, of any length and size; those without content are skipped. */
export function* readLines(path: string): Generator<Line, void, undefined> {
  let number = 0;
  for (const { text, isTerminated } of cutLines(path)) {
    number++;
    if (text.trim() !== "") yield { number, text, isTerminated };
  }
}

function* cutLines(path: string): Generator<Omit<Line, "number">, void, undefined> {
  const fd = open(path);
  try {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    let rest: Buffer[] = [];
    for (let length = read(fd, chunk, path); length > 0; length = read(fd, chunk, path)) {
      let start = 0;
      // Cut at newline bytes before decoding: a character may straddle two chunks, a line never does.
      for (let end = newline(chunk, start, length); end >= 0; end = newline(chunk, start, length)) {
        const piece = chunk.subarray(start, end);
        const whole = rest.length === 0 ? piece : Buffer.concat([...rest, piece]);
        rest = [];
        yield { text: whole.toString(), isTerminated: true };
        start = end + 1;
      }
      if (start < length) rest.push(Buffer.from(chunk.subarray(start, length)));
    }
    if (rest.length > 0) yield { text: Buffer.concat(rest).toString(), isTerminated: false };
  } finally {
    closeSync(fd);
  }
}

function newline(chunk: Buffer, start: number, length: number): number {
  const end = chunk.indexOf(NEWLINE, start);
  return end < length ? end : -1;
}

function open(path: string): number {
  try {
    return openSync(path, "r");
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT";
    throw new ConfigError(
      isMissing ? `there is no file ${path}` : `cannot read ${path}: ${messageOf(error)}`,
      { cause: error },
    );
  }
}

function read(fd: number, chunk: Buffer, path: string): number {
  try {
    return readSync(fd, chunk, 0, chunk.length, null);
  } catch (error) {
    throw new ConfigError(`cannot read ${path}: ${messageOf(error)}`, { cause: error });
  }
}
