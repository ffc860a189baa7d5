import { createServer } from "node:net";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { tryConnect, usePeers } from "./peers.ts";
import { conformance, portOf, useTarget } from "./target.ts";

// What becomes of proxies, their toxics and their live connections when they are populated, updated, reset and
// toggled.

const target = useTarget();
const peers = usePeers();

const show = async (name: string): Promise<object> =>
  (await target.must("GET", `/proxies/${name}`)).json as object;

/** A proxy with a toxic and one live connection through it. */
async function livingProxy() {
  const upstream = await peers.upstream();
  const proxy = await target.createProxy(upstream.port);
  await target.addToxic(proxy.name, { type: "noop", name: "kept" });
  const client = await peers.dial(proxy.port);
  const server = await upstream.next();
  const body = {
    name: proxy.name,
    listen: `127.0.0.1:${proxy.port}`,
    upstream: `127.0.0.1:${upstream.port}`,
  };
  return { ...proxy, upstream, client, server, body };
}

const TOXIC = [expect.objectContaining({ name: "kept" })];

describe("populate", () => {
  test("creates what is not there, and leaves others alone", async () => {
    const other = await livingProxy();
    const { status, json } = await target.api("POST", "/populate", [
      { name: "p1", listen: "127.0.0.1:0", upstream: "x:1" },
      { name: "p2", listen: "127.0.0.1:0", upstream: "x:2", enabled: false },
    ]);
    expect(status).toBe(201);
    expect(json).toMatchObject({
      proxies: [
        { name: "p1", enabled: true, toxics: [] },
        { name: "p2", enabled: false, listen: "127.0.0.1:0" },
      ],
    });
    expect(await show(other.name)).toMatchObject({ enabled: true, toxics: TOXIC });
    other.client.send("still");
    await other.server.receives("still");
  });

  test("the same addresses: toxics, connections and enabled state stay", async () => {
    const { name, body, client, server } = await livingProxy();
    await target.must("POST", "/populate", [{ ...body, enabled: false }]);
    expect(await show(name)).toMatchObject({ enabled: true, toxics: TOXIC });
    client.send("still");
    await server.receives("still");
  });

  test("the same addresses of a disabled proxy: it stays disabled", async () => {
    const { name, body } = await livingProxy();
    await target.must("POST", `/proxies/${name}`, { enabled: false });
    await target.must("POST", "/populate", [{ ...body, enabled: true }]);
    expect(await show(name)).toMatchObject({ enabled: false, toxics: TOXIC });
  });

  test("another upstream: a fresh proxy without toxics, connections are cut", async () => {
    const { name, body, client } = await livingProxy();
    const { port } = await peers.echo();
    await target.must("POST", "/populate", [{ ...body, upstream: `127.0.0.1:${port}` }]);
    expect(await show(name)).toMatchObject({ enabled: true, toxics: [], listen: body.listen });
    await client.meets("fin");
    const second = await peers.dial(portOf(body));
    second.send("echo");
    await second.receives("echo");
  });

  test("0.0.0.0 is another address than the [::] that is shown: always replaced", async () => {
    const upstream = await peers.echo();
    const upstreamText = `127.0.0.1:${upstream.port}`;
    await target.must("POST", "/proxies", {
      name: "p",
      listen: "0.0.0.0:0",
      upstream: upstreamText,
    });
    await target.addToxic("p", { type: "noop", name: "kept" });
    const port = portOf(await show("p"));
    await target.must("POST", "/populate", [
      { name: "p", listen: `[::]:${port}`, upstream: upstreamText },
    ]);
    expect(await show("p")).toMatchObject({ toxics: TOXIC });
    await target.must("POST", "/populate", [
      { name: "p", listen: `0.0.0.0:${port}`, upstream: upstreamText },
    ]);
    expect(await show("p")).toMatchObject({ toxics: [], listen: `[::]:${port}` });
  });

  conformance(
    "a replacement that can't listen leaves the old proxy as it was",
    async () => {
      const { name, body, client, server } = await livingProxy();
      const { status } = await target.api("POST", "/populate", [
        { ...body, listen: "192.0.2.1:0" },
      ]);
      expect(status).toBe(500);
      expect(await show(name)).toMatchObject({ ...body, enabled: true, toxics: TOXIC });
      client.send("still");
      await server.receives("still");
    },
    "the original stops the proxy",
  );
});

