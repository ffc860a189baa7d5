import { existsSync } from "node:fs";
import type { HistoryHeader, Op } from "../../checker/history.ts";
import { formatHeader, formatOp, parseHistory, parseOpLine } from "../../checker/history-file.ts";
import { Unreadable } from "../../checker/json-shape.ts";
import { assert } from "../base/assert.ts";
import { ConfigError } from "../base/errors.ts";
import { LineWriter, type LineWriterOptions } from "./line-writer.ts";
import { readLines } from "./lines.ts";

/** Appends ops to `history.jsonl` as they happen; the header is the first line. */
export class HistoryWriter {
  readonly #lines: LineWriter;
  #nextIndex = 0;

  constructor(
    path: string,
    header: Omit<HistoryHeader, "format" | "version">,
    options: LineWriterOptions,
  ) {
    assert(!existsSync(path), `${path} already exists: a history is written once`);
    this.#lines = new LineWriter(path, options);
    this.#lines.write(formatHeader(header));
    this.#lines.flush();
  }

  append(op: Op): void {
    assert(op.index === this.#nextIndex, `op ${op.index} out of order`);
    this.#nextIndex++;
    this.#lines.write(formatOp(op));
  }

  flush(): void {
    this.#lines.flush();
  }

  close(): void {
    this.#lines.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

export interface HistoryReader {
  readonly header: HistoryHeader;
  /** Reads the file anew at every iteration. Throws a ConfigError naming the line that is wrong. */
  readonly ops: Iterable<Op>;
}

/** Opens a history; an unfinished last line (the harness was killed while it wrote) is left out. */
export function readHistory(path: string): HistoryReader {
  for (const line of readLines(path)) {
    const { header, complaints } = parseHistory(line.text);
    if (header && Number.isNaN(Date.parse(header.startedAt))) {
      throw new ConfigError(`${path}: line ${line.number}: "startedAt" must be a date`);
    }
    if (header) return { header, ops: { [Symbol.iterator]: () => readOps(path) } };
    throw new ConfigError(`${path}: line ${line.number}: ${complaints[0]?.reason ?? "no header"}`);
  }
  throw new ConfigError(`${path} is empty: a history begins with its header line`);
}

function* readOps(path: string): Generator<Op, void, undefined> {
  let index = -1;
  for (const { number, text, isTerminated } of readLines(path)) {
    // The first line is the header.
    if (index++ === -1) continue;
    const op = parseOpLine(text);
    if (op instanceof Unreadable) {
      if (!isTerminated) return;
      throw new ConfigError(`${path}: line ${number}: ${op.reason}`);
    }
    if (op.index !== index - 1)
      throw new ConfigError(`${path}: line ${number}: "index" is ${op.index}, not ${index - 1}`);
    yield op;
  }
}
