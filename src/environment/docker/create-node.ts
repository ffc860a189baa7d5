import path from "node:path";
import process from "node:process";
import type { Address } from "../../base/address.ts";
import type { NodeId } from "../../base/node-id.ts";
import { nodeArgs } from "../../system/node-args.ts";
import type { Container, Engine } from "./engine.ts";
import { labelsOf, namePrefix } from "./labels.ts";
import { NetworkPlug } from "./network-plug.ts";
import type { NodeNetwork } from "./networks.ts";

export interface NodeContainerPlan {
  readonly runId: string;
  readonly image: string;
  readonly network: NodeNetwork;
  /** The run's folder; the node's trace goes below it. */
  readonly directory: string;
  readonly port: number;
  readonly peers: readonly (readonly [id: NodeId, address: Address])[];
  readonly mutant: string | null;
}

export interface CreatedNode {
  readonly container: Container;
  readonly holder: Container;
  readonly plug: NetworkPlug;
}

/**
 * A node takes two containers: a holder of the network, which is never killed, and the node's own, which
 * lives in that network. So a killed node refuses connections like any killed process, keeps its address and
 * its name, and comes back where it was; with a container alone its address would vanish with it.
 */
export async function createNodeContainer(
  engine: Engine,
  plan: NodeContainerPlan,
): Promise<CreatedNode> {
  const { runId, image, network, directory, port, peers, mutant } = plan;
  const { node: id, nodeHost, name: networkName } = network;
  const name = `${namePrefix(runId)}-${id}`;
  const Labels = labelsOf(runId);
  const common = { Image: image, Labels, Healthcheck: { Test: ["NONE"] } };
  await engine.createVolume({ Name: name, Labels });
  const holder = await engine.createContainer({
    ...common,
    name: `${name}-network`,
    Hostname: id,
    Entrypoint: ["node", "-e", "setInterval(() => {}, 2 ** 30)"],
    // The node's data can be reached through it while the node is down.
    HostConfig: { Init: true, NetworkMode: networkName, Binds: [`${name}:/data`] },
    NetworkingConfig: {
      EndpointsConfig: {
        [networkName]: { Aliases: [id], IPAMConfig: { IPv4Address: nodeHost } },
      },
    },
  });
  await holder.start();
  const container = await engine.createContainer({
    ...common,
    name,
    User: userOf(),
    Cmd: nodeArgs({
      id,
      listen: { host: "0.0.0.0", port },
      dataDirectory: "/data",
      traceFile: `/trace/${id}.jsonl`,
      peers,
      mutant,
    }),
    HostConfig: {
      // Otherwise Node.js is process 1, and the kernel keeps SIGTERM from it.
      Init: true,
      NetworkMode: `container:${holder.id}`,
      Binds: [`${name}:/data`, `${path.resolve(directory, "trace")}:/trace`],
    },
  });
  const plug = new NetworkPlug(engine.getNetwork(network.id), holder, network);
  return { container, holder, plug };
}

/** The files that nodes write are those of whoever runs the harness; root's are nobody's. */
function userOf(): string {
  const uid = process.getuid?.() ?? 1000;
  return uid === 0 ? "1000:1000" : `${uid}:${process.getgid?.() ?? uid}`;
}
