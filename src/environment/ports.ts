import net from "node:net";
import { EnvironmentError } from "../base/errors.ts";
import type { Prng } from "../base/prng.ts";

/** Below the range that operating systems give out by themselves (32768 on Linux), above the well-known. */
const PORT_MIN = 20_000;
const PORT_MAX = 32_000;
const TRIES = 50;

/** So many neighbouring ports of the loopback address that nobody listens on now. */
export async function findFreePorts(count: number, prng: Prng): Promise<number[]> {
  for (let i = 0; i < TRIES; i++) {
    const first = prng.int(PORT_MIN, PORT_MAX - count);
    const ports = Array.from({ length: count }, (_, k) => first + k);
    const free = await Promise.all(ports.map(isFree));
    if (free.every(Boolean)) return ports;
  }
  throw new EnvironmentError(
    `found no ${count} neighbouring free ports between ${PORT_MIN} and ${PORT_MAX} on 127.0.0.1 in ${TRIES} tries`,
  );
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
