import { describe, expect, test } from "vitest";
import { tryConnect, until, usePeers, type Peer } from "./peers.ts";
import { conformance, type ToxicBody, useTarget } from "./target.ts";

// Each toxic, in each stream, as both ends see it. Times are lower bounds only; the exact ones are tested on a
// clock that is turned by hand (stages.test.ts).

const target = useTarget();
const peers = usePeers();

/** The real clock and the timers of three processes may differ by this much. */
const TOLERANCE_MS = 3;

interface Wire {
  readonly proxy: string;
  readonly client: Peer;
  readonly server: Peer;
  /** The ends of the stream that the toxic is in. */
  readonly sender: Peer;
  readonly receiver: Peer;
}

type Stream = "upstream" | "downstream";

/** A connection through a new proxy; the toxics are there before it, unless `late`. */
async function wire(stream: Stream, toxics: readonly ToxicBody[], late = false): Promise<Wire> {
  const upstream = await peers.upstream();
  const { name: proxy, port } = await target.createProxy(upstream.port);
  const add = async (): Promise<void> => {
    for (const toxic of toxics) await target.addToxic(proxy, { stream, ...toxic });
  };
  if (!late) await add();
  const client = await peers.dial(port);
  const server = await upstream.next();
  if (late) await add();
  const ends =
    stream === "upstream"
      ? { sender: client, receiver: server }
      : { sender: server, receiver: client };
  return { proxy, client, server, ...ends };
}

/** The other stream is untouched; that it passes data also shows that the proxy has had time to. */
async function otherStreamPasses({ sender, receiver }: Wire): Promise<void> {
  const before = sender.text;
  receiver.send("other way");
  await sender.receives(`${before}other way`);
}

const HOUR_MS = 3_600_000;

