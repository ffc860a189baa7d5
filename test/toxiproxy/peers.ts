import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach } from "vitest";

/** How an end sees its connection: still open, closed in order, or reset. */
export type Fate = "open" | "fin" | "reset";

/** One end of a connection, and all that it has seen. */
export class Peer {
  readonly socket: Socket;
  fate: Fate = "open";
  readonly chunks: Buffer[] = [];
  receivedBytes = 0;
  endedAtMs = Infinity;
  lastByteAtMs = -Infinity;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.chunks.push(chunk);
      this.receivedBytes += chunk.length;
      this.lastByteAtMs = performance.now();
    });
    socket.on("end", () => this.#end("fin"));
    socket.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ECONNRESET") this.#end("reset");
    });
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString("latin1");
  }

  send(data: string | Buffer): number {
    this.socket.write(data);
    return performance.now();
  }

  /** Resolves when everything up to here has come. */
  async receives(text: string): Promise<void> {
    await until(
      () => this.text === text,
      () => `received ${JSON.stringify(text)}; last: ${JSON.stringify(this.text.slice(0, 200))}`,
    );
  }

  async receivesBytes(count: number): Promise<void> {
    await until(
      () => this.receivedBytes >= count,
      () => `received ${count} bytes; last: ${this.receivedBytes}`,
    );
  }

  async meets(fate: Fate): Promise<void> {
    await until(
      () => this.fate === fate,
      () => `connection ended in ${fate}; last: ${this.fate}`,
    );
  }

  #end(fate: Fate): void {
    if (this.fate !== "open") return;
    this.fate = fate;
    this.endedAtMs = performance.now();
  }
}

/** An upstream that hands out its end of each connection, in order. */
export class Upstream {
  readonly #server: Server;
  readonly #accepted: Peer[] = [];
  #taken = 0;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(onPeer: (peer: Peer) => void = () => {}): Promise<Upstream> {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    const upstream = new Upstream(server);
    server.on("connection", (socket) => {
      const peer = new Peer(socket);
      upstream.#accepted.push(peer);
      onPeer(peer);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return upstream;
  }

  /** Answers every byte with itself. */
  static startEcho(): Promise<Upstream> {
    return Upstream.start(({ socket }) => socket.pipe(socket));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get acceptedCount(): number {
    return this.#accepted.length;
  }

  async next(): Promise<Peer> {
    const index = this.#taken++;
    await until(
      () => this.#accepted.length > index,
      () => `upstream accepted connection ${index + 1}; last: ${this.#accepted.length}`,
    );
    return this.#accepted[index]!;
  }

  close(): void {
    this.#server.close();
    for (const { socket } of this.#accepted) socket.destroy();
  }
}

/** What a test opens is closed after it. */
export function usePeers(): {
  upstream(): Promise<Upstream>;
  echo(): Promise<Upstream>;
  dial(port: number): Promise<Peer>;
} {
  let open: (() => void)[] = [];
  beforeEach(() => {
    open = [];
  });
  afterEach(() => {
    for (const close of open) close();
  });
  const owned = async (starting: Promise<Upstream>): Promise<Upstream> => {
    const upstream = await starting;
    open.push(() => upstream.close());
    return upstream;
  };
  return {
    upstream: () => owned(Upstream.start()),
    echo: () => owned(Upstream.startEcho()),
    async dial(port) {
      const socket = connect({ host: "127.0.0.1", port, allowHalfOpen: true, noDelay: true });
      open.push(() => socket.destroy());
      const peer = new Peer(socket);
      await once(socket, "connect");
      return peer;
    },
  };
}

/** Waits for a condition; after the deadline the error tells what was seen last. */
export async function until(
  condition: () => boolean,
  last: () => string,
  deadlineMs = 15_000,
): Promise<void> {
  const startMs = performance.now();
  while (!condition()) {
    if (performance.now() - startMs > deadlineMs) {
      throw new Error(`not after ${deadlineMs} ms: ${last()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** "ECONNREFUSED" or "connected". */
export async function tryConnect(port: number): Promise<string> {
  const socket = connect({ host: "127.0.0.1", port });
  try {
    await once(socket, "connect");
    return "connected";
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  } finally {
    socket.destroy();
  }
}
