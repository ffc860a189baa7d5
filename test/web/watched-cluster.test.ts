import http from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { afterEach, expect, test } from "vitest";
import { waitUntil } from "../../src/environment/wait.ts";
import { WatchedCluster } from "../../src/web/watched-cluster.ts";

const servers: http.Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function node(answer: http.RequestListener): Promise<string> {
  const server = http.createServer(answer).listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const says =
  (state: object): http.RequestListener =>
  (_, response) =>
    response.end(JSON.stringify(state));

test("nodes are shown as they answer, and two leaders of a term are told", async () => {
  using cluster = new WatchedCluster();
  const leader = { role: "leader", currentTerm: 7, peers: ["b", "c"], lastHeartbeat: 0 };
  const n1 = await node(says({ ...leader, nodeId: "a" }));
  const n2 = await node(says(leader));
  const n3 = await node(() => undefined);
  const n4 = await node((_, response) => response.writeHead(500).end());
  const n5 = await node(says({ role: "leader" }));
  const gone = await node(says(leader));
  servers.pop()?.close();
  expect(cluster.state()).toEqual({ nodes: [], conflicts: [] });
  expect(
    cluster.add(`n1=${n1}, n2 ${n2}\nn3=${n3}\nn4=${n4}\nn5=${n5}\nn6=${gone}`),
  ).toBeUndefined();
  await waitUntil(
    "all have been looked at",
    10_000,
    () => cluster.state().nodes.every(({ sight }) => sight.type !== "nothing yet") || "not yet",
  );
  const { nodes, conflicts } = cluster.state();
  expect(nodes.map(({ name, sight }) => [name, sight.type])).toEqual([
    ["n1", "state"],
    ["n2", "state"],
    ["n3", "silent"],
    ["n4", "error"],
    ["n5", "error"],
    ["n6", "unreachable"],
  ]);
  expect(nodes[0]?.sight).toMatchObject({
    role: "leader",
    term: 7,
    rows: [
      ["nodeId", "a"],
      ["role", "leader"],
      ["currentTerm", "7"],
      ["lastHeartbeat", "never"],
      ["peers", "b, c"],
      ["votedFor", "–"],
      ["votesGranted", "–"],
    ],
  });
  expect(conflicts).toEqual(["n1 and n2 are both leader in term 7"]);
  expect(cluster.obey({ type: "remove", name: "n2" })).toBeUndefined();
  expect(cluster.state().conflicts).toEqual([]);
  expect(cluster.obey({ type: "remove", name: "n2" })).toBe("there is no node n2");
});

test.each(["n1", "n1=", "n1=127.0.0.1", "n1=127.0.0.1:99999", "=127.0.0.1:80"])(
  "%j is refused, and nothing of what came with it is taken",
  (line) => {
    using cluster = new WatchedCluster();
    expect(cluster.add(`ok=127.0.0.1:1\n${line}`)).toMatch(/write a name and an address/);
    expect(cluster.state().nodes).toEqual([]);
  },
);
