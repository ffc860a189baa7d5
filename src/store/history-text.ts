import { createReadStream, existsSync, openSync, readSync, closeSync, statSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { ConfigError, messageOf, UsageError } from "../base/errors.ts";

/** What a name stands for as a source of history: standard input. */
export const STDIN = "-";

/** Histories as others call them, in the order in which they are looked for in a folder. */
const NAMES = ["history.edn", "history.edn.gz", "history.txt", "history.txt.gz"];

/** The file of a history: the file itself, or the one that Jepsen and Maelstrom write into a folder. */
export function locateHistory(given: string): string {
  if (given === STDIN) return given;
  if (!existsSync(given)) throw new UsageError(`there is no file ${given}`);
  if (!statSync(given).isDirectory()) return given;
  const found = NAMES.map((name) => path.join(given, name)).find((file) => existsSync(file));
  if (found !== undefined) return found;
  throw new UsageError(`${given} is a folder without a history: it has no ${NAMES.join(", ")}`);
}

/**
 * Whether this is a folder or a history of ours, to be checked as a run. What can be read only once, such as a pipe,
 * is a history by itself.
 */
export function isOurs(given: string): boolean {
  if (!existsSync(given)) return given !== STDIN;
  const stats = statSync(given);
  if (stats.isDirectory()) return existsSync(path.join(given, "history.jsonl"));
  return stats.isFile() && beginningOf(given).includes('"raftwreck-history"');
}

function beginningOf(file: string): string {
  const bytes = Buffer.alloc(256);
  const fd = openSync(file, "r");
  try {
    return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, 0)).toString();
  } finally {
    closeSync(fd);
  }
}

/** The text of a file or of standard input in pieces, unpacked if it is gzip (told by its content). */
export async function* readText(file: string): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  try {
    for await (const bytes of unpacked(file === STDIN ? process.stdin : openFile(file))) {
      yield decoder.decode(bytes, { stream: true });
    }
  } catch (error) {
    throw new ConfigError(`cannot read ${file}: ${messageOf(error)}`, { cause: error });
  }
  yield decoder.decode();
}

function openFile(file: string): Readable {
  return createReadStream(file, { highWaterMark: 256 * 1024 });
}

async function* unpacked(source: Readable): AsyncGenerator<Uint8Array, void, undefined> {
  const chunks = source[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  const first = await chunks.next();
  if (first.done === true) return;
  const all = startingWith(first.value, chunks);
  const [one, two] = first.value;
  if (one !== 0x1f || two !== 0x8b) return yield* all;
  const gunzip = createGunzip({ chunkSize: 256 * 1024 });
  // What goes wrong comes out where the unpacked bytes are read.
  pipeline(Readable.from(all), gunzip, () => undefined);
  for await (const bytes of gunzip) yield bytes as Uint8Array;
}

async function* startingWith(
  first: Uint8Array,
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}
