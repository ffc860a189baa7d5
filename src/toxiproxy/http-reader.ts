/** One HTTP message: its first line and its body. */
export interface HttpMessage {
  readonly firstLine: string;
  readonly body: string;
}

const BLANK_LINE = "\r\n\r\n";
/** Of headers and body together. Whoever says more is not followed any further. */
const BYTES_MAX = 64 * 1024;

/** Bytes of the message that has begun; its body is told by length, in chunks, or ends with the stream. */
type Body =
  | { readonly type: "length"; readonly length: number }
  | { readonly type: "chunks" }
  | { readonly type: "rest" };

/**
 * Reads HTTP/1 as it goes by, for whoever is curious: what it does not understand ends its reading, and nothing else.
 * Of responses those to HEAD can't be told from others, so it is for streams without.
 */
export class HttpReader {
  readonly #tell: (message: HttpMessage) => void;
  readonly #kind: "requests" | "responses";
  #buffer: Buffer = Buffer.alloc(0);
  #isLost = false;

  constructor(kind: "requests" | "responses", tell: (message: HttpMessage) => void) {
    this.#kind = kind;
    this.#tell = tell;
  }

  push(data: Buffer): void {
    if (this.#isLost) return;
    this.#buffer = this.#buffer.length === 0 ? data : Buffer.concat([this.#buffer, data]);
    while (this.#take(false));
    if (this.#buffer.length > BYTES_MAX) this.#lose();
  }

  /** The stream ends: so does a body without a length. */
  end(): void {
    if (!this.#isLost) this.#take(true);
    this.#lose();
  }

  /** Whether there was a whole message. */
  #take(isEnd: boolean): boolean {
    const headEnd = this.#buffer.indexOf(BLANK_LINE);
    if (headEnd < 0) return false;
    const [firstLine = "", ...fields] = this.#buffer.toString("latin1", 0, headEnd).split("\r\n");
    const rest = this.#buffer.subarray(headEnd + BLANK_LINE.length);
    const read = readBody(rest, this.#bodyOf(firstLine, fields), isEnd);
    if (read === undefined) return false;
    if (read === "lost" || !firstLine.includes("HTTP/1.")) {
      this.#lose();
      return false;
    }
    this.#buffer = rest.subarray(read.end);
    // "100 Continue" and its like come before the answer.
    const isInterim = this.#kind === "responses" && / 1\d\d( |$)/.test(firstLine);
    if (!isInterim) this.#tell({ firstLine, body: read.body.toString() });
    return true;
  }

  /** RFC 9112 §6.3. */
  #bodyOf(firstLine: string, fields: readonly string[]): Body {
    if (this.#kind === "responses" && /^\S+ (1\d\d|204|304)( |$)/.test(firstLine))
      return { type: "length", length: 0 };
    if (/\bchunked$/i.test(valueOf(fields, "transfer-encoding") ?? "")) return { type: "chunks" };
    const length = valueOf(fields, "content-length");
    if (length !== undefined) return { type: "length", length: Number(length) };
    return this.#kind === "responses" ? { type: "rest" } : { type: "length", length: 0 };
  }

  #lose(): void {
    this.#isLost = true;
    this.#buffer = Buffer.alloc(0);
  }
}

interface Read {
  readonly body: Buffer;
  /** Where the next message begins. */
  readonly end: number;
}

/** Undefined: it is not whole yet. */
function readBody(bytes: Buffer, body: Body, isEnd: boolean): Read | "lost" | undefined {
  switch (body.type) {
    case "rest":
      return isEnd ? { body: bytes, end: bytes.length } : undefined;
    case "chunks":
      return readChunks(bytes);
    case "length": {
      const { length } = body;
      if (!Number.isInteger(length) || length < 0) return "lost";
      return bytes.length < length ? undefined : { body: bytes.subarray(0, length), end: length };
    }
  }
}

/** RFC 9112 §7.1; trailers are left out. */
function readChunks(bytes: Buffer): Read | "lost" | undefined {
  const chunks: Buffer[] = [];
  for (let at = 0; ;) {
    const lineEnd = bytes.indexOf("\r\n", at);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(bytes.toString("latin1", at, lineEnd), 16);
    if (!(size >= 0)) return "lost";
    const start = lineEnd + 2;
    if (size === 0) {
      const end = bytes.indexOf("\r\n", start);
      return end < 0 ? undefined : { body: Buffer.concat(chunks), end: end + 2 };
    }
    if (bytes.length < start + size + 2) return undefined;
    chunks.push(bytes.subarray(start, start + size));
    at = start + size + 2;
  }
}

function valueOf(fields: readonly string[], name: string): string | undefined {
  const field = fields.find((text) => text.toLowerCase().startsWith(`${name}:`));
  return field?.slice(name.length + 1).trim();
}
