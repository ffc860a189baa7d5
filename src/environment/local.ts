import path from "node:path";
import { fileURLToPath } from "node:url";
import { CLIENTS, type FaultTarget } from "../../nemesis/target.ts";
import { type Address, formatAddress } from "../base/address.ts";
import { valueOf } from "../base/assert.ts";
import { allLinks, type Link, linkName, type NodeId } from "../base/node-id.ts";
import type { TraceEvent } from "../base/trace.ts";
import { Cluster } from "./cluster.ts";
import type { Environment, EnvironmentOptions } from "./environment.ts";
import { ProcessRegister } from "./leftovers.ts";
import { nodeArgs } from "./node-args.ts";
import { NodeProcess } from "./node-process.ts";
import { findFreePorts } from "./ports.ts";
import { createProxies, type Proxies } from "./proxies.ts";
import { ProxyProcess } from "./proxy-process.ts";

const NODE_ENTRY = fileURLToPath(new URL("../../node/main.js", import.meta.url));
const HOST = "127.0.0.1";

/** Starts the bundled nodes as processes of this host, every directed link between them through a proxy. */
export async function startLocal(options: EnvironmentOptions): Promise<Environment> {
  const local = new LocalEnvironment(options);
  try {
    await local.start();
    return local;
  } catch (error) {
    await local[Symbol.asyncDispose]();
    throw error;
  }
}

class LocalEnvironment implements Environment {
  readonly nodes: readonly NodeId[];
  readonly target: FaultTarget;
  readonly addresses = new Map<NodeId, Address>();
  readonly #options: EnvironmentOptions;
  readonly #cluster: Cluster;
  readonly #register: ProcessRegister;
  #proxyProcess: ProxyProcess | undefined;
  #proxies: Proxies | undefined;

  constructor(options: EnvironmentOptions) {
    this.#options = options;
    this.nodes = options.nodes;
    this.#cluster = new Cluster({ ...options, surroundings: "local" });
    this.target = this.#cluster.target;
    this.#register = new ProcessRegister(options.runId);
  }

  async start(): Promise<void> {
    const { nodes, proxyClients, prng } = this.#options;
    const clientLinks = nodes.map((target): Link => ({ source: CLIENTS, target }));
    const links = [...(proxyClients ? clientLinks : []), ...allLinks(nodes)];
    const ports = await findFreePorts(nodes.length + links.length, prng.fork("ports"));
    const address = (i: number): Address => ({ host: HOST, port: ports[i] ?? 0 });
    const upstreams = new Map(nodes.map((node, i) => [node, address(i)]));
    const proxied = new Map(links.map((link, i) => [linkName(link), address(nodes.length + i)]));

    this.#proxyProcess = await ProxyProcess.start(
      prng
        .fork("toxicity")
        .int(1, 2 ** 31)
        .toString(),
    );
    this.#register.add(this.#proxyProcess.pid);
    this.#proxies = await createProxies({
      url: this.#proxyProcess.url,
      links: links.map((link) => ({
        link,
        listen: formatAddress(valueOf(proxied, linkName(link))),
        upstream: formatAddress(valueOf(upstreams, link.target)),
      })),
    });
    const processes = new Map<NodeId, NodeProcess>();
    for (const node of nodes) {
      const direct = valueOf(upstreams, node);
      const clientLink = linkName({ source: CLIENTS, target: node });
      this.addresses.set(node, proxied.get(clientLink) ?? direct);
      processes.set(node, this.#createProcess(node, direct, proxied));
    }
    await this.#cluster.start(processes, this.#proxies);
  }

  #createProcess(id: NodeId, listen: Address, proxied: ReadonlyMap<string, Address>): NodeProcess {
    const { mutant, nodes } = this.#options;
    const others = nodes.filter((node) => node !== id);
    const dataDirectory = this.#file("data", id);
    return new NodeProcess({
      id,
      entry: NODE_ENTRY,
      args: nodeArgs({
        id,
        listen,
        dataDirectory,
        traceFile: this.#file("trace", `${id}.jsonl`),
        peers: others.map((target) => [target, valueOf(proxied, linkName({ source: id, target }))]),
        mutant,
      }),
      dataDirectory,
      port: listen.port,
      logFile: this.#file("logs", `${id}.log`),
      onSpawn: (pid) => this.#register.add(pid),
      onExit: (pid, exit, crashText) => {
        this.#register.remove(pid);
        this.#cluster.emit(id, [exit, ...crashText]);
      },
      onDiskLost: () => this.#cluster.emit(id, [{ type: "disk-lost" }]),
    });
  }

  trouble(): string | undefined {
    return this.#proxyProcess?.trouble();
  }

  takeTrace(): TraceEvent[] {
    return this.#cluster.takeTrace();
  }

  waitForLeader(deadlineMs: number): Promise<NodeId> {
    return this.#cluster.waitForLeader(deadlineMs);
  }

  stopNodes(): Promise<void> {
    return this.#cluster.stopNodes();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopNodes();
    await this.#proxies?.[Symbol.asyncDispose]();
    await this.#proxyProcess?.[Symbol.asyncDispose]();
    this.#cluster.close();
    this.#register.close();
  }

  #file(folder: string, name: string): string {
    return path.join(this.#options.directory, folder, name);
  }
}