for (const stream of ["upstream", "downstream"] as const) {
  describe(stream, () => {
    for (const late of [false, true]) {
      const when = late ? "a live connection" : "a new connection";

      test(`latency: ${when} gets each chunk late`, async () => {
        const ends = await wire(stream, [{ type: "latency", attributes: { latency: 120 } }], late);
        await otherStreamPasses(ends);
        const sentAtMs = ends.sender.send("hello");
        await ends.receiver.receives("hello");
        expect(ends.receiver.lastByteAtMs - sentAtMs).toBeGreaterThanOrEqual(120 - TOLERANCE_MS);
      });

      test(`timeout 0: ${when} stays open, and the data are gone`, async () => {
        const ends = await wire(stream, [{ type: "timeout" }], late);
        ends.sender.send("lost");
        await otherStreamPasses(ends);
        expect(ends.receiver).toMatchObject({ receivedBytes: 0, fate: "open" });
        await target.removeToxic(ends.proxy, `timeout_${stream}`);
        await Promise.all([ends.client.meets("fin"), ends.server.meets("fin")]);
        expect(ends.receiver.receivedBytes).toBe(0);
      });

      test(`timeout 150: ${when} ends in FIN on both sides`, async () => {
        const startMs = performance.now();
        const ends = await wire(stream, [{ type: "timeout", attributes: { timeout: 150 } }], late);
        ends.sender.send("lost");
        await Promise.all([ends.client.meets("fin"), ends.server.meets("fin")]);
        expect(ends.receiver.endedAtMs - startMs).toBeGreaterThanOrEqual(150 - TOLERANCE_MS);
        expect(ends.receiver.receivedBytes).toBe(0);
      });

      test(`bandwidth 0: ${when} holds the data until the toxic is removed`, async () => {
        const ends = await wire(stream, [{ type: "bandwidth" }], late);
        ends.sender.send("held");
        await otherStreamPasses(ends);
        expect(ends.receiver.receivedBytes).toBe(0);
        await target.removeToxic(ends.proxy, `bandwidth_${stream}`);
        await ends.receiver.receives("held");
      });

      test(`limit_data: ${when} passes so many bytes, then closes`, async () => {
        const ends = await wire(stream, [{ type: "limit_data", attributes: { bytes: 5 } }], late);
        ends.sender.send("123");
        await ends.receiver.receives("123");
        ends.sender.send("456789");
        await ends.receiver.meets("fin");
        expect(ends.receiver.text).toBe("12345");
        await until(
          () => ends.sender.fate !== "open",
          () => "the sender's connection is open",
        );
      });

      test(`limit_data 0: ${when} closes at the first data`, async () => {
        const ends = await wire(stream, [{ type: "limit_data" }], late);
        await otherStreamPasses(ends);
        ends.sender.send("1");
        await ends.receiver.meets("fin");
        expect(ends.receiver.receivedBytes).toBe(0);
      });

      test(`slow_close: ${when} gets data at once and the close late`, async () => {
        const ends = await wire(stream, [{ type: "slow_close", attributes: { delay: 150 } }], late);
        ends.sender.send("data");
        await ends.receiver.receives("data");
        const endedAtMs = performance.now();
        ends.sender.socket.end();
        await ends.receiver.meets("fin");
        expect(ends.receiver.endedAtMs - endedAtMs).toBeGreaterThanOrEqual(150 - TOLERANCE_MS);
      });

      test(`slicer: ${when} gets the same bytes in pieces`, async () => {
        const attributes = { average_size: 10, size_variation: 0, delay: 20_000 };
        const ends = await wire(stream, [{ type: "slicer", attributes }], late);
        const text = "0123456789".repeat(8);
        const sentAtMs = ends.sender.send(text);
        await ends.receiver.receives(text);
        expect(ends.receiver.lastByteAtMs - sentAtMs).toBeGreaterThanOrEqual(140 - TOLERANCE_MS);
        expect(ends.receiver.chunks.length).toBeGreaterThan(1);
      });

      test(`noop: ${when} notices nothing`, async () => {
        const ends = await wire(stream, [{ type: "noop" }], late);
        ends.sender.send("data");
        await ends.receiver.receives("data");
        await otherStreamPasses(ends);
        ends.sender.socket.end();
        await ends.receiver.meets("fin");
      });
    }

    test("reset_peer: a new connection is reset on both sides at the first data", async () => {
      const ends = await wire(stream, [{ type: "reset_peer", attributes: { timeout: 100 } }]);
      await otherStreamPasses(ends);
      const sentAtMs = ends.sender.send("dropped");
      await Promise.all([ends.client.meets("reset"), ends.server.meets("reset")]);
      expect(ends.receiver.endedAtMs - sentAtMs).toBeGreaterThanOrEqual(100 - TOLERANCE_MS);
      expect(ends.receiver.text).not.toContain("dropped");
    });

    test("reset_peer: a close is enough", async () => {
      const ends = await wire(stream, [{ type: "reset_peer" }]);
      ends.sender.socket.end();
      await ends.receiver.meets("reset");
    });

    test("reset_peer: without data nothing happens", async () => {
      const ends = await wire(stream, [{ type: "reset_peer" }]);
      await otherStreamPasses(ends);
      expect([ends.client.fate, ends.server.fate]).toEqual(["open", "open"]);
    });

    test("reset_peer: an older connection ends in FIN", async () => {
      const ends = await wire(stream, [{ type: "reset_peer" }], true);
      ends.sender.send("dropped");
      await Promise.all([ends.client.meets("fin"), ends.server.meets("fin")]);
    });

    test("bandwidth: 60 kB at 200 KB/s take 300 ms", async () => {
      const ends = await wire(stream, [{ type: "bandwidth", attributes: { rate: 200 } }]);
      const sentAtMs = ends.sender.send(Buffer.alloc(60_000));
      await ends.receiver.receivesBytes(60_000);
      expect(ends.receiver.lastByteAtMs - sentAtMs).toBeGreaterThanOrEqual(290);
    });

    test("latency doesn't limit throughput: 4 MiB are under way at once", async () => {
      // Held back by 64 KiB of window, this would take 19 s.
      const ends = await wire(stream, [{ type: "latency", attributes: { latency: 300 } }]);
      const bytes = 4 * 1024 * 1024;
      const sentAtMs = ends.sender.send(Buffer.alloc(bytes));
      await ends.receiver.receivesBytes(bytes);
      expect(ends.receiver.lastByteAtMs - sentAtMs).toBeGreaterThanOrEqual(300 - TOLERANCE_MS);
    });

    test("jitter keeps the order", async () => {
      const attributes = { latency: 15, jitter: 15 };
      const ends = await wire(stream, [{ type: "latency", attributes }]);
      const parts = Array.from({ length: 40 }, (_, i) => `<${i}>`);
      for (const part of parts) {
        ends.sender.send(part);
        await new Promise((resolve) => setImmediate(resolve));
      }
      await ends.receiver.receives(parts.join(""));
    });

    test("two latencies add up, and the close follows the data", async () => {
      const ends = await wire(stream, [
        { type: "latency", name: "one", attributes: { latency: 70 } },
        { type: "latency", name: "two", attributes: { latency: 80 } },
      ]);
      const sentAtMs = ends.sender.send("data");
      ends.sender.socket.end();
      await ends.receiver.meets("fin");
      expect(ends.receiver.text).toBe("data");
      expect(ends.receiver.lastByteAtMs - sentAtMs).toBeGreaterThanOrEqual(150 - TOLERANCE_MS);
    });

    test("a removed latency lets go of what it holds, at once and in order", async () => {
      const ends = await wire(stream, [{ type: "latency", attributes: { latency: HOUR_MS } }]);
      ends.sender.send("one,");
      await otherStreamPasses(ends);
      ends.sender.send("two,");
      await target.removeToxic(ends.proxy, `latency_${stream}`);
      ends.sender.send("three");
      await ends.receiver.receives("one,two,three");
    });

    test("a removed slow_close lets the close pass at once", async () => {
      const ends = await wire(stream, [{ type: "slow_close", attributes: { delay: HOUR_MS } }]);
      ends.sender.socket.end("bye");
      await ends.receiver.receives("bye");
      expect(ends.receiver.fate).toBe("open");
      await target.removeToxic(ends.proxy, `slow_close_${stream}`);
      await ends.receiver.meets("fin");
    });

    test("an update applies to live connections", async () => {
      const ends = await wire(stream, [{ type: "limit_data", attributes: { bytes: 100 } }]);
      ends.sender.send("123");
      await ends.receiver.receives("123");
      await target.must("PATCH", `/proxies/${ends.proxy}/toxics/limit_data_${stream}`, {
        attributes: { bytes: 5 },
      });
      ends.sender.send("456");
      await ends.receiver.meets("fin");
      expect(ends.receiver.text).toBe("12345");
    });

    conformance(
      "slicer without attributes cuts into single bytes",
      async () => {
        const ends = await wire(stream, [{ type: "slicer" }]);
        ends.sender.send("hello");
        await ends.receiver.receives("hello");
      },
      "the original dies of it",
    );

    conformance(
      "a removed reset_peer ends at once what it has begun",
      async () => {
        const ends = await wire(stream, [{ type: "reset_peer", attributes: { timeout: HOUR_MS } }]);
        ends.sender.send("dropped");
        await otherStreamPasses(ends);
        await target.removeToxic(ends.proxy, `reset_peer_${stream}`);
        await ends.receiver.meets("reset");
      },
      "the original blocks until its timeout is over",
    );

    conformance(
      "what a removed limit_data has closed stays closed",
      async () => {
        const ends = await wire(stream, [
          { type: "limit_data", attributes: { bytes: 3 } },
          { type: "slow_close", attributes: { delay: HOUR_MS } },
        ]);
        ends.sender.send("123456");
        await ends.receiver.receives("123");
        await target.removeToxic(ends.proxy, `limit_data_${stream}`);
        ends.sender.send("789");
        await target.removeToxic(ends.proxy, `slow_close_${stream}`);
        await ends.receiver.meets("fin");
        expect(ends.receiver.text).toBe("123");
      },
      "the original loses track of its chain",
    );
  });
}

