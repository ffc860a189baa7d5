import { createServer, type Server } from "node:http";
import { connect, createServer as createTcpServer, Socket, type AddressInfo } from "node:net";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { allLinks, linkName, type Link } from "../../src/base/node-id.ts";
import { createProxies, type Proxies } from "../../src/environment/proxies.ts";
import { waitUntil } from "../../src/environment/wait.ts";
import { startToxiproxyServer, type ToxiproxyServer } from "../../src/toxiproxy/server.ts";
import type { LinkEffect } from "../../nemesis/target.ts";

// Against the embedded server, or against any other: TOXIPROXY_URL=http://127.0.0.1:8474.
const external = process.env["TOXIPROXY_URL"];

const LINKS = allLinks(["n1", "n2", "n3"]);
const n1n2: Link = { source: "n1", target: "n2" };
const n2n3: Link = { source: "n2", target: "n3" };

let url: string;
let server: ToxiproxyServer | undefined;
let upstream: Server;
let upstreamAddress: string;
let proxies: Proxies | undefined;

beforeEach(async () => {
  upstream = createServer((_, response) => response.end("answer"));
  upstream.listen(0, "127.0.0.1");
  await once(upstream, "listening");
  upstreamAddress = `127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  if (external === undefined) server = await startServer(0);
  url = external ?? `http://127.0.0.1:${server?.port}`;
});

afterEach(async () => {
  await proxies?.[Symbol.asyncDispose]();
  proxies = undefined;
  await server?.close();
  server = undefined;
  upstream.closeAllConnections();
  upstream.close();
});

