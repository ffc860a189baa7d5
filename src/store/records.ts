import { setImmediate } from "node:timers/promises";
import type { CheckerRecord } from "../../checker/checker.ts";
import type { Op } from "../../checker/history.ts";
import type { TraceEvent } from "../base/trace.ts";
import { mergeByTime } from "./merge.ts";
import { readTrace } from "./trace-file.ts";

export interface RecordSources {
  readonly ops: Iterable<Op>;
  readonly tracePaths: readonly string[];
  readonly originNs: number;
}

/** History and trace as the checkers are fed: merged by time, of equal times the op first. */
export function readRecords(sources: RecordSources): Iterable<CheckerRecord> {
  return {
    *[Symbol.iterator]() {
      const events = readTrace(sources.tracePaths, sources.originNs);
      const merged = mergeByTime<Op | TraceEvent>([sources.ops, events]);
      for (const item of merged) yield isOp(item) ? { type: "op", op: item } : traceRecord(item);
    },
  };
}

/** The same in slices, with a turn of the event loop after each, so that Ctrl-C and timers are heard. */
export async function* inSlices<T>(items: Iterable<T>, size = 5000): AsyncGenerator<readonly T[]> {
  let slice: T[] = [];
  for (const item of items) {
    slice.push(item);
    if (slice.length < size) continue;
    yield slice;
    slice = [];
    await setImmediate();
  }
  if (slice.length > 0) yield slice;
}

function isOp(item: Op | TraceEvent): item is Op {
  return "process" in item;
}

function traceRecord(event: TraceEvent): CheckerRecord {
  return { type: "trace", event };
}