describe("toxicity", () => {
  /** How many of forty new connections are closed by their first byte, and how many get it echoed. */
  async function census(toxicity: number): Promise<{ hit: number; spared: number }> {
    const echo = await peers.echo();
    const { name, port } = await target.createProxy(echo.port);
    await target.addToxic(name, { type: "limit_data", stream: "upstream", toxicity });
    const clients = await Promise.all(Array.from({ length: 40 }, () => peers.dial(port)));
    for (const client of clients) client.send("x");
    await until(
      () => clients.every(({ fate, receivedBytes }) => fate !== "open" || receivedBytes === 1),
      () => `all decided; last: ${clients.filter(({ fate }) => fate === "open").length} open`,
    );
    const spared = clients.filter(({ receivedBytes }) => receivedBytes === 1).length;
    return { hit: clients.length - spared, spared };
  }

  test("1 hits every connection", async () => {
    expect(await census(1)).toEqual({ hit: 40, spared: 0 });
  });

  test("0 hits none", async () => {
    expect(await census(0)).toEqual({ hit: 0, spared: 40 });
  });

  test("0.5 hits some", async () => {
    const { hit } = await census(0.5);
    expect(hit).toBeGreaterThanOrEqual(5);
    expect(hit).toBeLessThanOrEqual(35);
  });

  test("raised from 0 to 1 it hits live connections, too", async () => {
    const ends = await wire("upstream", [{ type: "limit_data", toxicity: 0 }]);
    ends.sender.send("in time");
    await ends.receiver.receives("in time");
    await target.must("PATCH", `/proxies/${ends.proxy}/toxics/limit_data_upstream`, {
      toxicity: 1,
    });
    ends.sender.send("late");
    await ends.receiver.meets("fin");
  });

  conformance(
    "0 makes reset_peer inert",
    async () => {
      const ends = await wire("upstream", [{ type: "reset_peer", toxicity: 0 }]);
      ends.sender.send("data");
      await ends.receiver.receives("data");
      ends.sender.socket.end();
      await ends.receiver.meets("fin");
    },
    "the original sets SO_LINGER all the same, so later closes are resets",
  );
});

