import { randomUUID } from "node:crypto";
import net from "node:net";
import type { Address } from "../base/address.ts";
import { messageOf } from "../base/errors.ts";
import { encodeRequest, type NatsEvent, type NatsMessage, NatsReader } from "./nats-wire.ts";
import type { NatsRequest } from "./nats-wire.ts";

/** `refused`: nobody got it. `lost`: somebody may have, and no answer came. */
export type NatsOutcome =
  | { readonly type: "answer"; readonly message: NatsMessage }
  | { readonly type: "refused"; readonly error: string }
  | { readonly type: "lost"; readonly error: string };

const HELLO = {
  verbose: false,
  pedantic: false,
  headers: true,
  no_responders: true,
  lang: "raftwreck",
  version: "1",
  protocol: 1,
};

/** The request under way. */
interface Pending {
  readonly inbox: string;
  readonly encoded: string;
  readonly finish: (outcome: NatsOutcome) => void;
  wasSent: boolean;
}

/** One connection to a NATS server, made when it is needed and again after every trouble; one request at a time. */
export class NatsLine {
  readonly #address: Address;
  /** Its own: subjects are the whole cluster's, and an answer must not go to somebody else who asked. */
  readonly #inbox = `_INBOX.${randomUUID()}`;
  #socket: net.Socket | undefined;
  #isGreeted = false;
  #pending: Pending | undefined;
  #requests = 0;

  constructor(address: Address) {
    this.#address = address;
  }

  /** `done` gets the outcome exactly once, after `timeoutMs` at the latest. */
  request(request: NatsRequest, timeoutMs: number, done: (outcome: NatsOutcome) => void): void {
    const inbox = `${this.#inbox}.${++this.#requests}`;
    const timer = setTimeout(() => this.#fail("timeout"), timeoutMs);
    this.#pending = {
      inbox,
      encoded: encodeRequest(request, inbox),
      finish: (outcome) => {
        clearTimeout(timer);
        done(outcome);
      },
      wasSent: false,
    };
    if (this.#socket === undefined) this.#connect();
    else if (this.#isGreeted) this.#send();
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
    this.#isGreeted = false;
  }

  #connect(): void {
    const socket = net.connect(this.#address);
    const reader = new NatsReader();
    socket.setNoDelay(true);
    const ifCurrent = (act: () => void): void => {
      if (this.#socket === socket) act();
    };
    socket.on("data", (chunk) =>
      ifCurrent(() => {
        try {
          for (const event of reader.push(chunk)) this.#take(event);
        } catch (error) {
          this.#fail(messageOf(error));
        }
      }),
    );
    socket.on("error", (error: NodeJS.ErrnoException) =>
      ifCurrent(() => this.#fail(error.code ?? error.message)),
    );
    socket.on("close", () => ifCurrent(() => this.#fail("closed")));
    this.#socket = socket;
  }

  #take(event: NatsEvent): void {
    switch (event.type) {
      case "info":
        // Servers say it again when others come and go.
        if (this.#isGreeted) return;
        this.#isGreeted = true;
        this.#socket?.write(`CONNECT ${JSON.stringify(HELLO)}\r\nSUB ${this.#inbox}.* 1\r\n`);
        return this.#send();
      case "ping":
        this.#socket?.write("PONG\r\n");
        return;
      case "error":
        return this.#fail(event.text);
      case "message":
        if (event.subject === this.#pending?.inbox) this.#finish(outcomeOf(event));
    }
  }

  /** Not before the greeting: what a server never read a byte of was certainly not done. */
  #send(): void {
    if (this.#pending === undefined) return;
    this.#pending.wasSent = true;
    this.#socket?.write(this.#pending.encoded);
  }

  #fail(error: string): void {
    this.close();
    this.#finish({ type: this.#pending?.wasSent === true ? "lost" : "refused", error });
  }

  #finish(outcome: NatsOutcome): void {
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.finish(outcome);
  }
}

/** A server says 503 of a message that it has neither delivered nor sent on to any other server. */
function outcomeOf(message: NatsMessage): NatsOutcome {
  if (message.status === 503) return { type: "refused", error: "no-responders" };
  return { type: "answer", message };
}

/** The same once, on a connection of its own; rejects where no answer comes. */
export function askNats(
  address: Address,
  request: NatsRequest,
  timeoutMs = 1000,
): Promise<NatsMessage> {
  const line = new NatsLine(address);
  return new Promise((resolve, reject) => {
    line.request(request, timeoutMs, (outcome) => {
      line.close();
      if (outcome.type === "answer") resolve(outcome.message);
      else reject(new Error(`${request.subject}: ${outcome.error}`));
    });
  });
}
