import type { ServerResponse } from "node:http";

const PUSH_MS = 200;
const HEARTBEAT_MS = 15_000;

/** What a stream sends: data, and an id with which a reader that comes back says what it has. */
export interface StreamMessage {
  readonly id: number;
  readonly data: unknown;
}

/** The message for a reader that has all up to this id; undefined: nothing yet. */
export type Source = (afterId: number) => StreamMessage | undefined;

interface Reader {
  readonly response: ServerResponse;
  lastId: number;
  sentAtMs: number;
}

/**
 * Server-sent events to any number of readers, five times a second. A reader that does not keep up gets fewer
 * messages, each with all that it missed.
 */
export class EventStream {
  readonly #source: Source;
  readonly #readers = new Set<Reader>();
  readonly #timer: NodeJS.Timeout;

  constructor(source: Source) {
    this.#source = source;
    this.#timer = setInterval(() => this.push(), PUSH_MS);
    this.#timer.unref();
  }

  get readerCount(): number {
    return this.#readers.size;
  }

  add(response: ServerResponse, lastEventId: string | undefined): void {
    response.writeHead(200, {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
    });
    const given = Number(lastEventId);
    const lastId = Number.isInteger(given) ? given : 0;
    const reader = { response, lastId, sentAtMs: performance.now() };
    this.#readers.add(reader);
    response.on("close", () => this.#readers.delete(reader));
    this.#send(reader);
  }

  push(): void {
    for (const reader of this.#readers) this.#send(reader);
  }

  close(): void {
    this.push();
    clearInterval(this.#timer);
    for (const { response } of this.#readers) response.end();
  }

  #send(reader: Reader): void {
    const { response } = reader;
    if (response.writableNeedDrain) return;
    const message = this.#source(reader.lastId);
    const nowMs = performance.now();
    if (message !== undefined) {
      reader.lastId = message.id;
      reader.sentAtMs = nowMs;
      response.write(`id: ${message.id}\ndata: ${JSON.stringify(message.data)}\n\n`);
    } else if (nowMs - reader.sentAtMs >= HEARTBEAT_MS) {
      reader.sentAtMs = nowMs;
      response.write(": still here\n\n");
    }
  }
}
