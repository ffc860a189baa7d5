import { parseLine, readLines, Shape, ShapeError, type Unreadable, whole } from "./json-shape.ts";
import type { HistoryComplaint, HistoryHeader, NemesisValue, Op, ProcessId } from "./history.ts";

/** A stored history, as far as it could be read. */
export interface ParsedHistory {
  /** Missing when the first line is not a header of a known version; then nothing else is read. */
  readonly header: HistoryHeader | undefined;
  readonly ops: readonly Op[];
  /** Lines that are not what they should be. A history with complaints must not be called valid. */
  readonly complaints: readonly HistoryComplaint[];
  /** The half-written last line of a harness that was killed: to be told, and no fault of the history. */
  readonly unfinished: HistoryComplaint | undefined;
}

/** Reads `history.jsonl`. */
export function parseHistory(text: string): ParsedHistory {
  const feed = text.indexOf("\n");
  const header = parseLine(feed === -1 ? text : text.slice(0, feed), readHeader);
  if (!("format" in header)) {
    const complaint = { line: 1, reason: header.reason };
    return { header: undefined, ops: [], complaints: [complaint], unfinished: undefined };
  }
  let next = 0;
  const { items, complaints, unfinished } = readLines(text, 2, (line) =>
    parseLine(line, (value) => {
      const op = readOp(value);
      const expected = next;
      next = op.index + 1;
      if (op.index !== expected) {
        throw new ShapeError(`"index" is ${op.index}, but ${expected} was due`);
      }
      return op;
    }),
  );
  return { header, ops: items, complaints, unfinished };
}

/** Reads one line after the first. */
export function parseOpLine(line: string): Op | Unreadable {
  return parseLine(line, readOp);
}

/** The first line of a history, without its line feed. */
export function formatHeader(header: Omit<HistoryHeader, "format" | "version">): string {
  return JSON.stringify({ format: "raftwreck-history", version: 1, ...header });
}

/** One op as a line, without its line feed. */
export function formatOp(op: Op): string {
  return JSON.stringify(op);
}

/** The value of a nemesis op, if it is one. */
export function nemesisValueOf(op: Op): NemesisValue | undefined {
  if (op.process !== "nemesis") return undefined;
  const { value } = op;
  if (typeof value !== "object" || value === null || !("phase" in value)) return undefined;
  return value as NemesisValue;
}

function readHeader(value: unknown): HistoryHeader {
  const shape = new Shape(value, "the first line");
  if (shape.get("format") !== "raftwreck-history") {
    throw new ShapeError(
      `"format" must be "raftwreck-history": the first line is no history header`,
    );
  }
  if (shape.get("version") !== 1) {
    throw new ShapeError(
      `version ${JSON.stringify(shape.get("version"))} of the history is not known`,
    );
  }
  return {
    format: "raftwreck-history",
    version: 1,
    workload: shape.text("workload"),
    startedAt: shape.text("startedAt"),
  };
}

function readOp(value: unknown): Op {
  const shape = new Shape(value, "an op");
  const op: Op = {
    index: shape.whole("index"),
    timeNs: shape.time("timeNs"),
    process: readProcess(shape.get("process")),
    type: shape.oneOf("type", ["invoke", "ok", "fail", "info"]),
    f: shape.text("f"),
    value: shape.get("value") ?? null,
    ...(shape.has("error") && { error: shape.text("error") }),
    ...(shape.has("current") && { current: shape.textOrNull("current") }),
    ...(shape.has("node") && { node: shape.text("node") }),
  };
  if (op.process === "nemesis") {
    if (op.type !== "info") throw new ShapeError(`the nemesis writes ops of type "info" only`);
    readNemesisValue(op.value);
  }
  return op;
}

function readProcess(value: unknown): ProcessId {
  return value === "nemesis" ? value : whole(value, `"process"`);
}

function readNemesisValue(value: unknown): void {
  const shape = new Shape(value, "the value of a nemesis op");
  shape.text("id");
  shape.text("kind");
  shape.text("sentence");
  shape.texts("nodes");
  shape.texts("links");
  shape.oneOf("phase", ["intent", "confirmed", "failed"]);
  if (shape.has("reason")) shape.text("reason");
}
