import { fork } from "node:child_process";
import { once } from "node:events";
import http from "node:http";
import net from "node:net";
import { fileURLToPath } from "node:url";
import { createProxies } from "../src/environment/proxies.ts";
import { ProxyProcess } from "../src/environment/proxy-process.ts";
import { type Figure, quantile } from "./figure.ts";

const ECHO = fileURLToPath(new URL("./echo.js", import.meta.url));
const ROUND_TRIPS = 2000;
const ROUNDS = 7;
const MESSAGE = Buffer.alloc(200, "x");

/** A message there and back, directly and through the embedded proxy, in turn; each end is its own process. */
export async function measureProxy(): Promise<Figure[]> {
  const echo = fork(ECHO, { stdio: "inherit" });
  const [[tcpPort, webPort]] = (await once(echo, "message")) as [[number, number]];
  await using server = await ProxyProcess.start("bench");
  const links = [tcpPort, webPort].map((port) => ({
    link: { source: "bench", target: `p${port}` },
    port,
  }));
  await using proxies = await createProxies({
    url: server.url,
    links: links.map(({ link, port }) => ({
      link,
      listen: "127.0.0.1:0",
      upstream: `127.0.0.1:${port}`,
    })),
  });
  const [tcpProxy = 0, webProxy = 0] = links.map(({ link }) =>
    Number(proxies.listenOf(link).split(":").at(-1)),
  );
  const figures = [
    await compare("a call between nodes (HTTP, 200 bytes)", webPort, webProxy, httpClient),
    await compare("bare TCP, 200 bytes", tcpPort, tcpProxy, tcpClient),
  ];
  echo.disconnect();
  return figures;
}

/** Sends one message and resolves when it is back. */
interface RoundTripper extends Disposable {
  roundTrip(): Promise<void>;
}

async function compare(
  what: string,
  directPort: number,
  proxyPort: number,
  connect: (port: number) => RoundTripper,
): Promise<Figure> {
  const medians = { direct: [] as number[], through: [] as number[] };
  for (let i = 0; i < ROUNDS; i++) {
    medians.direct.push(await medianUs(connect, directPort));
    medians.through.push(await medianUs(connect, proxyPort));
  }
  const [direct, through] = [medians.direct, medians.through].map((all) =>
    quantile(
      all.toSorted((a, b) => a - b),
      0.5,
    ),
  ) as [number, number];
  const ratio = through / direct;
  return {
    what: `proxy round trip, median: ${what}`,
    value: `${through.toFixed(0)} µs against ${direct.toFixed(0)} µs direct: ${ratio.toFixed(2)} times`,
    goal: "within 2 times",
    isMet: ratio <= 2,
  };
}

async function medianUs(connect: (port: number) => RoundTripper, port: number): Promise<number> {
  using client = connect(port);
  const times = new Float64Array(ROUND_TRIPS);
  for (let i = 0; i < ROUND_TRIPS; i++) {
    const startMs = performance.now();
    await client.roundTrip();
    times[i] = (performance.now() - startMs) * 1000;
  }
  return quantile(times.sort(), 0.5);
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
