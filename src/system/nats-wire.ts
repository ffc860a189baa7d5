/** One message that was delivered. */
export interface NatsMessage {
  readonly subject: string;
  /** In its headers: 404, not found; 503, nobody listens to that subject. */
  readonly status?: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

export type NatsEvent =
  /** The first thing that a server says. */
  | { readonly type: "info" }
  | { readonly type: "ping" }
  | { readonly type: "error"; readonly text: string }
  | ({ readonly type: "message" } & NatsMessage);

/** docs.nats.io, "Client Protocol": lines, and payloads whose length the line before tells. */
export class NatsReader {
  #buffer = Buffer.alloc(0);

  /** What is complete with this chunk; throws where it is nothing that a NATS server says. */
  push(chunk: Buffer): NatsEvent[] {
    this.#buffer = Buffer.concat([this.#buffer, chunk]);
    const events: NatsEvent[] = [];
    for (let parsed = parse(this.#buffer); parsed !== undefined; parsed = parse(this.#buffer)) {
      this.#buffer = this.#buffer.subarray(parsed.end);
      if (parsed.event !== undefined) events.push(parsed.event);
    }
    return events;
  }
}

interface Parsed {
  readonly event: NatsEvent | undefined;
  readonly end: number;
}

function parse(buffer: Buffer): Parsed | undefined {
  const lineEnd = buffer.indexOf("\r\n");
  if (lineEnd < 0) return undefined;
  const line = buffer.toString("utf8", 0, lineEnd);
  const end = lineEnd + 2;
  const [verb = "", ...words] = line.trim().split(/\s+/);
  switch (verb.toUpperCase()) {
    case "INFO":
      return { event: { type: "info" }, end };
    case "PING":
      return { event: { type: "ping" }, end };
    case "PONG":
    case "+OK":
      return { event: undefined, end };
    case "-ERR":
      return { event: { type: "error", text: line.slice("-ERR ".length) }, end };
    // MSG subject sid [reply] size; HMSG subject sid [reply] size-of-headers size-of-all
    case "MSG":
      return parseMessage(buffer, end, { subject: words[0], size: words.at(-1), head: "0" });
    case "HMSG":
      return parseMessage(buffer, end, {
        subject: words[0],
        size: words.at(-1),
        head: words.at(-2),
      });
    default:
      throw new Error(`"${line.slice(0, 40)}" is nothing that a NATS server says`);
  }
}

function parseMessage(
  buffer: Buffer,
  start: number,
  told: Readonly<Record<"subject" | "size" | "head", string | undefined>>,
): Parsed | undefined {
  const textStart = start + Number(told.head);
  const textEnd = start + Number(told.size);
  if (buffer.length < textEnd + 2) return undefined;
  const [status = "", ...fields] = buffer.toString("utf8", start, textStart).split("\r\n");
  const code = /^NATS\/1\.0 (\d{3})/.exec(status)?.[1];
  return {
    event: {
      type: "message",
      subject: told.subject ?? "",
      ...(code === undefined ? {} : { status: Number(code) }),
      headers: Object.fromEntries(
        fields.filter((field) => field !== "").map((field) => splitOnce(field)),
      ),
      text: buffer.toString("utf8", textStart, textEnd),
    },
    end: textEnd + 2,
  };
}

function splitOnce(field: string): [name: string, value: string] {
  const colon = field.indexOf(":");
  return [field.slice(0, colon), field.slice(colon + 1).trim()];
}

export interface NatsRequest {
  readonly subject: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly text?: string;
}

/** As it is published, with the subject on which the answer is awaited. */
export function encodeRequest(
  { subject, headers = {}, text = "" }: NatsRequest,
  reply: string,
): string {
  const size = Buffer.byteLength(text);
  const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  if (fields.length === 0) return `PUB ${subject} ${reply} ${size}\r\n${text}\r\n`;
  const head = `NATS/1.0\r\n${fields.join("")}\r\n`;
  const headSize = Buffer.byteLength(head);
  return `HPUB ${subject} ${reply} ${headSize} ${headSize + size}\r\n${head}${text}\r\n`;
}