describe("close", () => {
  test("a client's FIN closes the upstream's connection, and its own: no half-close", async () => {
    const ends = await wire("upstream", []);
    ends.client.socket.end("last words");
    await ends.server.receives("last words");
    await Promise.all([ends.server.meets("fin"), ends.client.meets("fin")]);
  });

  test("an upstream's FIN comes after its data", async () => {
    const ends = await wire("downstream", []);
    ends.server.socket.end(Buffer.alloc(1_000_000, "x"));
    await ends.client.meets("fin");
    expect(ends.client.receivedBytes).toBe(1_000_000);
  });

  test("a reset of one end is a FIN at the other", async () => {
    const ends = await wire("upstream", []);
    ends.client.socket.resetAndDestroy();
    await ends.server.meets("fin");
  });

  test("enabled: false beats slow_close", async () => {
    const ends = await wire("downstream", [{ type: "slow_close", attributes: { delay: HOUR_MS } }]);
    ends.server.socket.end();
    await target.must("POST", `/proxies/${ends.proxy}`, { enabled: false });
    await ends.client.meets("fin");
  });

  test("an upstream that refuses: connected, then closed", async () => {
    const upstream = await peers.upstream();
    const { port } = await target.createProxy(upstream.port);
    upstream.close();
    expect(await tryConnect(port)).toBe("connected");
    const client = await peers.dial(port);
    await client.meets("fin");
  });

  test("an upstream that is no address: connected, then closed", async () => {
    const { port } = await target.createProxy(0, { upstream: "nowhere" });
    const client = await peers.dial(port);
    await client.meets("fin");
  });

  test("the upstream is dialled before the client has sent a byte", async () => {
    const upstream = await peers.upstream();
    const { port } = await target.createProxy(upstream.port);
    await peers.dial(port);
    await upstream.next();
  });
});
