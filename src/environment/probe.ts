import { connect } from "node:net";
import type { Address } from "../base/address.ts";

/**
 * What a TCP connect to the address shows: undefined where it is as expected, else a sentence. Nothing
 * is sent, so whoever listens behind sees a connection that ends at once.
 */
export async function probe(
  { host, port }: Address,
  expected: "accepts" | "refuses",
  timeoutMs = 1000,
): Promise<string | undefined> {
  const seen = await new Promise<string>((resolve) => {
    const socket = connect({ host, port });
    const end = (what: string): void => {
      socket.destroy();
      resolve(what);
    };
    socket.setTimeout(timeoutMs, () => end(`does not answer within ${timeoutMs} ms`));
    socket.once("connect", () => end("accepts"));
    socket.once("error", (error: NodeJS.ErrnoException) =>
      end(error.code === "ECONNREFUSED" ? "refuses" : `fails with ${error.message}`),
    );
  });
  return seen === expected
    ? undefined
    : `${host}:${port} ${seen} where it should be one that ${expected}`;
}

/** The address of "127.0.0.1:21102" or "[::1]:21102"; undefined for any other but a loopback one. */
export function loopbackAddress(listen: string): Address | undefined {
  const match = /^(127\.\d+\.\d+\.\d+|localhost|\[::1\]):(\d+)$/.exec(listen);
  const [, host, port] = match ?? [];
  if (host === undefined) return undefined;
  return { host: host.replaceAll(/[[\]]/g, ""), port: Number(port) };
}
