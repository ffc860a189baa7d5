import { CLIENTS } from "../../../nemesis/target.ts";
import { type Address, formatAddress, parseAddress } from "../../base/address.ts";
import { at, valueOf } from "../../base/assert.ts";
import { allLinks, type Link, type NodeId } from "../../base/node-id.ts";
import { portsOf } from "../../system/system.ts";
import {
  type FloorPlan,
  type FloorPlanOptions,
  peerPortsOf,
  type PortNumbers,
  type Site,
} from "../floor-plan.ts";
import type { ProxiedLink } from "../proxies.ts";
import type { NodeNetwork } from "./networks.ts";

/** n1 is told to listen on 20100 and the following, n2 on 20200: the number alone says whose port it is. */
const FIRST_PORT = 20_000;

/** For nodes in containers, each on a network that it shares with Toxiproxy only. */
export interface ContainerPlan extends FloorPlan {
  /** What names of other nodes stand for at this one, if it has to call them by these: "n2:10.213.7.18". */
  hostsAt(node: NodeId): readonly string[];
}

/**
 * A link's proxy listens where only its source comes by, on the port that its target was told to listen on, and leads to
 * its target's fixed address. So where all nodes have to call a node by one address, that is its name and port, and each
 * finds another proxy behind it.
 */
export function drawContainerPlan(
  { system, nodes, proxyClients }: FloorPlanOptions,
  networks: readonly NodeNetwork[],
): ContainerPlan {
  const names = portsOf(system);
  const firstName = at(names, 0);
  const of = new Map(networks.map((network) => [network.node, network]));
  const peerPorts = peerPortsOf(system);
  const told = new Map(nodes.map((node, k) => [node, numbered(names, FIRST_PORT + 100 * (k + 1))]));
  const real = (node: NodeId): PortNumbers => ({
    ...valueOf(told, node),
    ...system.container?.ports,
  });
  const numberOf = (ports: PortNumbers, name: string): number => ports[name] ?? 0;
  const proxyAddress = ({ source, target }: Link, name: string): Address => ({
    host: valueOf(of, source === CLIENTS ? target : source).proxyHost,
    port: numberOf(valueOf(told, target), name),
  });
  const proxied = (link: Link, name: string): ProxiedLink => {
    const probe = proxyAddress(link, name);
    const host = valueOf(of, link.target).nodeHost;
    const upstream = formatAddress({ host, port: numberOf(real(link.target), name) });
    return { link, listen: formatAddress(probe), upstream, probe };
  };
  const clientLinks = nodes.map((target): Link => ({ source: CLIENTS, target }));
  const direct = new Map(
    nodes.map((node): [NodeId, Site] => [
      node,
      { host: valueOf(of, node).nodeHost, ports: real(node) },
    ]),
  );
  return {
    listen: new Map(nodes.map((node) => [node, { host: "0.0.0.0", ports: real(node) }])),
    direct,
    clients: new Map(
      clientLinks.map((link) => {
        const { host, ports } = valueOf(direct, link.target);
        const own = { host, port: numberOf(ports, firstName) };
        return [link.target, proxyClients ? proxyAddress(link, firstName) : own];
      }),
    ),
    links: peerPorts.map((name, i) => [
      ...(proxyClients && i === 0 ? clientLinks.map((link) => proxied(link, firstName)) : []),
      ...allLinks(nodes).map((link) => proxied(link, name)),
    ]),
    peer: ({ source, target }) => ({
      host: system.addresses === "shared" ? target : valueOf(of, source).proxyHost,
      ports: Object.fromEntries(
        peerPorts.map((name) => [name, numberOf(valueOf(told, target), name)]),
      ),
    }),
    advertised: (node) => ({ host: node, ports: real(node) }),
    nameOf: (text) => {
      const address = parseAddress(text.replace(/\/$/, "").replace(/^[a-z]+:\/\//, ""));
      if (address === undefined) return undefined;
      const { host, port } = address;
      const owner = networks.find(({ node, nodeHost }) => host === node || host === nodeHost);
      return owner?.node ?? nodes[Math.floor((port - FIRST_PORT) / 100) - 1];
    },
    hostsAt: (node) =>
      nodes
        .filter((other) => system.addresses === "shared" && other !== node)
        .map((other) => `${other}:${valueOf(of, node).proxyHost}`),
  };
}

function numbered(names: readonly string[], first: number): PortNumbers {
  return Object.fromEntries(names.map((name, i) => [name, first + i]));
}
