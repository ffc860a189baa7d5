import type { TraceEvent } from "../src/base/trace.ts";
import {
  type LinesRead,
  parseLine,
  readLines,
  Shape,
  ShapeError,
  type Unreadable,
} from "./json-shape.ts";

const ROLES = ["follower", "candidate", "leader"] as const;
const TYPES = [
  "start",
  "role",
  "vote",
  "append",
  "truncate",
  "durable",
  "commit",
  "apply",
  "exit",
  "log",
] as const satisfies readonly TraceEvent["type"][];

/**
 * Reads `trace.jsonl`: every line is an event, in the order in which the harness received them. A first
 * line that names a format is a header, and the reader of the folder's to judge.
 */
export function parseTrace(text: string): LinesRead<TraceEvent> {
  return readLines(text, text.startsWith('{"format":') ? 2 : 1, parseTraceLine);
}

/** Reads one line of a trace. */
export function parseTraceLine(line: string): TraceEvent | Unreadable {
  return parseLine(line, readTraceEvent);
}

/** Checks that a value is a trace event with everything the checkers lean on. Throws `ShapeError`. */
export function readTraceEvent(value: unknown): TraceEvent {
  const shape = new Shape(value, "a trace event");
  shape.time("timeNs");
  shape.text("node");
  const type = shape.oneOf("type", TYPES);
  CHECKS[type](shape);
  return value as TraceEvent;
}

const CHECKS: Readonly<Record<TraceEvent["type"], (shape: Shape) => void>> = {
  start: (shape) => {
    shape.whole("term");
    shape.textOrNull("votedFor");
    shape.whole("lastIndex");
    shape.whole("lastHash");
    shape.texts("members");
  },
  role: (shape) => {
    shape.oneOf("role", ROLES);
    shape.whole("term");
    if (shape.has("votes")) shape.texts("votes");
  },
  vote: (shape) => {
    shape.whole("term");
    shape.text("candidate");
  },
  append: (shape) => {
    checkPosition(shape);
    shape.whole("from", 1);
    shape.tuples("entries", 2);
  },
  truncate: (shape) => {
    checkPosition(shape);
    shape.whole("from", 1);
  },
  durable: (shape) => {
    shape.whole("index");
    shape.whole("hash");
  },
  commit: (shape) => {
    checkPosition(shape);
    shape.whole("index");
    shape.whole("hash");
  },
  apply: (shape) => {
    shape.whole("from", 1);
    for (const hash of shape.list("hashes")) {
      if (!Number.isSafeInteger(hash)) throw new ShapeError(`"hashes" must be whole numbers`);
    }
    if (shape.has("effects")) shape.tuples("effects", 3);
  },
  exit: (shape) => {
    if (shape.get("code") !== null) shape.whole("code", Number.MIN_SAFE_INTEGER);
    shape.textOrNull("signal");
    shape.flag("expected");
  },
  log: (shape) => {
    shape.oneOf("level", ["error", "fatal"]);
    shape.text("text");
  },
};

function checkPosition(shape: Shape): void {
  shape.whole("term");
  shape.oneOf("role", ROLES);
}
