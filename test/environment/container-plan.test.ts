import { describe, expect, test } from "vitest";
import {
  type ContainerPlan,
  drawContainerPlan,
} from "../../src/environment/docker/container-plan.ts";
import { directAddresses, placeOf } from "../../src/environment/floor-plan.ts";
import { defineSystem, type System } from "../../src/system/system.ts";

const nodes = ["n1", "n2", "n3"];
const networks = nodes.map((node, k) => ({
  node,
  id: node,
  name: node,
  proxyHost: `10.0.0.${16 * k + 2}`,
  nodeHost: `10.0.0.${16 * k + 3}`,
}));
const plain = defineSystem({ name: "plain", workloads: [], container: { start: () => ({}) } });
const folders = { directory: "/data", traceFile: "" };

function draw(system: System, proxyClients = false): ContainerPlan {
  return drawContainerPlan({ system, nodes, proxyClients }, networks);
}

function linkBetween(plan: ContainerPlan, source: string, target: string, set = 0) {
  return plan.links[set]?.find(({ link }) => link.source === source && link.target === target);
}

describe("the addresses of a cluster of containers", () => {
  test("a node finds its peers at proxies on its own network, which lead to where they listen", () => {
    const plan = draw(plain);
    const place = placeOf(plan, "n1", folders);
    expect(place).toMatchObject({ host: "0.0.0.0", port: 20_100, advertisedHost: "n1" });
    const n3 = place.peers.find(({ id }) => id === "n3");
    expect(n3).toMatchObject({ host: "10.0.0.2", port: 20_300 });
    expect(linkBetween(plan, "n1", "n3")).toMatchObject({
      listen: "10.0.0.2:20300",
      upstream: "10.0.0.35:20300",
    });
    expect(plan.hostsAt("n1"), "their names are nobody's").toEqual([]);
    expect(directAddresses(plan, "n3")).toEqual({ main: { host: "10.0.0.35", port: 20_300 } });
  });

  test("no two proxies listen at one address, with those of clients and of every port", () => {
    const plan = draw({ ...plain, ports: ["data", "gossip"] }, true);
    const listening = plan.links.flat().map(({ listen }) => listen);
    expect(listening).toHaveLength(2 * 6 + 3);
    expect(new Set(listening).size).toBe(listening.length);
    expect(plan.clients.get("n2")).toEqual({ host: "10.0.0.18", port: 20_200 });
  });

  test("where addresses are shared a node has one name and port for all, behind which each finds its own proxy", () => {
    const system: System = {
      ...plain,
      ports: ["client", "peer"],
      peerPorts: ["peer"],
      addresses: "shared",
    };
    const plan = draw(system);
    const { advertisedHost, advertised } = placeOf(plan, "n3", folders);
    expect([advertisedHost, advertised["peer"]]).toEqual(["n3", 20_301]);
    for (const [id, proxyHost] of [
      ["n1", "10.0.0.2"],
      ["n2", "10.0.0.18"],
    ] as const) {
      const told = placeOf(plan, id, folders).peers.find((peer) => peer.id === "n3");
      expect(told).toEqual({ id: "n3", host: "n3", port: 20_301, ports: { peer: 20_301 } });
      expect(plan.hostsAt(id)).toContain(`n3:${proxyHost}`);
      expect(linkBetween(plan, id, "n3")?.listen).toBe(`${proxyHost}:20301`);
    }
    expect(plan.clients.get("n3")).toEqual({ host: "10.0.0.35", port: 20_300 });
  });

  test("a program that listens where it always does is called there", () => {
    const plan = draw({ ...plain, container: { ports: { main: 80 } } });
    expect(placeOf(plan, "n2", folders).port).toBe(80);
    expect(linkBetween(plan, "n1", "n2")).toMatchObject({
      listen: "10.0.0.2:20200",
      upstream: "10.0.0.19:80",
    });
  });

  test.each([
    ["n3:20300", "n3"],
    ["http://10.0.0.19:20200/", "n2"],
    // A proxy on the network of n1.
    ["10.0.0.2:20300", "n3"],
    ["10.0.0.2:8474", undefined],
    ["somebody", undefined],
  ])("%s belongs to %s", (address, name) => {
    expect(draw(plain).nameOf(address)).toBe(name);
  });
});
