import { connect, Socket } from "node:net";
import type { Address } from "../base/address.ts";
import { parseAddress } from "./address.ts";
import type { Clock } from "./clock.ts";
import { Link } from "./link.ts";
import type { ByteCount } from "./metrics.ts";
import type { ConnectionTap } from "./tap.ts";
import type { StreamName, Toxic } from "./toxic.ts";

export interface ConnectionOptions {
  /** Accepted, and not read yet. */
  readonly client: Socket;
  readonly upstream: string;
  /** The proxy's toxics when the upstream has answered: they may have changed while it was dialled. */
  readonly toxics: () => readonly Toxic[];
  readonly counts: Readonly<Record<StreamName, ByteCount>>;
  readonly tap?: ConnectionTap | undefined;
  readonly onClosed: () => void;
}

/** A client, its own connection to the upstream, and the two streams between them. */
export class Connection {
  readonly #clock: Clock;
  readonly #options: ConnectionOptions;
  readonly #client: Socket;
  readonly #upstream: Socket;
  #links: Readonly<Record<StreamName, Link>> | undefined;
  /** SO_LINGER 0, as it were: both sockets end in RST. */
  #resets = false;

  /** Dials at once, before any byte has come. A failure closes the client. */
  constructor(clock: Clock, options: ConnectionOptions) {
    this.#clock = clock;
    this.#options = options;
    this.#client = options.client;
    this.#upstream = dial(options.upstream);
    this.#upstream.once("connect", () => this.#join());
    this.#upstream.once("close", () => this.#onUpstreamClosed());
    this.#client.once("close", () => this.#onClosed());
    // Every error is followed by "close", which says all there is to do.
    this.#client.on("error", () => {});
    this.#upstream.on("error", () => {});
  }

  addToxic(toxic: Toxic): void {
    this.#links?.[toxic.stream].add(toxic);
  }

  updateToxic(toxic: Toxic): void {
    this.#links?.[toxic.stream].update(toxic);
  }

  removeToxic(toxic: Toxic): void {
    this.#links?.[toxic.stream].remove(toxic);
  }

  /** Cuts both sides now, whatever is held or unsent. */
  cut(): void {
    for (const socket of [this.#client, this.#upstream]) {
      if (this.#resets) socket.resetAndDestroy();
      else socket.destroy();
    }
  }

  #join(): void {
    this.#links = {
      upstream: this.#link("upstream", this.#client, this.#upstream),
      downstream: this.#link("downstream", this.#upstream, this.#client),
    };
    this.#resets = this.#links.upstream.resets || this.#links.downstream.resets;
    this.#links.upstream.start();
    this.#links.downstream.start();
  }

  #link(stream: StreamName, source: Socket, target: Socket): Link {
    return new Link(this.#clock, {
      stream,
      source,
      target,
      toxics: this.#options.toxics().filter((toxic) => toxic.stream === stream),
      count: this.#options.counts[stream],
      tap: this.#options.tap,
      closeTarget: () => this.#closeWhenFlushed(target),
    });
  }

  /** The whole socket, not half of it: like the original, there is no half-close through the proxy. */
  #closeWhenFlushed(socket: Socket): void {
    if (!this.#resets) socket.destroySoon();
    else if (socket.writableLength === 0) socket.resetAndDestroy();
    else socket.write(NOTHING, () => socket.resetAndDestroy());
  }

  #onUpstreamClosed(): void {
    if (!this.#links) this.#client.destroy();
    this.#onClosed();
  }

  #onClosed(): void {
    if (this.#client.closed && this.#upstream.closed) this.#options.onClosed();
  }
}

const NOTHING = Buffer.alloc(0);

/** The name is resolved at every dial, so it may move. An address that is none is an upstream that is down. */
function dial(upstream: string): Socket {
  const address = addressOf(upstream);
  if (!address) return new Socket().destroy();
  // Without noDelay two small writes in a row wait 40 ms for each other.
  return connect({
    host: address.host || "localhost",
    port: address.port,
    allowHalfOpen: true,
    noDelay: true,
  });
}

function addressOf(text: string): Address | undefined {
  try {
    return parseAddress(text);
  } catch {
    return undefined;
  }
}
