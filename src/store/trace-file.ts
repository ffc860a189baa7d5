import { existsSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { TraceEvent } from "../base/trace.ts";
import type { EnvironmentError } from "../base/errors.ts";
import { LineWriter, type LineWriterOptions } from "./line-writer.ts";
import { mergeByTime } from "./merge.ts";
import { readTraceEvents, type TraceHeader } from "./trace-lines.ts";

/** Appends events to a trace file (`trace.jsonl`, or `trace/<name>.jsonl`) as they happen. */
export class TraceWriter {
  readonly #lines: LineWriter;

  constructor(path: string, clock: TraceHeader["clock"], options: LineWriterOptions) {
    this.#lines = new LineWriter(path, options);
    const header: TraceHeader = { format: "raftwreck-trace", version: 1, clock };
    this.#lines.write(JSON.stringify(header));
    this.#lines.flush();
  }

  append(event: TraceEvent): void {
    this.#lines.write(JSON.stringify(event));
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

/** `trace.jsonl` where it was merged, else the files of `trace/`, in the order of their names. */
export function tracePaths(dir: string): string[] {
  const merged = join(dir, "trace.jsonl");
  if (existsSync(merged)) return [merged];
  const parts = join(dir, "trace");
  if (!existsSync(parts)) return [];
  return readdirSync(parts)
    .filter((name) => name.endsWith(".jsonl"))
    .toSorted()
    .map((name) => join(parts, name));
}

/**
 * The events of a run in the order of time; those of one file keep their order. Times by the host's clock
 * have `originNs` subtracted. Lines that a killed node left half-written are skipped.
 */
export function readTrace(paths: readonly string[], originNs: number): Iterable<TraceEvent> {
  return mergeByTime(paths.map((path) => readTraceEvents(path, originNs)));
}

/** Merges `trace/*.jsonl` into `trace.jsonl` and removes them once that is complete. */
export function mergeTrace(dir: string, originNs: number): void {
  const paths = tracePaths(dir);
  const merged = join(dir, "trace.jsonl");
  if (paths.includes(merged)) return;
  const partial = join(dir, "trace.partial");
  rmSync(partial, { force: true });
  const refusals: EnvironmentError[] = [];
  const writer = new TraceWriter(partial, "run", { onFailure: (error) => refusals.push(error) });
  for (const event of readTrace(paths, originNs)) {
    writer.append(event);
    if (refusals.length > 0) break;
  }
  writer.close();
  for (const refusal of refusals) {
    rmSync(partial, { force: true });
    throw refusal;
  }
  renameSync(partial, merged);
  for (const path of paths) rmSync(path);
}
