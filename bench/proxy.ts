import { fork } from "node:child_process";
import { once } from "node:events";
import http from "node:http";
import net from "node:net";
import { fileURLToPath } from "node:url";
import { createProxies } from "../src/environment/proxies.ts";
import { ProxyProcess } from "../src/environment/proxy-process.ts";
import { type Figure, quantile } from "./figure.ts";
import { startRealProxy } from "./real-proxy.ts";

const ECHO = fileURLToPath(new URL("./echo.js", import.meta.url));
const ROUND_TRIPS = 2000;
const ROUNDS = 7;
const THROUGHPUT_ROUNDS = 3;
const BULK_BYTES = 64 * 2 ** 20;
const MESSAGE = Buffer.alloc(200, "x");

/** A server under comparison, and where it takes what is meant for each echo. */
interface Path {
  readonly name: string;
  readonly tcpPort: number;
  readonly webPort: number;
}

/**
 * A message there and back, and bytes in bulk: directly, through the embedded proxy and through the real one,
 * in turn. Each end is its own process.
 */
export async function measureProxy(): Promise<Figure[]> {
  const echo = fork(ECHO, { stdio: "inherit" });
  const [[tcpPort, webPort]] = (await once(echo, "message")) as [[number, number]];
  const direct = { name: "direct", tcpPort, webPort };
  await using embedded = await ProxyProcess.start("bench");
  const real = await startRealProxy();
  const paths = [direct, await pathThrough("embedded", embedded.url, direct)];
  if (typeof real === "string") console.log(`      the real Toxiproxy is not compared: ${real}`);
  else paths.push(await pathThrough("Toxiproxy", real.url, direct));
  try {
    return [
      await compare("a call between nodes (HTTP, 200 bytes)", paths, (path) =>
        httpClient(path.webPort),
      ),
      await compare("bare TCP, 200 bytes", paths, (path) => tcpClient(path.tcpPort)),
      await compareThroughput(paths),
    ];
  } finally {
    echo.disconnect();
    if (typeof real !== "string") await real[Symbol.asyncDispose]();
  }
}

async function pathThrough(name: string, url: string, direct: Path): Promise<Path> {
  const links = [direct.tcpPort, direct.webPort].map((port) => ({
    link: { source: "bench", target: `p${port}` },
    listen: "127.0.0.1:0",
    upstream: `127.0.0.1:${port}`,
  }));
  // Goes with its server.
  const proxies = await createProxies({ url, links });
  const [tcpPort = 0, webPort = 0] = links.map(({ link }) =>
    Number(proxies.listenOf(link).split(":").at(-1)),
  );
  return { name, tcpPort, webPort };
}

/** Sends one message and resolves when it is back. */
interface RoundTripper extends Disposable {
  roundTrip(): Promise<void>;
}

async function compare(
  what: string,
  paths: readonly Path[],
  connect: (path: Path) => RoundTripper,
): Promise<Figure> {
  const rounds = paths.map((): Quantiles[] => []);
  for (let i = 0; i < ROUNDS; i++) {
    for (const [k, path] of paths.entries()) rounds[k]?.push(await roundTripsUs(connect(path)));
  }
  const figures = rounds.map((round) => ({
    p50: median(round.map(({ p50 }) => p50)),
    p99: median(round.map(({ p99 }) => p99)),
  }));
  const [direct = NaN, embedded = NaN, real] = figures.map(({ p50 }) => p50);
  const texts = figures.map(
    ({ p50, p99 }, k) =>
      `${paths[k]?.name} ${p50.toFixed(0)} µs (${(p50 / direct).toFixed(2)} times, p99 ${p99.toFixed(0)})`,
  );
  return {
    what: `proxy round trip, median: ${what}`,
    value: texts.join(", "),
    goal: "embedded within 2 times direct, or no slower than Toxiproxy",
    isMet: embedded <= 2 * direct || (real !== undefined && embedded <= real),
  };
}

interface Quantiles {
  readonly p50: number;
  readonly p99: number;
}

async function roundTripsUs(made: RoundTripper): Promise<Quantiles> {
  using client = made;
  const times = new Float64Array(ROUND_TRIPS);
  for (let i = 0; i < ROUND_TRIPS; i++) {
    const startMs = performance.now();
    await client.roundTrip();
    times[i] = (performance.now() - startMs) * 1000;
  }
  times.sort();
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
}

/** Bytes sent to the echo and received from it. */
async function compareThroughput(paths: readonly Path[]): Promise<Figure> {
  const rounds = paths.map((): number[] => []);
  for (let i = 0; i < THROUGHPUT_ROUNDS; i++) {
    for (const [k, path] of paths.entries())
      rounds[k]?.push(await megabytesPerSecond(path.tcpPort));
  }
  const rates = rounds.map(median);
  const [, embedded = NaN, real] = rates;
  return {
    what: "proxy throughput, both ways at once",
    value: rates.map((rate, k) => `${paths[k]?.name} ${rate.toFixed(0)} MB/s`).join(", "),
    goal: "embedded at least half of Toxiproxy",
    isMet: real === undefined || embedded >= real / 2,
  };
}

async function megabytesPerSecond(port: number): Promise<number> {
  const socket = net.connect(port, "127.0.0.1");
  const chunk = Buffer.alloc(64 * 1024);
  let sent = 0;
  let received = 0;
  const startMs = performance.now();
  const send = (): void => {
    while (sent < BULK_BYTES && socket.write(chunk)) sent += chunk.length;
  };
  socket.on("drain", () => {
    sent += chunk.length;
    send();
  });
  send();
  await new Promise<void>((resolve) => {
    socket.on("data", (data) => {
      received += data.length;
      if (received >= BULK_BYTES) resolve();
    });
  });
  socket.destroy();
  return BULK_BYTES / 1e6 / ((performance.now() - startMs) / 1000);
}

function median(values: readonly number[]): number {
  return quantile(
    values.toSorted((a, b) => a - b),
    0.5,
  );
}

function tcpClient(port: number): RoundTripper {
  const socket = net.connect(port, "127.0.0.1");
  socket.setNoDelay(true);
  const roundTrip = (): Promise<void> =>
    new Promise((resolve) => {
      let received = 0;
      const take = (chunk: Buffer): void => {
        received += chunk.length;
        if (received < MESSAGE.length) return;
        socket.off("data", take);
        resolve();
      };
      socket.on("data", take);
      socket.write(MESSAGE);
    });
  return { roundTrip, [Symbol.dispose]: () => socket.destroy() };
}

function httpClient(port: number): RoundTripper {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const options = { host: "127.0.0.1", port, method: "POST", agent };
  const roundTrip = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const request = http.request(options, (response) => {
        response.resume();
        response.on("end", resolve);
      });
      request.on("error", reject);
      request.end(MESSAGE);
    });
  return { roundTrip, [Symbol.dispose]: () => agent.destroy() };
}
