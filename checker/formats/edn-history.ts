import type { Op } from "../history.ts";
import { OpAssembler, type OpFields } from "./assemble.ts";
import { type Edn, formatEdn, Keyword, Tagged } from "./edn.ts";
import { EdnReader } from "./edn-reader.ts";
import type { HistoryParser } from "./history-parser.ts";
import { MalformedHistory } from "./malformed.ts";
import { isJepsenTag, plain } from "./plain.ts";

/**
 * `history.edn` of Jepsen and Maelstrom, histories of Knossos and Elle, key-value logs of Porcupine: maps, one
 * after the other or in one vector, with `:type`, `:f`, `:value`, `:process` and whatever else.
 */
export class EdnHistory implements HistoryParser {
  readonly #reader = new EdnReader();
  readonly #assembler = new OpAssembler();

  push(piece: string): Op[] {
    return this.#ops(this.#reader.push(piece));
  }

  end(): Op[] {
    return this.#ops(this.#reader.end());
  }

  #ops(values: readonly { value: Edn; line: number }[]): Op[] {
    const ops: Op[] = [];
    for (const { value, line } of values) {
      const op = this.#assembler.op(fieldsOf(value, line), line);
      if (op) ops.push(op);
    }
    return ops;
  }
}

const FIELDS = {
  type: Keyword.of("type"),
  f: Keyword.of("f"),
  value: Keyword.of("value"),
  process: Keyword.of("process"),
  time: Keyword.of("time"),
  error: Keyword.of("error"),
  node: Keyword.of("node"),
  key: Keyword.of("key"),
  current: Keyword.of("current"),
} as const satisfies Record<keyof OpFields, Keyword>;

const VALID = Keyword.of("valid?");

function fieldsOf(value: Edn, line: number): OpFields {
  if (value instanceof Tagged && isJepsenTag(value)) return fieldsOf(value.value, line);
  if (!(value instanceof Map)) {
    throw new MalformedHistory(
      line,
      `an op is a map with :type, :f and :value, not ${shortened(value)}`,
    );
  }
  const map = value as ReadonlyMap<Edn, Edn>;
  if (map.has(VALID) && !map.has(FIELDS.type)) {
    throw new MalformedHistory(
      line,
      "these are the results of another checker; give the history.edn that lies beside them",
    );
  }
  const field = (name: keyof OpFields): unknown => {
    const item = map.get(FIELDS[name]);
    return item === undefined ? undefined : plain(item);
  };
  return {
    type: field("type"),
    f: field("f"),
    value: field("value"),
    process: field("process"),
    time: field("time"),
    error: field("error"),
    node: field("node"),
    key: field("key"),
    current: field("current"),
  };
}

function shortened(value: Edn): string {
  const text = formatEdn(value);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
