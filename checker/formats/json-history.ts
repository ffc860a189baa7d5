import type { Op } from "../history.ts";
import { parseOpLine } from "../history-file.ts";
import { parseLine, readValue, Shape, ShapeError, Unreadable } from "../json-shape.ts";
import { OpAssembler, type OpFields } from "./assemble.ts";
import { mayBeRounded, parseExactly } from "./exact-json.ts";
import type { HistoryParser } from "./history-parser.ts";
import { LineCutter } from "./line-cutter.ts";
import { MalformedHistory } from "./malformed.ts";

/**
 * Ops as JSON objects, a line each: Raftwreck's own `history.jsonl`, which begins with its header, or any other
 * with the fields type, f, value and process.
 */
export class JsonLinesHistory implements HistoryParser {
  readonly #lines = new LineCutter();
  readonly #assembler = new OpAssembler();
  /** Whether the first line is the header of a history of ours. */
  #isOurs: boolean | undefined;

  push(piece: string): Op[] {
    return this.#ops(this.#lines.push(piece), true);
  }

  end(): Op[] {
    return this.#ops(this.#lines.end(), false);
  }

  #ops(lines: Iterable<string>, isTerminated: boolean): Op[] {
    const ops: Op[] = [];
    for (const line of lines) {
      const op = line.trim() === "" ? undefined : this.#op(line, isTerminated);
      if (op) ops.push(op);
    }
    return ops;
  }

  #op(text: string, isTerminated: boolean): Op | undefined {
    const { line } = this.#lines;
    if (this.#isOurs === undefined) {
      this.#isOurs = text.includes('"raftwreck-history"');
      if (this.#isOurs) return undefined;
    }
    const again = (): unknown => parseExactly(text);
    if (!this.#isOurs) {
      const fields = orThrow(parseLine(text, fieldsOf), line);
      return this.#assembler.op(exactly(fields, again), line);
    }
    const op = parseOpLine(text);
    // What a harness leaves that was killed while it wrote.
    if (op instanceof Unreadable && !isTerminated) return undefined;
    const whole = orThrow(op, line);
    if (whole.process === "nemesis") return undefined;
    return mayBeRounded(whole.value) ? { ...whole, value: fieldsOf(again()).value } : whole;
  }
}

/** The same as one JSON array, which is read as a whole. */
export class JsonArrayHistory implements HistoryParser {
  readonly #pieces: string[] = [];

  push(piece: string): Op[] {
    this.#pieces.push(piece);
    return [];
  }

  end(): Op[] {
    const text = this.#pieces.join("");
    const items = orThrow(parseLine(text, arrayOf), 1);
    let exactItems: readonly unknown[] | undefined;
    const assembler = new OpAssembler();
    const ops: Op[] = [];
    for (const [position, item] of items.entries()) {
      const fields = orThrow(readValue(item, fieldsOf), position + 1);
      const again = (): unknown => (exactItems ??= arrayOf(parseExactly(text)))[position];
      const op = assembler.op(exactly(fields, again), position + 1);
      if (op) ops.push(op);
    }
    return ops;
  }
}

function fieldsOf(value: unknown): OpFields {
  const shape = new Shape(value, "an op");
  const field = (name: keyof OpFields): unknown => shape.get(name);
  return {
    type: field("type"),
    f: field("f"),
    value: field("value"),
    process: field("process"),
    time: field("time") ?? shape.get("timeNs"),
    error: field("error"),
    node: field("node"),
    key: field("key"),
    current: field("current"),
  };
}

/** Times may be rounded, values and keys may not. `again` parses the op exactly, which is slow. */
function exactly(fields: OpFields, again: () => unknown): OpFields {
  if (!mayBeRounded(fields.value) && !mayBeRounded(fields.key)) return fields;
  const { value, key } = fieldsOf(again());
  return { ...fields, value, key };
}

function arrayOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new ShapeError("the history must be a JSON array of ops");
  return value;
}

function orThrow<T>(result: T | Unreadable, line: number): T {
  if (result instanceof Unreadable) throw new MalformedHistory(line, result.reason);
  return result;
}
