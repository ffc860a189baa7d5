import { Unreadable } from "../../checker/json-shape.ts";
import { parseTraceLine } from "../../checker/trace-file.ts";
import { ConfigError } from "../base/errors.ts";
import type { TraceEvent } from "../base/trace.ts";
import { readLines } from "./lines.ts";
import { isRecord } from "./read-json.ts";

/** The first line of a trace file. A per-node file without one counts by the host's clock. */
export interface TraceHeader {
  readonly format: "raftwreck-trace";
  readonly version: 1;
  /** What `timeNs` counts from: the start of the run, or the origin of the host's monotonic clock. */
  readonly clock: "run" | "host";
}

/** The events of one trace file with times since the start of the run. */
export function* readTraceEvents(path: string, originNs: number): Generator<TraceEvent> {
  let subtractNs = originNs;
  for (const { number, text, isTerminated } of readLines(path)) {
    const header = number === 1 ? parseHeader(path, text) : undefined;
    if (header) {
      subtractNs = header.clock === "run" ? 0 : originNs;
      continue;
    }
    const event = parseEvent(text);
    if (!(event instanceof Unreadable))
      yield subtractNs === 0 ? event : { ...event, timeNs: event.timeNs - subtractNs };
    // What is JSON but no event was not torn by a kill.
    else if (isTerminated && isJson(text))
      throw new ConfigError(`${path}: line ${number}: ${event.reason}`);
  }
}

/**
 * A node that was killed in mid-write leaves a torn line, and its next life goes on right behind it:
 * `{"timeNs":17,"no{"timeNs":18,"node":"n1",…}`. The second half is whole and worth keeping.
 */
function parseEvent(text: string): TraceEvent | Unreadable {
  const event = parseTraceLine(text);
  const lastStart = text.lastIndexOf('{"timeNs":');
  return event instanceof Unreadable && lastStart > 0
    ? parseTraceLine(text.slice(lastStart))
    : event;
}

function parseHeader(path: string, text: string): TraceHeader | undefined {
  const value = isJson(text) ? (JSON.parse(text) as unknown) : undefined;
  if (!isRecord(value) || value["format"] !== "raftwreck-trace") return undefined;
  if (value["version"] === 1) return value as unknown as TraceHeader;
  const version = JSON.stringify(value["version"]);
  throw new ConfigError(`${path} is a trace of version ${version}; this Raftwreck reads version 1`);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
