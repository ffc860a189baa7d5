import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { EnvironmentError, messageOf } from "../base/errors.ts";
import { createPrng } from "../base/prng.ts";
import { systemClock } from "./clock.ts";
import { createApiServer } from "./http.ts";
import { Metrics } from "./metrics.ts";
import { Registry } from "./registry.ts";
import type { Tap } from "./tap.ts";

export interface ToxiproxyOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Decides which connections a toxicity below 1 hits, every jitter and every slice. */
  readonly seed: string;
  /** Has HTTP read along; nobody: nothing is looked at. */
  readonly tap?: Tap | undefined;
}

export interface ToxiproxyServer extends AsyncDisposable {
  readonly host: string;
  /** The real one, never 0. */
  readonly port: number;
  /** Cuts every connection and frees every port. */
  close(): Promise<void>;
}

/** Starts a server without proxies. Throws an EnvironmentError if its port can't be listened on. */
export async function startToxiproxyServer(options: ToxiproxyOptions): Promise<ToxiproxyServer> {
  const { host, seed, tap } = options;
  const metrics = new Metrics();
  const registry = new Registry({ clock: systemClock, prng: createPrng(seed), metrics, tap });
  const server = createApiServer({ registry, metrics });
  await listen(server, options);

  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => (closed ??= closeAll(server, registry));
  const { port } = server.address() as AddressInfo;
  return { host, port, close, [Symbol.asyncDispose]: close };
}

async function listen(server: Server, { host, port }: ToxiproxyOptions): Promise<void> {
  try {
    server.listen({ host, port });
    await once(server, "listening");
  } catch (error) {
    throw new EnvironmentError(
      `Toxiproxy can't listen on ${host}:${port} (${messageOf(error)}); give it another --port`,
      { cause: error },
    );
  }
  // One client that can't be accepted (too many open files) is that client's trouble.
  server.on("error", () => {});
}

async function closeAll(server: Server, registry: Registry): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await Promise.all([closed, registry.close()]);
}
