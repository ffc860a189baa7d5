import { describe, expect, test } from "vitest";
import {
  countPorts,
  drawFloorPlan,
  type FloorPlanOptions,
  placeOf,
} from "../../src/environment/floor-plan.ts";
import { defineSystem, type System } from "../../src/system/system.ts";

const nodes = ["n1", "n2", "n3"];
const plain = defineSystem({ name: "plain", workloads: [], start: () => ({ command: [] }) });
const folders = { directory: "", traceFile: "" };

function draw(system: System, proxyClients = false): ReturnType<typeof drawFloorPlan> {
  const options: FloorPlanOptions = { system, nodes, proxyClients };
  const free = Array.from({ length: countPorts(options) }, (_, i) => 1000 + i);
  return drawFloorPlan(options, free);
}

describe("the ports of a cluster", () => {
  test("every node is told an address of its own of every other, and none is taken twice", () => {
    const plan = draw(plain, true);
    const told = nodes.flatMap((id) => placeOf(plan, id, folders).peers.map(({ port }) => port));
    const own = nodes.map((id) => placeOf(plan, id, folders).port);
    const clients = nodes.map((id) => plan.clients.get(id)?.port);
    expect(new Set([...told, ...own, ...clients]).size).toBe(6 + 3 + 3);
  });

  test("a proxy leads from where the source calls to where the target is", () => {
    const plan = draw(plain);
    const { port = 0 } = placeOf(plan, "n1", folders).peers.find(({ id }) => id === "n3") ?? {};
    const [proxies = []] = plan.links;
    const proxy = proxies.find(({ link }) => link.source === "n1" && link.target === "n3");
    expect(proxy).toMatchObject({
      listen: `127.0.0.1:${port}`,
      upstream: `127.0.0.1:${placeOf(plan, "n3", folders).port}`,
    });
    expect(plan.nameOf(`127.0.0.1:${port}`)).toBe("n3");
  });

  test("clients call nodes directly unless their links are proxied", () => {
    const plan = draw(plain);
    expect(plan.clients.get("n2")?.port).toBe(placeOf(plan, "n2", folders).port);
  });

  test("where addresses are shared, all are told the same, and a door leads to each caller's proxy", () => {
    const plan = draw({
      ...plain,
      ports: ["client", "peer"],
      peerPorts: ["peer"],
      addresses: "shared",
    });
    const seen = ["n1", "n2"].map(
      (id) => placeOf(plan, id, folders).peers.find((peer) => peer.id === "n3")?.ports["peer"],
    );
    const { advertised, ports } = placeOf(plan, "n3", folders);
    expect(seen).toEqual([advertised["peer"], advertised["peer"]]);
    const door = plan.doors.find(({ port }) => port === advertised["peer"]);
    expect(door?.direct).toBe(ports["peer"]);
    const [proxies = []] = plan.links;
    const fromN1 = proxies.find(({ link }) => link.source === "n1" && link.target === "n3");
    expect(`127.0.0.1:${door?.links["n1"]}`).toBe(fromN1?.listen);
    expect(Object.keys(door?.links ?? {})).toEqual(["n1", "n2"]);
  });

  test("every port that nodes call has proxies of its own", () => {
    const plan = draw({ ...plain, ports: ["data", "gossip"] });
    expect(plan.links.map((set) => set.length)).toEqual([6, 6]);
  });
});
