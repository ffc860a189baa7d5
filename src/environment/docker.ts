import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { CLIENTS, type FaultTarget } from "../../nemesis/target.ts";
import { type Address, formatAddress } from "../base/address.ts";
import { valueOf } from "../base/assert.ts";
import { EnvironmentError, UserError } from "../base/errors.ts";
import { allLinks, type Link, type NodeId } from "../base/node-id.ts";
import type { TraceEvent } from "../base/trace.ts";
import { Cluster } from "./cluster.ts";
import { connectEngine, type Engine, refusalOf } from "./docker/engine.ts";
import { watchEngine } from "./docker/engine-watch.ts";
import { createNetworks, type NodeNetwork } from "./docker/networks.ts";
import { NodeContainer } from "./docker/node-container.ts";
import { createNodeContainer } from "./docker/create-node.ts";
import { nodeImage } from "./docker/node-image.ts";
import { startProxyContainer } from "./docker/proxy-container.ts";
import { proxyImage, type ProxyImage } from "./docker/proxy-image.ts";
import { remainsOf, removeRemains } from "./docker/remains.ts";
import type { Environment, EnvironmentOptions } from "./environment.ts";
import { ProcessRegister } from "./leftovers.ts";
import { createProxies, type Proxies } from "./proxies.ts";

/** Where nodes and proxies listen in their containers. */
const NODE_PORT = 8080;
const LINK_PORT = 20_000;
/** Longer than the proxy server may be held up by one connection to a node that is unplugged. */
const API_TIMEOUT_MS = 6000;

/**
 * Starts the bundled nodes in containers, each on a network of its own that it shares with Toxiproxy only.
 * Throws an EnvironmentError, with nothing left behind, where the engine does not play along.
 */
export async function startDocker(options: EnvironmentOptions): Promise<Environment> {
  const engine = await connectEngine();
  const docker = new DockerEnvironment(engine, options);
  try {
    await docker.start();
    return docker;
  } catch (error) {
    await docker[Symbol.asyncDispose]();
    if (error instanceof UserError) throw error;
    throw new EnvironmentError(`the Docker engine refused: ${refusalOf(error)}`, { cause: error });
  }
}

class DockerEnvironment implements Environment {
  readonly nodes: readonly NodeId[];
  readonly target: FaultTarget;
  readonly addresses = new Map<NodeId, Address>();
  readonly #engine: Engine;
  readonly #options: EnvironmentOptions;
  readonly #cluster: Cluster;
  readonly #register: ProcessRegister;
  #proxies: Proxies | undefined;
  #watch: Disposable | undefined;
  #trouble: string | undefined;
  #isOver = false;

  constructor(engine: Engine, options: EnvironmentOptions) {
    this.#engine = engine;
    this.#options = options;
    this.nodes = options.nodes;
    this.#cluster = new Cluster({ ...options, surroundings: "docker" });
    this.target = this.#cluster.target;
    this.#register = new ProcessRegister(options.runId);
  }

  async start(): Promise<void> {
    const { runId, nodes, prng } = this.#options;
    const image = await nodeImage(this.#engine);
    const proxy = await proxyImage(this.#engine);
    const subnets = prng.fork(`subnets ${runId}`);
    const networks = await createNetworks(this.#engine, { runId, nodes, prng: subnets });
    const [url, containers] = await Promise.all([
      this.#startProxy(image, proxy, networks),
      this.#createNodes(image, networks),
    ]);
    const links = this.#links(networks);
    this.#proxies = await createProxies({ url, links, timeoutMs: API_TIMEOUT_MS });
    for (const { node, nodeHost } of networks) {
      const clientLink = links.find(({ link }) => link.source === CLIENTS && link.target === node);
      this.addresses.set(node, clientLink?.probe ?? { host: nodeHost, port: NODE_PORT });
    }
    await this.#cluster.start(containers, this.#proxies);
    this.#watch = watchEngine(this.#engine, (reason) =>
      this.#fail(`the Docker engine stopped answering (${reason})`),
    );
  }

  #startProxy(image: string, proxy: ProxyImage, networks: readonly NodeNetwork[]): Promise<string> {
    return startProxyContainer(this.#engine, {
      runId: this.#options.runId,
      image: proxy,
      nodeImage: image,
      networks,
      prng: this.#options.prng,
      onEnd: (sentence) => this.#fail(sentence),
    });
  }

