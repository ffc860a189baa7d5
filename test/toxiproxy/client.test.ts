import { expect, test } from "vitest";
import { type Proxy, Toxiproxy } from "toxiproxy-node-client";
import { tryConnect, usePeers } from "./peers.ts";
import { useTarget } from "./target.ts";

// The npm client that the harness drives its proxies with, against the server.

const target = useTarget();
const peers = usePeers();

async function create(): Promise<{ toxiproxy: Toxiproxy; proxy: Proxy; port: number }> {
  const { port } = await peers.echo();
  const toxiproxy = new Toxiproxy(target.url);
  const upstream = `127.0.0.1:${port}`;
  const proxy = await toxiproxy.createProxy({ name: "n1-n2", listen: "127.0.0.1:0", upstream });
  return { toxiproxy, proxy, port: Number(proxy.listen.split(":")[1]) };
}

test("creates, reads, lists and removes proxies", async () => {
  const { toxiproxy, proxy } = await create();
  expect(proxy).toMatchObject({ name: "n1-n2", enabled: true });
  expect((await toxiproxy.get("n1-n2")).toJson()).toEqual(proxy.toJson());
  expect(Object.keys(await toxiproxy.getAll())).toEqual(["n1-n2"]);
  await proxy.remove();
  expect(await toxiproxy.getAll()).toEqual({});
});

test("disables and enables", async () => {
  const { proxy, port } = await create();
  const { listen, upstream } = proxy;
  expect(await proxy.update({ enabled: false, listen, upstream })).toMatchObject({
    enabled: false,
  });
  expect(await tryConnect(port)).toBe("ECONNREFUSED");
  expect(await proxy.update({ enabled: true, listen, upstream })).toMatchObject({ listen });
  expect(await tryConnect(port)).toBe("connected");
});

test("adds, reads, updates and removes toxics", async () => {
  const { proxy } = await create();
  const body = {
    name: "slow",
    type: "latency",
    stream: "upstream",
    toxicity: 0.5,
    attributes: { latency: 10, jitter: 2 },
  } satisfies Parameters<typeof proxy.addToxic>[0];
  const toxic = await proxy.addToxic(body);
  expect(toxic.toJson()).toEqual(body);
  expect((await proxy.getToxic("slow")).toJson()).toEqual(body);
  const attributes = { latency: 20, jitter: 2 };
  expect((await toxic.update({ ...body, attributes })).toJson()).toEqual({ ...body, attributes });
  await toxic.remove();
  await expect(proxy.getToxic("slow")).rejects.toThrow("Request failed with status code 404");
});

test("populates, resets and asks for the version", async () => {
  const toxiproxy = new Toxiproxy(target.url);
  const made = await toxiproxy.populate([
    { name: "p1", listen: "127.0.0.1:0", upstream: "127.0.0.1:1" },
    { name: "p2", listen: "127.0.0.1:0", upstream: "127.0.0.1:1", enabled: false },
  ]);
  expect(Object.values(made).map(({ enabled }) => enabled)).toEqual([true, false]);
  await toxiproxy.reset();
  expect(await toxiproxy.get("p2")).toMatchObject({ enabled: true });
  expect(JSON.parse(await toxiproxy.getVersion())).toEqual({ version: expect.any(String) });
});
