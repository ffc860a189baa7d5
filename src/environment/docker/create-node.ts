import path from "node:path";
import process from "node:process";
import type { Launch } from "../../system/system.ts";
import type { Container, Engine } from "./engine.ts";
import { labelsOf, namePrefix } from "./labels.ts";
import { NetworkPlug } from "./network-plug.ts";
import type { NodeNetwork } from "./networks.ts";
import { NODE_FOLDER, writeFiles } from "./node-folder.ts";

export interface NodeContainerPlan {
  readonly runId: string;
  /** What the node's own container is made of. */
  readonly image: string;
  /** What has Node.js in it, for the container that holds the network. */
  readonly holderImage: string;
  readonly launch: Launch;
  readonly network: NodeNetwork;
  /** "n2:10.213.7.18": where it finds the others by their names. */
  readonly hosts: readonly string[];
  /** A folder of this host in which the node writes its trace; undefined: it writes none. */
  readonly traceFolder: string | undefined;
}

export interface CreatedNode {
  readonly container: Container;
  readonly holder: Container;
  readonly plug: NetworkPlug;
}

/** Where a node finds the folder for its trace. */
export const TRACE_FOLDER = "/trace";

/**
 * A node takes two containers: a holder of the network, which is never killed, and the node's own, which
 * lives in that network. So a killed node refuses connections like any killed process, keeps its address and
 * its name, and comes back where it was; with a container alone its address would vanish with it.
 */
export async function createNodeContainer(
  engine: Engine,
  plan: NodeContainerPlan,
): Promise<CreatedNode> {
  const { runId, image, holderImage, launch, network, hosts, traceFolder } = plan;
  const { node: id, nodeHost, name: networkName } = network;
  const name = `${namePrefix(runId)}-${id}`;
  const Labels = labelsOf(runId);
  const common = { Labels, Healthcheck: { Test: ["NONE"] } };
  const data = `${name}:${NODE_FOLDER}`;
  await engine.createVolume({ Name: name, Labels });
  const holder = await engine.createContainer({
    ...common,
    name: `${name}-network`,
    Image: holderImage,
    Hostname: id,
    Entrypoint: ["node", "-e", "setInterval(() => {}, 2 ** 30)"],
    // The node's data can be reached through it while the node is down.
    HostConfig: { Init: true, NetworkMode: networkName, ExtraHosts: [...hosts], Binds: [data] },
    NetworkingConfig: {
      EndpointsConfig: {
        [networkName]: { Aliases: [id], IPAMConfig: { IPv4Address: nodeHost } },
      },
    },
  });
  await holder.start();
  await writeFiles(holder, launch.files ?? {});
  const container = await engine.createContainer({
    ...common,
    ...settingsOf(launch),
    name,
    Image: image,
    // Who writes a trace writes it as whoever reads it.
    ...(traceFolder === undefined ? {} : { User: userOf() }),
    HostConfig: {
      // Otherwise its program is process 1, and the kernel keeps SIGTERM from it.
      Init: true,
      NetworkMode: `container:${holder.id}`,
      Binds: [
        data,
        ...(traceFolder === undefined ? [] : [`${path.resolve(traceFolder)}:${TRACE_FOLDER}`]),
      ],
    },
  });
  const plug = new NetworkPlug(engine.getNetwork(network.id), holder, network);
  return { container, holder, plug };
}

/** A launch in the engine's words. */
function settingsOf({ command, args = [], env = {}, cwd }: Launch) {
  return {
    ...(command === undefined ? {} : { Entrypoint: [...command] }),
    // With arguments of its own none of the image's are left.
    ...(command === undefined && args.length === 0 ? {} : { Cmd: [...args] }),
    Env: Object.entries(env).map(([variable, value]) => `${variable}=${value}`),
    ...(cwd === undefined ? {} : { WorkingDir: cwd }),
  };
}

/** The files that nodes write are those of whoever runs the harness; root's are nobody's. */
function userOf(): string {
  const uid = process.getuid?.() ?? 1000;
  return uid === 0 ? "1000:1000" : `${uid}:${process.getgid?.() ?? uid}`;
}
