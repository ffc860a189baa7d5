import {
  isMicroOp,
  KEY_BYTES_MAX,
  TXN_OPS_MAX,
  VALUE_BYTES_MAX,
  type Command,
  type InSession,
  type MicroOp,
} from "../kv/command.ts";
import type { ClientRequest } from "../replica/client.ts";
import { answerTo, type Ask } from "./answers.ts";
import { refuse, type Answer, type Call, type Route } from "./http-server.ts";
import { MalformedError, parseObject } from "./wire.ts";

/** A value twice (new and expected), each character at most six bytes as JSON, and the rest. */
const BODY_BYTES_MAX = 12 * VALUE_BYTES_MAX + 1024;

/** The key-value store's own endpoints: `/kv/:key`, `/txn` and `/sessions`. */
export function kvRoutes(ask: Ask): Route[] {
  const route = (
    method: string,
    path: string,
    read: (call: Call) => ClientRequest | Answer,
  ): Route => ({
    method,
    path,
    maxBodyBytes: BODY_BYTES_MAX,
    handle: (call, answer) => {
      const request = read(call);
      if ("status" in request) return answer(request);
      ask(request, (reply) => answer(answerTo(request, reply)));
    },
  });
  return [
    route("GET", "/kv/", (call) => withKey(call, (key) => ({ type: "read", key }))),
    route("PUT", "/kv/", (call) => withKey(call, (key) => readPut(call, key))),
    route("DELETE", "/kv/", (call) =>
      withKey(call, (key) => write({ op: "delete", key, ...readSession(call) })),
    ),
    route("POST", "/txn", (call) =>
      write({ op: "txn", ops: readOps(parseObject(call.body)["ops"]), ...readSession(call) }),
    ),
    route("POST", "/sessions", () => write({ op: "register" })),
  ];
}

function write(command: Command): ClientRequest {
  return { type: "write", command };
}

function withKey(call: Call, use: (key: string) => ClientRequest | Answer): ClientRequest | Answer {
  const key = call.path.slice("/kv/".length);
  if (key === "") throw new MalformedError("the key is missing: /kv/KEY");
  if (Buffer.byteLength(key) > KEY_BYTES_MAX) {
    return refuse(413, "too-large", `a key has at most ${KEY_BYTES_MAX} bytes`);
  }
  return use(key);
}

/** The body is `{"value": …}`; `"expected"` in it, or If-Match / If-None-Match: *, makes it a compare-and-set. */
function readPut(call: Call, key: string): ClientRequest | Answer {
  const fields = parseObject(call.body);
  const { value } = fields as { value?: unknown };
  if (typeof value !== "string") throw new MalformedError("value must be a string");
  if (Buffer.byteLength(value) > VALUE_BYTES_MAX) {
    return refuse(413, "too-large", `a value has at most ${VALUE_BYTES_MAX} bytes`);
  }
  const expected = readExpected(call, fields["expected"]);
  const session = readSession(call);
  if (expected === undefined) return write({ op: "put", key, value, ...session });
  return write({ op: "cas", key, expected, value, ...session });
}

/** `{"ops": [["r", key], ["w", key, value], ["append", key, element], ["take", key], ["cas", key, expected, value], ["add", key, n]]}` */
function readOps(value: unknown): MicroOp[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > TXN_OPS_MAX) {
    throw new MalformedError(`ops must be a list of 1 to ${TXN_OPS_MAX} steps`);
  }
  return value.map((op: unknown, i) => {
    const complaint = isMicroOp(op) ? tooLarge(op) : OP_SHAPES;
    if (complaint !== undefined) throw new MalformedError(`ops[${i}] ${complaint}`);
    return op as MicroOp;
  });
}

const OP_SHAPES =
  'must be one of ["r", key], ["w", key, value], ["append", key, element], ' +
  '["take", key], ["cas", key, expected, value] and ["add", key, whole number], with strings for the others';

function tooLarge([, key, ...values]: MicroOp): string | undefined {
  if (Buffer.byteLength(key) > KEY_BYTES_MAX)
    return `has a key of more than ${KEY_BYTES_MAX} bytes`;
  const isLarge = values.some((value) => Buffer.byteLength(String(value)) > VALUE_BYTES_MAX);
  return isLarge ? `has a value of more than ${VALUE_BYTES_MAX} bytes` : undefined;
}

/** Undefined: no condition. One that can't be understood is refused, since it must not be ignored. */
function readExpected(call: Call, inBody: unknown): string | null | undefined {
  const { "if-match": match, "if-none-match": noneMatch } = call.headers;
  if ([inBody, match, noneMatch].filter((condition) => condition !== undefined).length > 1) {
    throw new MalformedError("give one of expected, If-Match and If-None-Match");
  }
  if (noneMatch !== undefined) {
    if (noneMatch === "*") return null;
    throw new MalformedError("If-None-Match must be *, for an absent key");
  }
  if (match === "*") throw new MalformedError("If-Match must be the expected value, not *");
  if (match !== undefined) {
    // Headers are bytes, which Node.js takes for Latin-1.
    const value = Buffer.from(match, "latin1").toString("utf8");
    return /^".*"$/s.test(value) ? value.slice(1, -1) : value;
  }
  if (inBody === undefined || inBody === null || typeof inBody === "string") return inBody;
  throw new MalformedError("expected must be a string, or null for an absent key");
}

function readSession(call: Call): InSession {
  const session = readNumber(call, "raftwreck-session");
  const sequence = readNumber(call, "raftwreck-sequence");
  if (session === undefined && sequence === undefined) return {};
  if (session === undefined || sequence === undefined) {
    throw new MalformedError("Raftwreck-Session and Raftwreck-Sequence go together");
  }
  return { session, sequence };
}

function readNumber(call: Call, header: string): number | undefined {
  const text = call.headers[header];
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new MalformedError(`${header} must be a whole number from 1 on`);
}