describe("update", () => {
  test("nothing new: connections live on", async () => {
    const { name, body, client, server } = await livingProxy();
    await target.must("POST", `/proxies/${name}`, { ...body, enabled: true });
    client.send("still");
    await server.receives("still");
  });

  test("localhost is 127.0.0.1: nothing new", async () => {
    const { name, port, client, server } = await livingProxy();
    await target.must("POST", `/proxies/${name}`, { listen: `localhost:${port}` });
    client.send("still");
    await server.receives("still");
  });

  test("another listen: connections are cut, toxics stay, the old port refuses", async () => {
    const { name, port, client, server } = await livingProxy();
    const { json } = await target.must("PATCH", `/proxies/${name}`, { listen: "127.0.0.1:0" });
    expect(portOf(json)).not.toBe(port);
    expect(json).toMatchObject({ enabled: true, toxics: TOXIC });
    await Promise.all([client.meets("fin"), server.meets("fin")]);
    expect(await tryConnect(port)).toBe("ECONNREFUSED");
    expect(await tryConnect(portOf(json))).toBe("connected");
  });

  test("the same port on every interface, and back", async () => {
    const { name, port, body } = await livingProxy();
    const wide = await target.must("PATCH", `/proxies/${name}`, { listen: `[::]:${port}` });
    expect(wide.json).toMatchObject({ listen: `[::]:${port}`, enabled: true });
    const narrow = await target.must("PATCH", `/proxies/${name}`, { listen: body.listen });
    expect(narrow.json).toMatchObject({ listen: body.listen, enabled: true });
    expect(await tryConnect(port)).toBe("connected");
  });

  test("another upstream: connections are cut, new ones go there", async () => {
    const { name, port, client } = await livingProxy();
    const other = await peers.echo();
    await target.must("PATCH", `/proxies/${name}`, { upstream: `127.0.0.1:${other.port}` });
    await client.meets("fin");
    const second = await peers.dial(port);
    second.send("echo");
    await second.receives("echo");
  });

  conformance(
    "a listen that is taken changes nothing",
    async () => {
      const { name, body, client, server } = await livingProxy();
      const holder = createServer().listen(0, "127.0.0.1");
      await once(holder, "listening");
      const listen = `127.0.0.1:${(holder.address() as { port: number }).port}`;
      const { status, json } = await target.api("PATCH", `/proxies/${name}`, { listen });
      holder.close();
      expect({ status, json }).toMatchObject({
        status: 500,
        json: { error: `listen tcp ${listen}: bind: address already in use` },
      });
      expect(await show(name)).toMatchObject({ ...body, enabled: true, toxics: TOXIC });
      client.send("still");
      await server.receives("still");
    },
    "the original is left disabled on the new address",
  );
});

describe("reset", () => {
  test("enables every proxy and removes every toxic; other connections live on", async () => {
    const { name, client, server } = await livingProxy();
    const off = await livingProxy();
    await target.must("POST", `/proxies/${off.name}`, { enabled: false });
    expect((await target.api("POST", "/reset")).status).toBe(204);
    expect(await show(name)).toMatchObject({ enabled: true, toxics: [] });
    expect(await show(off.name)).toMatchObject({
      enabled: true,
      toxics: [],
      listen: off.body.listen,
    });
    client.send("still");
    await server.receives("still");
    expect(await tryConnect(off.port)).toBe("connected");
  });

  test("connections under a timeout toxic are closed", async () => {
    const { name, client, server } = await livingProxy();
    await target.addToxic(name, { type: "timeout" });
    await target.must("POST", "/reset");
    await Promise.all([client.meets("fin"), server.meets("fin")]);
  });

  test("500 if a disabled proxy can't listen", async () => {
    const { name, port } = await livingProxy();
    await target.must("POST", `/proxies/${name}`, { enabled: false });
    const holder = createServer().listen(port, "127.0.0.1");
    await once(holder, "listening");
    const reply = await target.api("POST", "/reset");
    holder.close();
    expect(reply).toMatchObject({ status: 500, json: { error: expect.stringMatching(/in use$/) } });
  });

  conformance(
    "one that can't listen doesn't keep the others from it",
    async () => {
      const stuck = await livingProxy();
      await target.must("POST", `/proxies/${stuck.name}`, { enabled: false });
      const holder = createServer().listen(stuck.port, "127.0.0.1");
      await once(holder, "listening");
      const others = await Promise.all([1, 2, 3].map(() => livingProxy()));
      await target.api("POST", "/reset");
      holder.close();
      for (const { name } of others) expect(await show(name)).toMatchObject({ toxics: [] });
    },
    "the original stops at the first failure",
  );
});

describe("enabled", () => {
  test("false: new connections are refused, live ones end in FIN on both sides", async () => {
    const { name, port, client, server } = await livingProxy();
    await target.must("POST", `/proxies/${name}`, { enabled: false });
    expect(await tryConnect(port)).toBe("ECONNREFUSED");
    await Promise.all([client.meets("fin"), server.meets("fin")]);
  });

  test("true again: the same port, and the toxics are still there", async () => {
    const { name, port } = await livingProxy();
    await target.must("POST", `/proxies/${name}`, { enabled: false });
    const { json } = await target.must("POST", `/proxies/${name}`, { enabled: true });
    expect(json).toMatchObject({ enabled: true, toxics: TOXIC });
    expect(portOf(json)).toBe(port);
    expect(await tryConnect(port)).toBe("connected");
  });

  test("deleted: as if disabled, and the name is free", async () => {
    const { name, port, client, server, body } = await livingProxy();
    await target.must("DELETE", `/proxies/${name}`);
    expect(await tryConnect(port)).toBe("ECONNREFUSED");
    await Promise.all([client.meets("fin"), server.meets("fin")]);
    expect((await target.api("POST", "/proxies", body)).status).toBe(201);
  });

  test("thirty cuts and heals in a row", async () => {
    const { name, port } = await livingProxy();
    for (let i = 0; i < 30; i++) {
      await target.must("POST", `/proxies/${name}`, { enabled: false });
      await target.must("POST", `/proxies/${name}`, { enabled: true });
    }
    expect(await tryConnect(port)).toBe("connected");
  });
});
