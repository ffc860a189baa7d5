import { once } from "node:events";
import {
  type AddressInfo,
  createServer,
  type ListenOptions,
  type Server,
  type Socket,
} from "node:net";
import { messageOf } from "../base/errors.ts";
import { type Address, formatAddress } from "../base/address.ts";

const EVERY_INTERFACE = ["", "0.0.0.0", "::"];

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: "address already in use",
  EADDRNOTAVAIL: "cannot assign requested address",
  EACCES: "permission denied",
};

/** An open port. */
export class Listener {
  /** With the real port; every interface is "[::]". */
  readonly address: string;
  readonly port: number;
  readonly #server: Server;

  private constructor(server: Server) {
    const { address, port } = server.address() as AddressInfo;
    this.#server = server;
    this.address = formatAddress({ host: address, port });
    this.port = port;
  }

  /** Throws a sentence like "listen tcp 127.0.0.1:80: bind: permission denied". */
  static async open(address: Address, onClient: (client: Socket) => void): Promise<Listener> {
    const server = createServer(
      { allowHalfOpen: true, pauseOnConnect: true, noDelay: true },
      onClient,
    );
    try {
      server.listen(listenOptions(address));
      await once(server, "listening");
    } catch (error) {
      throw new Error(`listen tcp ${formatAddress(address)}: bind: ${reasonOf(error)}`, {
        cause: error,
      });
    }
    // One client that can't be accepted (too many open files) is that client's trouble.
    server.on("error", () => {});
    return new Listener(server);
  }

  /** The port refuses as soon as this is called. Waits for the connections to end: cut them in the same turn. */
  async close(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    await closed;
  }
}

function listenOptions({ host, port }: Address): ListenOptions {
  return EVERY_INTERFACE.includes(host) ? { port } : { host, port };
}

function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  return REASONS[code] ?? messageOf(error);
}
