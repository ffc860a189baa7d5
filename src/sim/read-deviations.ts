import { unreachable } from "../base/assert.ts";
import { ConfigError } from "../base/errors.ts";
import type { NodeId } from "../base/node-id.ts";
import {
  Complaint,
  readInteger,
  readListOf,
  readNumber,
  readOneOf,
  readRecord,
  readText,
  type Reader,
  type RecordReader,
} from "../../nemesis/read.ts";
import { CLIENTS } from "../../nemesis/target.ts";
import { NODE_CONCERNS } from "./chance.ts";
import type { Deviation, MessagePattern } from "./deviation.ts";
import { MESSAGE_KINDS } from "./message.ts";

const TYPES = [
  "drop",
  "delay",
  "duplicate",
  "chance",
  "timeout",
  "clock-jump",
  "operation",
] as const satisfies readonly Deviation["type"][];

/**
 * Reads a deviation list from the parsed value of a JSON or YAML file, for a cluster of these nodes. Times may be
 * written as in a schedule (`at: 1.5` and `at: 1500ms` are the same, `by: 20` is 20 ms). Throws a ConfigError that
 * names the file, the place and what to write instead.
 */
export function parseDeviations(
  value: unknown,
  cluster: { readonly nodes: readonly NodeId[] },
  fileName: string,
): readonly Deviation[] {
  try {
    const read: Reader<Deviation> = (item, path) => readDeviation(item, path, cluster.nodes);
    return readListOf(read)(value, "deviations");
  } catch (error) {
    if (!(error instanceof Complaint)) throw error;
    throw new ConfigError(`${fileName}: ${error.path}: ${error.message}`, { cause: error });
  }
}

function readDeviation(value: unknown, path: string, nodes: readonly NodeId[]): Deviation {
  const input = readRecord(value, path);
  const type = input.required("type", readOneOf(TYPES));
  const deviation = readByType(type, input, nodes);
  input.end();
  return deviation;
}

function readByType(
  type: Deviation["type"],
  input: RecordReader,
  nodes: readonly NodeId[],
): Deviation {
  const readNode = readOneOf(nodes);
  const atMs = (): number => input.durationMs("at", "s") ?? input.required("at", readMissing);
  const byMs = (): number => input.durationMs("by", "ms") ?? input.required("by", readMissing);
  const message = (): MessagePattern => input.required("message", readPattern(nodes));
  switch (type) {
    case "drop":
    case "duplicate":
      return { type, message: message() };
    case "delay":
      // In a recorded list also less than nothing, where a link's jitter made it so.
      return {
        type,
        message: message(),
        byMs: input.has("byMs") ? input.required("byMs", readNumber({ min: -1e9 })) : byMs(),
      };
    case "chance": {
      const key = input.optional("key", readListOf(readNumber({ min: 0 })));
      return {
        type,
        of: input.required("of", readOneOf(NODE_CONCERNS)),
        node: input.required("node", readNode),
        ...(key === undefined ? {} : { key }),
        value: input.required("value", readNumber({ min: 0, max: 1 })),
      };
    }
    case "timeout":
      return { type, node: input.required("node", readNode), atMs: atMs() };
    case "clock-jump":
      return { type, node: input.required("node", readNode), atMs: atMs(), byMs: byMs() };
    case "operation":
      return {
        type,
        atMs: atMs(),
        client: input.optional("client", readInteger({ min: 0 })) ?? 0,
        f: input.required("f", readText),
        value: input.required("value", (value) => value),
      };
    default:
      return unreachable(type);
  }
}

/** Only called where neither way of writing a duration was used, so there is nothing to be read. */
const readMissing: Reader<never> = (_value, path) => {
  throw new Complaint(path, "is missing");
};

function readPattern(nodes: readonly NodeId[]): Reader<MessagePattern> {
  return (value, path) => {
    const input = readRecord(value, path);
    const readEnd = readOneOf([...nodes, CLIENTS]);
    const pattern = {
      from: input.optional("from", readEnd),
      to: input.optional("to", readEnd),
      kind: input.optional("kind", readOneOf(MESSAGE_KINDS)),
      term: input.optional("term", readInteger({ min: 0 })),
      index: input.optional("index", readInteger({ min: 0 })),
      occurrence: input.optional("occurrence", readInteger({ min: 1 })),
    };
    input.end();
    return Object.fromEntries(
      Object.entries(pattern).filter(([, field]) => field !== undefined),
    ) as MessagePattern;
  };
}
