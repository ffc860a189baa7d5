import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { until, usePeers, type Peer } from "./peers.ts";
import { conformance, type ToxicBody, useTarget } from "./target.ts";

// Toxics that come and go while data flow, and connections whose reader has stopped reading.

const target = useTarget();
const peers = usePeers();

const MIB = 1024 * 1024;
const HANGS = "the original hangs for 25 s, or for good";

const PASSING_TOXICS: readonly ToxicBody[] = [
  { type: "latency", attributes: { latency: 3, jitter: 2 } },
  { type: "bandwidth", attributes: { rate: 50_000 } },
  { type: "slicer", attributes: { average_size: 2000, size_variation: 500, delay: 10 } },
  { type: "slow_close", attributes: { delay: 10 } },
  { type: "limit_data", attributes: { bytes: 1e12 } },
  { type: "noop" },
];

test.each(["upstream", "downstream"])(
  "editing the %s chain under traffic loses and reorders nothing",
  async (stream) => {
    const upstream = await peers.upstream();
    const { name, port } = await target.createProxy(upstream.port);
    const client = await peers.dial(port);
    const server = await upstream.next();
    const [sender, receiver] = stream === "upstream" ? [client, server] : [server, client];

    const sent = createHash("sha256");
    let sentBytes = 0;
    let editing = true;
    const sending = (async () => {
      while (editing) {
        const block = randomBytes(1 + Math.floor(Math.random() * 20_000));
        sent.update(block);
        sentBytes += block.length;
        if (!sender.socket.write(block)) await once(sender.socket, "drain");
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    for (const toxic of [...PASSING_TOXICS, ...PASSING_TOXICS]) {
      await target.addToxic(name, { ...toxic, stream, name: "first" });
      await target.addToxic(name, { ...toxic, stream, name: "second" });
      await target.must("PATCH", `/proxies/${name}/toxics/first`, { toxicity: 0.5 });
      await target.removeToxic(name, "first");
      await target.removeToxic(name, "second");
    }
    editing = false;
    await sending;
    sender.socket.end();
    await receiver.meets("fin");
    expect(receiver.receivedBytes).toBe(sentBytes);
    expect(hash(receiver)).toBe(sent.digest("hex"));
  },
);

function hash(peer: Peer): string {
  return createHash("sha256").update(Buffer.concat(peer.chunks)).digest("hex");
}

/** A connection whose server doesn't read, and to which the client has sent all that fits. */
async function stalled(...toxics: readonly ToxicBody[]) {
  const upstream = await peers.upstream();
  const { name, port } = await target.createProxy(upstream.port);
  for (const toxic of toxics) await target.addToxic(name, { stream: "upstream", ...toxic });
  const client = await peers.dial(port);
  const server = await upstream.next();
  server.socket.pause();
  const sentBytes = await sendUntilStuck(client, 160 * MIB);
  return { name, client, server, sentBytes };
}

/** How much the other side took before it took nothing for half a second; at most `maxBytes`. */
async function sendUntilStuck({ socket }: Peer, maxBytes: number): Promise<number> {
  const block = Buffer.alloc(MIB);
  while (socket.bytesWritten < maxBytes) {
    if (socket.write(block)) continue;
    const drained = await Promise.race([
      once(socket, "drain").then(() => true),
      new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 500)),
    ]);
    if (!drained) break;
  }
  return socket.bytesWritten - socket.writableLength;
}

describe("a reader that has stopped", () => {
  // What the kernels and the chain hold, together; without back-pressure it would be all 160 MiB.
  test.each<readonly [string, number, readonly ToxicBody[]]>([
    ["no toxic", 48, []],
    ["bandwidth 0", 48, [{ type: "bandwidth" }]],
    ["slicer", 48, [{ type: "slicer", attributes: { average_size: 5000 } }]],
    ["latency", 96, [{ type: "latency", attributes: { latency: 3_600_000 } }]],
  ])("holds its sender back: %s, at most %i MiB", async (_title, maxMib, toxics) => {
    const { sentBytes } = await stalled(...toxics);
    expect(sentBytes).toBeLessThan(maxMib * MIB);
  });

  test("gets everything when it reads again", async () => {
    const { client, server } = await stalled();
    client.socket.end();
    const totalBytes = client.socket.bytesWritten;
    server.socket.resume();
    await server.receivesBytes(totalBytes);
    await server.meets("fin");
    expect(server.receivedBytes).toBe(totalBytes);
  });

  test("is cut by enabled: false", async () => {
    const { name, client } = await stalled();
    await target.must("POST", `/proxies/${name}`, { enabled: false });
    await until(
      () => client.socket.destroyed || client.fate !== "open",
      () => "the client is open",
    );
  });

  conformance(
    "never blocks the API",
    async () => {
      const { name } = await stalled();
      for (const toxic of [...PASSING_TOXICS, { type: "reset_peer" }, { type: "timeout" }]) {
        await target.addToxic(name, { ...toxic, stream: "upstream", name: "t" });
        await target.must("PATCH", `/proxies/${name}/toxics/t`, { toxicity: 0.1 });
        await target.must("GET", "/proxies");
        await target.removeToxic(name, "t");
      }
      await target.must("POST", "/reset");
      await target.must("DELETE", `/proxies/${name}`);
    },
    HANGS,
  );

  conformance(
    "never blocks the API, not even when its sender has gone",
    async () => {
      const { name, client } = await stalled({ type: "latency", attributes: { latency: 50 } });
      client.socket.destroy();
      await target.addToxic(name, { type: "bandwidth", stream: "upstream" });
      await target.must("POST", "/reset");
      await target.must("GET", `/proxies/${name}/toxics`);
      await target.must("DELETE", `/proxies/${name}`);
    },
    HANGS,
  );
});

test("metrics count the bytes of each stream of each proxy", async () => {
  const echo = await peers.echo();
  const { name, port } = await target.createProxy(echo.port);
  const client = await peers.dial(port);
  client.send("twelve bytes");
  await client.receives("twelve bytes");
  client.socket.end();
  await client.meets("fin");
  const labels = (direction: string): string =>
    `{direction="${direction}",listener="127.0.0.1:${port}",proxy="${name}",upstream="127.0.0.1:${echo.port}"} 12\n`;
  const expected = ["upstream", "downstream"].flatMap((direction) => [
    `toxiproxy_proxy_received_bytes_total${labels(direction)}`,
    `toxiproxy_proxy_sent_bytes_total${labels(direction)}`,
  ]);
  let text = "";
  for (let i = 0; i < 100 && !expected.every((line) => text.includes(line)); i++) {
    const reply = await target.must("GET", "/metrics");
    expect(reply.headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
    text = reply.text;
  }
  for (const line of expected) expect(text).toContain(line);
  expect(text).toContain("# TYPE toxiproxy_proxy_received_bytes_total counter\n");
});
