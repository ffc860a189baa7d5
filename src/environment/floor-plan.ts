import { CLIENTS } from "../../nemesis/target.ts";
import { type Address, formatAddress } from "../base/address.ts";
import { at, valueOf } from "../base/assert.ts";
import { allLinks, type Link, linkName, type NodeId } from "../base/node-id.ts";
import { portsOf, type Peer, type Place, type System } from "../system/system.ts";
import type { ProxiedLink } from "./proxies.ts";
import type { Door } from "./warden.ts";

const HOST = "127.0.0.1";

export type PortNumbers = Readonly<Record<string, number>>;

/** The ports of a node at one of its hosts, by name. */
export interface Site {
  readonly host: string;
  readonly ports: PortNumbers;
}

/** Which address is whose, with a proxy on every link between nodes. */
export interface FloorPlan {
  /** Where nodes are told to listen. */
  readonly listen: ReadonlyMap<NodeId, Site>;
  /** Where this process reaches them, past all proxies. */
  readonly direct: ReadonlyMap<NodeId, Site>;
  /** Where clients call a node: a proxy, or the node itself. */
  readonly clients: ReadonlyMap<NodeId, Address>;
  /** One set of proxies for every port that other nodes call. */
  readonly links: readonly (readonly ProxiedLink[])[];
  /** Where `source` calls `target`. */
  peer(link: Link): Site;
  /** Where a node is said to be. */
  advertised(node: NodeId): Site;
  /** Whose address that is. */
  nameOf(address: string): NodeId | undefined;
}

/** For processes of this host, where it is all a matter of ports. */
export interface LocalPlan extends FloorPlan {
  /** The address of each port that all nodes share, if they do. */
  readonly doors: readonly Door[];
}

export interface FloorPlanOptions {
  readonly system: System;
  readonly nodes: readonly NodeId[];
  readonly proxyClients: boolean;
}

/** How many ports `drawFloorPlan` gives out. */
export function countPorts({ system, nodes, proxyClients }: FloorPlanOptions): number {
  const peerPorts = peerPortsOf(system).length;
  const links = allLinks(nodes).length * peerPorts;
  const doors = system.addresses === "shared" ? nodes.length * peerPorts : 0;
  return nodes.length * portsOf(system).length + links + doors + (proxyClients ? nodes.length : 0);
}

/** Gives out these ports, of which there must be as many as `countPorts` says. */
export function drawFloorPlan(
  { system, nodes, proxyClients }: FloorPlanOptions,
  free: readonly number[],
): LocalPlan {
  const rest = [...free];
  const next = (): number => rest.shift() ?? 0;
  const peerPorts = peerPortsOf(system);
  const [firstPort] = portsOf(system);
  const give = (names: readonly string[]): PortNumbers =>
    Object.fromEntries(names.map((name) => [name, next()]));
  const listen = new Map(nodes.map((node) => [node, give(portsOf(system))]));
  const between = new Map(allLinks(nodes).map((link) => [linkName(link), give(peerPorts)]));
  const shared = new Map(
    system.addresses === "shared" ? nodes.map((node) => [node, give(peerPorts)]) : [],
  );
  const clientLinks = proxyClients
    ? nodes.map((target): Link => ({ source: CLIENTS, target }))
    : [];
  const clientPorts = new Map(clientLinks.map((link) => [link.target, next()]));

  const portOf = (node: NodeId, name: string): number => valueOf(listen, node)[name] ?? 0;
  const proxied = (link: Link, port: number, name: string): ProxiedLink => ({
    link,
    listen: formatAddress({ host: HOST, port }),
    upstream: formatAddress({ host: HOST, port: portOf(link.target, name) }),
  });
  const names = new Map<number, NodeId>();
  const own = (ports: PortNumbers, node: NodeId): void => {
    for (const port of Object.values(ports)) names.set(port, node);
  };
  for (const [node, ports] of [...listen, ...shared]) own(ports, node);
  for (const link of allLinks(nodes)) own(valueOf(between, linkName(link)), link.target);
  const here = (ports: PortNumbers): Site => ({ host: HOST, ports });
  const sites = new Map([...listen].map(([node, ports]) => [node, here(ports)]));

  return {
    listen: sites,
    direct: sites,
    clients: new Map(
      nodes.map((node) => {
        const port = clientPorts.get(node) ?? portOf(node, firstPort ?? "");
        return [node, { host: HOST, port }];
      }),
    ),
    links: peerPorts.map((name, i) => [
      ...(i > 0
        ? []
        : clientLinks.map((link) =>
            proxied(link, valueOf(clientPorts, link.target), firstPort ?? ""),
          )),
      ...allLinks(nodes).map((link) =>
        proxied(link, valueOf(between, linkName(link))[name] ?? 0, name),
      ),
    ]),
    doors: [...shared].flatMap(([target, ports]) =>
      Object.entries(ports).map(([name, port]): Door => {
        const links = nodes
          .filter((source) => source !== target)
          .map((source) => [source, valueOf(between, linkName({ source, target }))[name] ?? 0]);
        return {
          port,
          direct: portOf(target, name),
          links: Object.fromEntries(links) as Door["links"],
        };
      }),
    ),
    peer: (link) => here(shared.get(link.target) ?? valueOf(between, linkName(link))),
    advertised: (node) => here(shared.get(node) ?? valueOf(listen, node)),
    nameOf: (address) => names.get(Number(/:(\d+)\/?$/.exec(address)?.[1])),
  };
}

export function peerPortsOf(system: System): readonly string[] {
  return system.peerPorts ?? portsOf(system);
}

/** What a node is told of where it is and where the others are. */
export function placeOf(
  plan: FloorPlan,
  id: NodeId,
  folders: Pick<Place, "directory" | "traceFile">,
): Place {
  const nodes = [...plan.listen.keys()];
  const { host, ports } = valueOf(plan.listen, id);
  const peers = nodes
    .filter((target) => target !== id)
    .map((target): Peer => {
      const called = plan.peer({ source: id, target });
      return { id: target, ...called, port: first(called.ports) };
    });
  const said = plan.advertised(id);
  return {
    id,
    number: nodes.indexOf(id) + 1,
    host,
    port: first(ports),
    ports,
    advertisedHost: said.host,
    advertised: said.ports,
    peers,
    ...folders,
  };
}

function first(ports: PortNumbers): number {
  return at(Object.values(ports), 0);
}

/** Where a node really is, by name of port. */
export function directAddresses(plan: FloorPlan, id: NodeId): Record<string, Address> {
  const { host, ports } = valueOf(plan.direct, id);
  return Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, { host, port }]));
}