describe("one proxy for each link", () => {
  test("carries calls while all is well", async () => {
    proxies = await start();
    expect(Object.keys(await remote()).toSorted()).toEqual(LINKS.map(linkName).toSorted());
    for (const link of LINKS) expect(await call(proxies, link)).toBe("answer");
  });

  test("cuts a link, and only that one", async () => {
    proxies = await start();
    const outcome = await apply([n1n2, [{ type: "refuse" }]]);
    expect(outcome).toEqual({ confirmed: ["n1-n2"], failed: [] });
    expect(await call(proxies, n1n2)).toBe("ECONNREFUSED");
    expect(await call(proxies, { source: "n2", target: "n1" })).toBe("answer");
  });

  test("leaves connections of links alone that do not change", async () => {
    proxies = await start();
    const { port } = new URL(`http://${proxies.listenOf(n2n3)}`);
    const socket = connect({ host: "127.0.0.1", port: Number(port) });
    await once(socket, "connect");
    let isClosed = false;
    socket.on("close", () => (isClosed = true));
    await apply([n1n2, [{ type: "refuse" }]]);
    await apply([n1n2, [{ type: "latency", latencyMs: 10, jitterMs: 0 }]]);
    await proxies.heal();
    socket.write("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    const [data] = (await once(socket, "data")) as [Buffer];
    expect(data.toString()).toContain("200 OK");
    expect(isClosed).toBe(false);
    socket.destroy();
  });

  test("confirms what is so already", async () => {
    proxies = await start();
    await apply([n1n2, [{ type: "refuse" }]]);
    expect(await apply([n1n2, [{ type: "refuse" }]])).toEqual({ confirmed: ["n1-n2"], failed: [] });
  });

  test("adds latency there and back", async () => {
    proxies = await start();
    await apply([n1n2, [{ type: "latency", latencyMs: 120, jitterMs: 0 }]]);
    const startedAt = performance.now();
    expect(await call(proxies, n1n2)).toBe("answer");
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(115);
  });

  test("loses silently, and whole answers arrive after the heal", async () => {
    proxies = await start();
    await apply([n1n2, [{ type: "drop", stream: "both" }]]);
    expect(await call(proxies, n1n2, 200)).toBe("timeout");
    expect(await proxies.heal()).toEqual({ confirmed: ["n1-n2"], failed: [] });
    expect(await call(proxies, n1n2)).toBe("answer");
  });

  test("executes calls whose answers are lost", async () => {
    proxies = await start();
    let callCount = 0;
    upstream.on("request", () => callCount++);
    await apply([n1n2, [{ type: "drop", stream: "downstream" }]]);
    // The upstream ends the connection after its answer, and that end is seen.
    expect(await call(proxies, n1n2, 200)).toMatch(/^(timeout|UND_ERR_SOCKET)$/);
    expect(callCount).toBe(1);
  });

  test("changes from any state to any other", async () => {
    proxies = await start();
    const states: LinkEffect[][] = [
      [
        { type: "bandwidth", rateKbytesPerSecond: 20 },
        { type: "drop", stream: "downstream" },
      ],
      [{ type: "slice", averageBytes: 16, delayUs: 100 }],
      [{ type: "refuse" }],
      [
        { type: "latency", latencyMs: 20, jitterMs: 4 },
        { type: "reset", afterMs: 10 },
      ],
      [],
    ];
    for (const from of states) {
      for (const to of states) {
        await apply([n1n2, from]);
        expect(await apply([n1n2, to])).toEqual({ confirmed: ["n1-n2"], failed: [] });
      }
    }
    expect(await remote()).toMatchObject({ "n1-n2": { enabled: true, toxics: [] } });
  });

  test("works off calls in their order", async () => {
    proxies = await start();
    const cut = proxies.applyLinks([{ link: n1n2, effects: [{ type: "refuse" }] }]);
    const healed = proxies.heal();
    await Promise.all([cut, healed]);
    expect(await call(proxies, n1n2)).toBe("answer");
  });

  test("has proxies for the links of clients too", async () => {
    const link = { source: "clients", target: "n3" };
    proxies = await createProxies({ url, links: [proxied(link)] });
    await apply([link, [{ type: "refuse" }]]);
    expect(await remote()).toMatchObject({ "clients-n3": { enabled: false } });
  });
});

describe("trouble with the proxy server", () => {
  test("a connection on which nobody reads any more hinders neither fault nor heal", async () => {
    // As a paused node does. The original server hangs when toxics change under such a connection.
    const deaf = createTcpServer({ pauseOnConnect: true }, (socket) => {
      socket.on("error", () => undefined);
    });
    deaf.listen(0, "127.0.0.1");
    await once(deaf, "listening");
    const { port } = deaf.address() as AddressInfo;
    const link = { link: n1n2, listen: "127.0.0.1:0", upstream: `127.0.0.1:${port}` };
    proxies = await createProxies({ url, links: [link] });
    const socket = connect(Number(proxies.listenOf(n1n2).split(":")[1]), "127.0.0.1");
    socket.on("error", () => undefined);
    await once(socket, "connect");
    socket.write(Buffer.alloc(32 * 1024 * 1024));
    // Stalled: what the system has room for is written, and no more goes.
    for (let before = -1; before !== socket.bytesWritten - socket.writableLength;) {
      before = socket.bytesWritten - socket.writableLength;
      await sleep(100);
    }
    const done = { confirmed: ["n1-n2"], failed: [] };
    expect(await apply([n1n2, [{ type: "latency", latencyMs: 20, jitterMs: 0 }]])).toEqual(done);
    expect(await proxies.heal()).toEqual(done);
    socket.destroy();
    deaf.close();
  });

  test("toxics come and go in the way of busy connections", async () => {
    // The original server dies when a toxic is added to a connection that still ends with one that was removed.
    const echo = createTcpServer((socket) => {
      socket.on("error", () => undefined);
      socket.pipe(socket);
    }).listen(0, "127.0.0.1");
    await once(echo, "listening");
    upstreamAddress = `127.0.0.1:${(echo.address() as AddressInfo).port}`;
    proxies = await start();
    const carrying = proxies;
    const ports = LINKS.map((link) => Number(carrying.listenOf(link).split(":")[1]));
    const callers = [...ports, ...ports].map(startCaller);
    const slow: LinkEffect = { type: "latency", latencyMs: 360, jitterMs: 40 };
    const narrow: LinkEffect = { type: "bandwidth", rateKbytesPerSecond: 40 };
    const slices: LinkEffect = { type: "slice", averageBytes: 64, delayUs: 1000 };
    const mixes = [[slow, narrow], [slow], [narrow, slices], [slow, slices], [], [slices]];
    for (let round = 0; round < 12; round++) {
      const desired = LINKS.map((link, i): [Link, LinkEffect[]] => [
        link,
        mixes[(round + i) % mixes.length] ?? [],
      ]);
      expect((await apply(...desired)).failed).toEqual([]);
      const before = callers.map(({ receivedBytes }) => receivedBytes);
      await waitUntil(
        "every caller is answered",
        10_000,
        () =>
          callers.every(({ receivedBytes }, i) => receivedBytes > (before[i] ?? 0)) || "not yet",
      );
    }
    for (const caller of callers) caller.end();
    echo.close();
  });

  test("a link without a proxy is told", async () => {
    proxies = await start();
    const link = { source: "clients", target: "n1" };
    expect(await apply([link, [{ type: "refuse" }]])).toEqual({
      confirmed: [],
      failed: [{ what: "clients-n1", reason: "it has no proxy in its way" }],
    });
  });

  test("what a former run left behind is healed at the start", async () => {
    const first = await start();
    await first.applyLinks([
      { link: n1n2, effects: [{ type: "refuse" }] },
      { link: n2n3, effects: [{ type: "drop", stream: "both" }] },
    ]);
    const links = LINKS.map((link) => ({ ...proxied(link), listen: first.listenOf(link) }));
    proxies = await createProxies({ url, links });
    for (const link of LINKS) expect(await call(proxies, link)).toBe("answer");
  });

  test("a proxy that somebody removed is made anew as it should be", async () => {
    proxies = await start();
    const before = proxies.listenOf(n1n2);
    await fetch(`${url}/proxies/n1-n2`, { method: "DELETE" });
    await fetch(`${url}/proxies/n2-n3`, { method: "DELETE" });
    const outcome = await apply([n1n2, [{ type: "drop", stream: "upstream" }]]);
    expect(outcome.confirmed.toSorted()).toEqual(["n1-n2", "n2-n3"]);
    expect(await remote()).toMatchObject({
      "n1-n2": { listen: before, enabled: true, toxics: [{ name: "timeout_upstream" }] },
      "n2-n3": { enabled: true, toxics: [] },
    });
  });

  test.skipIf(external !== undefined)("a restarted server gets all of it back", async () => {
    proxies = await start();
    await apply([n1n2, [{ type: "refuse" }]]);
    const port = server?.port ?? 0;
    await server?.close();
    expect(await proxies.reconcile()).toMatchObject({
      confirmed: [],
      failed: [
        { what: "n1-n2", reason: expect.stringMatching(/cannot be reached \(.*ECONNREFUSED/) },
      ],
    });
    server = await startServer(port);
    const outcome = await proxies.reconcile();
    expect(outcome.failed).toEqual([]);
    expect(outcome.confirmed.toSorted()).toEqual(LINKS.map(linkName).toSorted());
    expect(await call(proxies, n1n2)).toBe("ECONNREFUSED");
    expect(await call(proxies, n2n3)).toBe("answer");
  });

  test("nobody at the address", async () => {
    const nobody = await freePort();
    const failing = createProxies({ url: `http://127.0.0.1:${nobody}`, links: [proxied(n1n2)] });
    await expect(failing).rejects.toThrow(
      /^the proxies at http:\S+ cannot be set up: POST \/populate: the proxy server cannot be reached \(.*ECONNREFUSED/,
    );
  });

  test("a port that is taken is named with the server's own words", async () => {
    const failing = createProxies({ url, links: [{ ...proxied(n1n2), listen: upstreamAddress }] });
    await expect(failing).rejects.toThrow(
      /^the proxies at \S+ cannot be set up: POST \/populate: the proxy server answered 500 .*in use/,
    );
  });

  test("a server that does not answer is given up after the deadline", async () => {
    const silent = createTcpServer(() => undefined);
    silent.listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as AddressInfo;
    const failing = createProxies({
      url: `http://127.0.0.1:${port}/`,
      links: [proxied(n1n2)],
      timeoutMs: 100,
    });
    await expect(failing).rejects.toThrow(/the proxy server did not answer within 100 ms$/);
    silent.close();
  });

  test("a proxy that cannot be changed is deleted and made anew", async () => {
    await using front = await startStubbornServer(url);
    proxies = await createProxies({ url: front.url, links: [proxied(n1n2)], timeoutMs: 200 });
    front.refusedCall = "POST /proxies/n1-n2/toxics";
    front.refusalCount = 1;
    const outcome = await apply([n1n2, [{ type: "drop", stream: "upstream" }]]);
    expect(outcome).toEqual({ confirmed: ["n1-n2"], failed: [] });
    // Once for its other toxics, once for the trouble with them.
    expect(front.calls.filter((name) => name === "DELETE /proxies/n1-n2")).toHaveLength(2);
  });

  test("a proxy that never comes right is told with the server's words", async () => {
    await using front = await startStubbornServer(url);
    proxies = await createProxies({ url: front.url, links: [proxied(n1n2)], timeoutMs: 200 });
    front.refusedCall = "POST /proxies/n1-n2/toxics";
    front.refusalCount = Infinity;
    const outcome = await apply([n1n2, [{ type: "drop", stream: "upstream" }]]);
    expect(outcome).toEqual({
      confirmed: [],
      failed: [
        {
          what: "n1-n2",
          reason: "POST /proxies/n1-n2/toxics: the proxy server answered 503 stuck",
        },
      ],
    });
    front.refusalCount = 0;
    expect(await proxies.heal()).toEqual({ confirmed: ["n1-n2"], failed: [] });
  });

  test("where the list of proxies cannot be had, what is to change is looked at alone", async () => {
    await using front = await startStubbornServer(url);
    proxies = await createProxies({ url: front.url, links: [proxied(n1n2)], timeoutMs: 200 });
    front.refusedCall = "GET /proxies";
    front.refusalCount = Infinity;
    const outcome = await apply([n1n2, [{ type: "refuse" }]]);
    expect(outcome).toEqual({ confirmed: ["n1-n2"], failed: [] });
    expect(await call(proxies, n1n2)).toBe("ECONNREFUSED");
    expect(await proxies.heal()).toEqual({ confirmed: ["n1-n2"], failed: [] });
  });

  test("a cut that does not cut is found by trying it", async () => {
    const open = { host: "127.0.0.1", port: Number(upstreamAddress.split(":")[1]) };
    proxies = await createProxies({ url, links: [{ ...proxied(n1n2), probe: open }] });
    expect(await apply([n1n2, [{ type: "refuse" }]])).toEqual({
      confirmed: [],
      failed: [
        {
          what: "n1-n2",
          reason: `127.0.0.1:${open.port} accepts where it should be one that refuses`,
        },
      ],
    });
  });
});

async function start(): Promise<Proxies> {
  return createProxies({ url, links: LINKS.map(proxied) });
}

function startServer(port: number): Promise<ToxiproxyServer> {
  return startToxiproxyServer({ host: "127.0.0.1", port, seed: "test" });
}

function proxied(link: Link): { link: Link; listen: string; upstream: string } {
  return { link, listen: "127.0.0.1:0", upstream: upstreamAddress };
}

async function apply(...desired: [Link, LinkEffect[]][]) {
  if (proxies === undefined) throw new Error("not started");
  return proxies.applyLinks(desired.map(([link, effects]) => ({ link, effects })));
}

async function remote(): Promise<Record<string, unknown>> {
  return (await (await fetch(`${url}/proxies`)).json()) as Record<string, unknown>;
}

/** The answer of a call over the link, or the code of what went wrong. */
async function call(over: Proxies, link: Link, timeoutMs = 5000): Promise<string> {
  try {
    const response = await fetch(`http://${over.listenOf(link)}/`, {
      signal: AbortSignal.timeout(timeoutMs),
      headers: { connection: "close" },
    });
    return await response.text();
  } catch (error) {
    if (error instanceof Error && error.name === "TimeoutError") return "timeout";
    return String((error as { cause?: { code?: string } }).cause?.code);
  }
}

/** Says something all the time, and calls again when it is cut off. */
function startCaller(port: number) {
  const timer = setInterval(() => socket.write(Buffer.alloc(1000)), 5);
  const caller = { receivedBytes: 0, end };
  let socket = dial();

  function dial() {
    const dialled = connect(port, "127.0.0.1");
    dialled.on("error", () => undefined);
    dialled.on("data", (data) => (caller.receivedBytes += data.length));
    dialled.on("close", () => {
      if (dialled === socket) setTimeout(() => (socket = dial()), 10);
    });
    return dialled;
  }
  function end() {
    clearInterval(timer);
    const last = socket;
    socket = new Socket();
    last.destroy();
  }
  return caller;
}

async function freePort(): Promise<number> {
  const holder = createTcpServer().listen(0, "127.0.0.1");
  await once(holder, "listening");
  const { port } = holder.address() as AddressInfo;
  holder.close();
  await once(holder, "close");
  return port;
}

interface StubbornServer extends AsyncDisposable {
  readonly url: string;
  readonly calls: string[];
  /** Answered 503 this often, before it is passed on. */
  refusedCall: string;
  refusalCount: number;
}

/** Stands before the real API and passes calls on, except those that it refuses. */
async function startStubbornServer(target: string): Promise<StubbornServer> {
  const front = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const name = `${request.method} ${request.url}`;
      state.calls.push(name);
      if (name === state.refusedCall && state.refusalCount > 0) {
        state.refusalCount--;
        response.writeHead(503).end('{"error":"stuck"}');
        return;
      }
      const body = Buffer.concat(chunks).toString();
      void fetch(`${target}${request.url}`, {
        method: request.method ?? "GET",
        ...(body === "" ? {} : { body }),
      })
        .then(async (answer) => response.writeHead(answer.status).end(await answer.text()))
        .catch(() => response.destroy());
    });
  });
  front.listen(0, "127.0.0.1");
  await once(front, "listening");
  const state: StubbornServer = {
    url: `http://127.0.0.1:${(front.address() as AddressInfo).port}`,
    calls: [],
    refusedCall: "",
    refusalCount: 0,
    async [Symbol.asyncDispose]() {
      await proxies?.[Symbol.asyncDispose]();
      proxies = undefined;
      front.closeAllConnections();
      front.close();
    },
  };
  return state;
}
