import { describe, expect, test } from "vitest";
import { startToxiproxyServer } from "../../src/toxiproxy/server.ts";
import { tryConnect, until, usePeers, type Peer } from "./peers.ts";

// The server inside a process of its user's: how it starts, ends and repeats itself.

const peers = usePeers();

const start = (seed = "seed", port = 0) => startToxiproxyServer({ host: "127.0.0.1", port, seed });

async function post(url: string, body: object): Promise<{ listen: string }> {
  const response = await fetch(url, { method: "POST", body: JSON.stringify(body) });
  return (await response.json()) as { listen: string };
}

test("a port that is taken is an EnvironmentError that says so", async () => {
  await using server = await start();
  await expect(start("seed", server.port)).rejects.toMatchObject({
    name: "EnvironmentError",
    exitCode: 69,
    message: expect.stringMatching(
      new RegExp(`can't listen on 127.0.0.1:${server.port} .*EADDRINUSE.*another --port$`),
    ),
  });
});

test("closing frees every port and cuts every connection; twice is once", async () => {
  const server = await start();
  const { port } = await peers.echo();
  const { listen } = await post(`http://127.0.0.1:${server.port}/proxies`, {
    name: "p",
    listen: "127.0.0.1:0",
    upstream: `127.0.0.1:${port}`,
  });
  const proxyPort = Number(listen.split(":")[1]);
  const client = await peers.dial(proxyPort);
  await Promise.all([server.close(), server.close()]);
  await client.meets("fin");
  expect(await tryConnect(proxyPort)).toBe("ECONNREFUSED");
  expect(await tryConnect(server.port)).toBe("ECONNREFUSED");
});

describe("seed", () => {
  /** Which of twenty connections a toxicity of 0.5 hits, opened one after another. */
  async function hits(seed: string, neighbours: boolean): Promise<string> {
    await using server = await start(seed);
    const { port } = await peers.echo();
    const proxies = `http://127.0.0.1:${server.port}/proxies`;
    const { listen } = await post(proxies, {
      name: "p",
      listen: "127.0.0.1:0",
      upstream: `127.0.0.1:${port}`,
    });
    const toxics = `${proxies}/p/toxics`;
    const bytes = { bytes: 2 };
    await post(toxics, {
      type: "limit_data",
      stream: "upstream",
      toxicity: 0.5,
      attributes: bytes,
    });
    const clients: Peer[] = [];
    for (let i = 0; i < 20; i++) {
      const client = await peers.dial(Number(listen.split(":")[1]));
      client.send("1");
      await client.receives("1");
      clients.push(client);
    }
    if (neighbours) {
      for (const stream of ["upstream", "downstream"]) await post(toxics, { type: "noop", stream });
      await fetch(`${toxics}/noop_upstream`, { method: "DELETE" });
    }
    for (const client of clients) client.send("23");
    const wasHit = ({ fate }: Peer): boolean => fate !== "open";
    await until(
      () => clients.every((client) => wasHit(client) || client.receivedBytes === 3),
      () => "every connection has got its bytes or its end",
    );
    return clients.map((client) => (client.receivedBytes === 3 ? "." : "x")).join("");
  }

  test("the same one hits the same connections, whatever comes and goes beside the toxic", async () => {
    const first = await hits("one", false);
    expect(await hits("one", true)).toBe(first);
    expect(first).toMatch(/x/);
    expect(first).toMatch(/\./);
  });

  test("another one hits others", async () => {
    expect(await hits("two", false)).not.toBe(await hits("one", false));
  });
});
