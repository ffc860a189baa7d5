import type { TraceEvent } from "../src/base/trace.ts";
import { type LinesRead, parseLine, readLines, Shape, type Unreadable } from "./json-shape.ts";

const ROLES = ["follower", "candidate", "leader"] as const;
/** Of all lines that there can be. */
export const TRACE_TYPES = [
  "start",
  "role",
  "vote",
  "led",
  "append",
  "truncate",
  "durable",
  "commit",
  "apply",
  "snapshot",
  "install",
  "configuration",
  "read-ticket",
  "read-answer",
  "exit",
  "disk-lost",
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
  const type = shape.oneOf("type", TRACE_TYPES);
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
    if (shape.has("learners")) shape.texts("learners");
    if (shape.has("snapshot")) checkMark(new Shape(shape.get("snapshot"), `"snapshot"`));
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
  led: (shape) => shape.whole("term"),
  append: (shape) => {
    checkPosition(shape);
    shape.whole("from", 1);
    shape.tuples("entries", 2);
    if (shape.has("configurations")) shape.wholes("configurations", 1);
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
    shape.wholes("hashes");
    if (shape.has("effects")) shape.tuples("effects", 3);
  },
  snapshot: checkMark,
  install: (shape) => {
    checkMark(shape);
    shape.whole("term");
    shape.whole("lastIndex", 1);
  },
  configuration: (shape) => {
    shape.whole("index");
    shape.texts("voters");
    shape.texts("learners");
  },
  "read-ticket": (shape) => {
    shape.whole("ticket");
    shape.whole("index");
  },
  "read-answer": (shape) => {
    shape.whole("ticket");
    shape.whole("appliedIndex");
  },
  exit: (shape) => {
    if (shape.get("code") !== null) shape.whole("code", Number.MIN_SAFE_INTEGER);
    shape.textOrNull("signal");
    shape.flag("expected");
  },
  "disk-lost": () => undefined,
  log: (shape) => {
    shape.oneOf("level", ["error", "fatal"]);
    shape.text("text");
  },
};

function checkPosition(shape: Shape): void {
  shape.whole("term");
  shape.oneOf("role", ROLES);
}

/** What a snapshot stands for; the empty log needs none. */
function checkMark(shape: Shape): void {
  shape.whole("index", 1);
  shape.whole("entryTerm");
  shape.whole("hash");
  shape.whole("stateHash");
}
