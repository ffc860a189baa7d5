import net from "node:net";
import { createProxies } from "../src/environment/proxies.ts";
import { ProxyProcess } from "../src/environment/proxy-process.ts";
import { type Figure, quantile } from "./figure.ts";

const ROUND_TRIPS = 3000;
const ROUNDS = 5;
const MESSAGE = Buffer.alloc(200, "x");

/** A message there and back, directly and through the embedded proxy, in turn. */
export async function measureProxy(): Promise<Figure[]> {
  const echo = net.createServer((socket) => {
    socket.setNoDelay(true);
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => echo.listen(0, "127.0.0.1", resolve));
  const { port } = echo.address() as net.AddressInfo;
  await using server = await ProxyProcess.start("bench");
  const link = { source: "bench", target: "echo" };
  await using proxies = await createProxies({
    url: server.url,
    links: [{ link, listen: "127.0.0.1:0", upstream: `127.0.0.1:${port}` }],
  });
  const proxied = Number(proxies.listenOf(link).split(":").at(-1));
  const direct: number[] = [];
  const through: number[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    direct.push(await medianRoundTripUs(port));
    through.push(await medianRoundTripUs(proxied));
  }
  echo.close();
  const [directUs, throughUs] = [direct, through].map((medians) =>
    quantile(
      medians.toSorted((a, b) => a - b),
      0.5,
    ),
  ) as [number, number];
  const ratio = throughUs / directUs;
  return [
    {
      what: "round trip through the embedded proxy, median",
      value: `${throughUs.toFixed(0)} µs against ${directUs.toFixed(0)} µs direct: ${ratio.toFixed(2)} times`,
      goal: "within 2 times",
      isMet: ratio <= 2,
    },
  ];
}

async function medianRoundTripUs(port: number): Promise<number> {
  const socket = net.connect(port, "127.0.0.1");
  socket.setNoDelay(true);
  await new Promise<void>((resolve) => socket.once("connect", resolve));
  const times = new Float64Array(ROUND_TRIPS);
  for (let i = 0; i < ROUND_TRIPS; i++) {
    const startMs = performance.now();
    await roundTrip(socket);
    times[i] = (performance.now() - startMs) * 1000;
  }
  socket.destroy();
  return quantile(times.sort(), 0.5);
}

function roundTrip(socket: net.Socket): Promise<void> {
  return new Promise((resolve) => {
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
}