  /** A link's proxy listens where only its source comes by, and leads to its target's fixed address. */
  #links(networks: readonly NodeNetwork[]) {
    const { nodes, proxyClients } = this.#options;
    const of = new Map(networks.map((network) => [network.node, network]));
    const clientLinks = nodes.map((target): Link => ({ source: CLIENTS, target }));
    return [...(proxyClients ? clientLinks : []), ...allLinks(nodes)].map((link) => {
      const target = valueOf(of, link.target);
      const source = of.get(link.source) ?? target;
      const probe = { host: source.proxyHost, port: this.#portOf(link) };
      const upstream = formatAddress({ host: target.nodeHost, port: NODE_PORT });
      return { link, listen: formatAddress(probe), upstream, probe };
    });
  }

  /** 2xxyy: the link from the x-th to the y-th node, the clients being number 0. */
  #portOf({ source, target }: Link): number {
    return LINK_PORT + 100 * (this.nodes.indexOf(source) + 1) + this.nodes.indexOf(target) + 1;
  }

  async #createNodes(
    image: string,
    networks: readonly NodeNetwork[],
  ): Promise<ReadonlyMap<NodeId, NodeContainer>> {
    const { runId, directory, mutant } = this.#options;
    shareFolder(path.join(directory, "trace"));
    const created = networks.map(async (network): Promise<[NodeId, NodeContainer]> => {
      const id = network.node;
      const others = this.nodes.filter((node) => node !== id);
      const { container, holder, plug } = await createNodeContainer(this.#engine, {
        runId,
        image,
        network,
        directory,
        port: NODE_PORT,
        peers: others.map((target) => [
          target,
          { host: network.proxyHost, port: this.#portOf({ source: id, target }) },
        ]),
        mutant,
      });
      const node = new NodeContainer({
        id,
        engine: this.#engine,
        container,
        holder,
        plug,
        address: { host: network.nodeHost, port: NODE_PORT },
        logFile: path.join(directory, "logs", `${id}.log`),
        onExit: (exit, crashText) => this.#cluster.emit(id, [exit, ...crashText]),
        onDiskLost: () => this.#cluster.emit(id, [{ type: "disk-lost" }]),
        onLost: (reason) => this.#fail(`the Docker engine stopped answering (${reason})`),
      });
      return [id, node];
    });
    return new Map(await Promise.all(created));
  }

  trouble(): string | undefined {
    return this.#trouble;
  }

  takeTrace(): TraceEvent[] {
    return this.#cluster.takeTrace();
  }

  waitForLeader(deadlineMs: number): Promise<NodeId> {
    return this.#cluster.waitForLeader(deadlineMs);
  }

  async stopNodes(): Promise<void> {
    this.#isOver = true;
    this.#watch?.[Symbol.dispose]();
    try {
      await this.#cluster.stopNodes();
    } catch (error) {
      // Of an engine that is gone nothing can be asked any more: the run has ended for that already.
      if (this.#trouble !== undefined) return;
      throw new EnvironmentError(`not all containers could be stopped: ${refusalOf(error)}`, {
        cause: error,
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.stopNodes();
    } catch {
      // What follows removes containers in whatever state they are.
    }
    try {
      await removeRemains(this.#engine, await remainsOf(this.#engine, this.#options.runId));
    } catch (error) {
      // Found again by its labels: the next start, or doctor --clean, removes what is left.
      this.#trouble ??= `not all containers could be removed: ${refusalOf(error)}`;
    }
    this.#cluster.close();
    this.#register.close();
  }

  #fail(sentence: string): void {
    if (!this.#isOver) this.#trouble ??= sentence;
  }
}

/** The nodes, who are nobody in particular, write their traces there. */
function shareFolder(folder: string): void {
  fs.mkdirSync(folder, { recursive: true });
  if (process.getuid?.() === 0) fs.chownSync(folder, 1000, 1000);
}
