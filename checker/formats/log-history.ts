import type { Op } from "../history.ts";
import { OpAssembler, type OpFields } from "./assemble.ts";
import type { Edn } from "./edn.ts";
import { EdnReader } from "./edn-reader.ts";
import { isDelimiter } from "./edn-words.ts";
import type { HistoryParser } from "./history-parser.ts";
import { LineCutter } from "./line-cutter.ts";
import { MalformedHistory } from "./malformed.ts";
import { plain } from "./plain.ts";

/** The part of Jepsen that logs ops names itself so, whatever else its logger puts before it. */
const MARK = "jepsen.util";

const SHAPE = "process, type, function and value were expected";

/** Whose answer may be half written was not answered for sure. */
const TORN = { type: "info", error: "cut-off" } as const satisfies Partial<OpFields>;

/**
 * Ops as Jepsen prints them, a line each: process, type, function, value, error. `history.txt` of Jepsen and
 * Maelstrom has them bare; in `jepsen.log` and in Porcupine's logs of etcd a logger's words stand before them,
 * and lines of other kinds between.
 */
export class LogHistory implements HistoryParser {
  readonly #lines = new LineCutter();
  readonly #assembler = new OpAssembler();
  /** Whether the first op had a logger's words before it. Then lines without are no ops. */
  #isLogged: boolean | undefined;

  push(piece: string): Op[] {
    return this.#ops(this.#lines.push(piece), true);
  }

  end(): Op[] {
    const ops = this.#ops(this.#lines.end(), false);
    if (this.#isLogged === undefined) throw new MalformedHistory(1, "no line of this is an op");
    return ops;
  }

  #ops(lines: Iterable<string>, isTerminated: boolean): Op[] {
    const ops: Op[] = [];
    for (const line of lines) {
      const op = this.#op(line, isTerminated);
      if (op) ops.push(op);
    }
    return ops;
  }

  #op(line: string, isTerminated: boolean): Op | undefined {
    const mark = line.indexOf(MARK);
    const isLogged = mark !== -1;
    const printed = isLogged ? line.slice(endOfMark(line, mark)) : line;
    if (!looksLikeOp(printed)) {
      const mustBeOp = this.#isLogged === false && printed.trim() !== "";
      if (mustBeOp) throw new MalformedHistory(this.#lines.line, `this is no op: ${SHAPE}`);
      return undefined;
    }
    this.#isLogged ??= isLogged;
    const fields = fieldsOf(printed, this.#lines.line);
    const isTorn = !isTerminated && fields.type === ":ok" && mayGoOn(printed);
    return this.#assembler.op(isTorn ? { ...fields, ...TORN } : fields, this.#lines.line);
  }
}

/** After the name come a colon or a hyphen, as the logger likes. */
function endOfMark(line: string, mark: number): number {
  let at = mark + MARK.length;
  while (at < line.length && " \t:-".includes(line[at]!)) {
    // The colon of ":nemesis" is not the logger's.
    if (line[at] === ":" && !" \t".includes(line[at + 1] ?? " ")) break;
    at++;
  }
  return at;
}

/** A process (a number or `:nemesis`), then one of the four types. */
function looksLikeOp(printed: string): boolean {
  const start = skipBlank(printed, 0);
  const end = skipWord(printed, start);
  const type = skipBlank(printed, end);
  const typeEnd = skipWord(printed, type);
  return end > start && [":invoke", ":ok", ":fail", ":info"].includes(printed.slice(type, typeEnd));
}

function skipBlank(text: string, from: number): number {
  let at = from;
  while (text[at] === " " || text[at] === "\t") at++;
  return at;
}

function skipWord(text: string, from: number): number {
  let at = from;
  while (at < text.length && !" \t\r".includes(text[at]!)) at++;
  return at;
}

/** Whether a line that ends here may have been cut in its last word, as 12 in its 1. */
function mayGoOn(printed: string): boolean {
  if (isDelimiter(printed.charCodeAt(printed.length - 1))) return false;
  const lastWord = /[^\s,]*$/.exec(printed)![0];
  return !["nil", "true", "false"].includes(lastWord);
}

function fieldsOf(printed: string, line: number): OpFields {
  const values = valuesOf(printed, line).map(plain);
  if (values.length < 4) throw new MalformedHistory(line, `this op is not whole: ${SHAPE}`);
  const [process, type, f, value, error] = values;
  return { process, type, f, value, error };
}

function valuesOf(printed: string, line: number): Edn[] {
  const reader = new EdnReader();
  try {
    // In brackets, as one vector at the top is looked into: the value itself may be one.
    return [...reader.push(`[${printed}\n]`), ...reader.end()].map(({ value }) => value);
  } catch (error) {
    if (error instanceof MalformedHistory) throw new MalformedHistory(line, error.reason);
    throw error;
  }
}
