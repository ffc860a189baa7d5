import path from "node:path";
import { fileURLToPath } from "node:url";
import {
  CLIENTS,
  type ConvergeOutcome,
  type DesiredState,
  type FaultTarget,
  type NodeState,
} from "../../nemesis/target.ts";
import { type Address, formatAddress } from "../base/address.ts";
import { valueOf } from "../base/assert.ts";
import { EnvironmentError, messageOf } from "../base/errors.ts";
import { allLinks, type Link, linkName, type NodeId } from "../base/node-id.ts";
import type { Prng } from "../base/prng.ts";
import type { TraceEvent, TraceTransition } from "../base/trace.ts";
import { ClusterView } from "./cluster-view.ts";
import { type Environment, hostTimeNs } from "./environment.ts";
import { ProcessRegister } from "./leftovers.ts";
import { NodeProcess } from "./node-process.ts";
import { findFreePorts } from "./ports.ts";
import { createProxies, type Proxies } from "./proxies.ts";
import { ProxyProcess } from "./proxy-process.ts";
import { TraceTail } from "./trace-tail.ts";
import { waitUntil } from "./wait.ts";

const NODE_ENTRY = fileURLToPath(new URL("../../node/main.js", import.meta.url));
const HOST = "127.0.0.1";

export interface LocalOptions {
  readonly runId: string;
  /** The run's folder; data, logs and traces of the nodes go below it. */
  readonly directory: string;
  readonly nodes: readonly NodeId[];
  readonly mutant: string | null;
  /** Clients' links go through proxies too, so that the nemesis can disturb them. */
  readonly proxyClients: boolean;
  readonly prng: Prng;
}

/** Starts the bundled nodes as processes of this host, every directed link between them through a proxy. */
export async function startLocal(options: LocalOptions): Promise<Environment> {
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
  readonly #options: LocalOptions;
  readonly #view: ClusterView;
  readonly #register: ProcessRegister;
  readonly #processes = new Map<NodeId, NodeProcess>();
  readonly #tails: readonly TraceTail[];
  #events: TraceEvent[] = [];
  #proxyProcess: ProxyProcess | undefined;
  #proxies: Proxies | undefined;
  #converging: Promise<unknown> = Promise.resolve();
  #isOver = false;

  constructor(options: LocalOptions) {
    this.#options = options;
    this.nodes = options.nodes;
    this.#view = new ClusterView(options.nodes);
    this.#register = new ProcessRegister(options.runId);
    this.#tails = options.nodes.map((node) => new TraceTail(this.#file("trace", `${node}.jsonl`)));
    this.target = {
      nodes: options.nodes,
      hasClientLinks: options.proxyClients,
      status: () => {
        this.#readTails();
        return this.nodes.map((node) => this.#view.status(node, this.#stateOf(node)));
      },
      converge: (desired, done) => this.#queueConverge(desired, done),
    };
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
    for (const node of nodes) {
      const direct = valueOf(upstreams, node);
      const clientLink = linkName({ source: CLIENTS, target: node });
      this.addresses.set(node, proxied.get(clientLink) ?? direct);
      this.#processes.set(node, this.#createProcess(node, direct, proxied));
    }
    await Promise.all([...this.#processes.values()].map((process) => process.bring("running")));
  }

  #createProcess(id: NodeId, listen: Address, proxied: ReadonlyMap<string, Address>): NodeProcess {
    const { mutant, nodes } = this.#options;
    const others = nodes.filter((node) => node !== id);
    const peers = others.flatMap((target) => [
      "--peer",
      `${target}=${formatAddress(valueOf(proxied, linkName({ source: id, target })))}`,
    ]);
    const flags = {
      "--id": id,
      "--listen": formatAddress(listen),
      "--data": this.#file("data", id),
      "--trace": this.#file("trace", `${id}.jsonl`),
      "--disk": "volatile",
    };
    const unsafe = mutant === null ? [] : ["--mutant", mutant, "--unsafe"];
    return new NodeProcess({
      id,
      entry: NODE_ENTRY,
      args: [...Object.entries(flags).flat(), ...peers, ...unsafe],
      port: listen.port,
      logFile: this.#file("logs", `${id}.log`),
      onSpawn: (pid) => this.#register.add(pid),
      onExit: (pid, exit, crashText) => {
        this.#register.remove(pid);
        this.#emit(id, exit);
        for (const text of crashText) this.#emit(id, text);
      },
    });
  }

  trouble(): string | undefined {
    return this.#proxyProcess?.trouble();
  }

  takeTrace(): TraceEvent[] {
    this.#readTails();
    const events = this.#events;
    this.#events = [];
    return events;
  }

  async waitForLeader(deadlineMs: number): Promise<NodeId> {
    let leader: NodeId | undefined;
    await waitUntil("a node leads", deadlineMs, () => {
      const status = this.target.status();
      leader = status.find(({ role }) => role === "leader")?.node;
      if (leader !== undefined) return true;
      return status
        .map(({ node, role, term }) => `${node} ${role ?? "silent"} in term ${term}`)
        .join(", ");
    });
    return leader ?? "";
  }

  async stopNodes(): Promise<void> {
    this.#isOver = true;
    await this.#converging;
    await Promise.all([...this.#processes.values()].map((process) => process.bring("killed")));
    this.#readTails();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopNodes();
    await this.#proxies?.[Symbol.asyncDispose]();
    await this.#proxyProcess?.[Symbol.asyncDispose]();
    for (const tail of this.#tails) tail.close();
    this.#register.close();
  }

  /** One after the other: what is desired later must not be overtaken by what was desired before. */
  #queueConverge(desired: DesiredState, done: (outcome: ConvergeOutcome) => void): void {
    this.#converging = this.#converging
      .then(() => this.#converge(desired))
      .then(done, (error: unknown) =>
        done({ confirmed: [], failed: [{ what: "cluster", reason: messageOf(error) }] }),
      );
  }

  async #converge(desired: DesiredState): Promise<ConvergeOutcome> {
    if (this.#isOver || this.#proxies === undefined) {
      throw new EnvironmentError("the cluster is being taken down");
    }
    const states = new Map(desired.nodes.map(({ node, state }) => [node, state]));
    const [links, ...nodes] = await Promise.all([
      this.#proxies.applyLinks(desired.links),
      ...this.nodes.map((node) => this.#bring(node, states.get(node) ?? "running")),
    ]);
    return {
      confirmed: [...links.confirmed, ...nodes.flatMap((outcome) => outcome.confirmed)],
      failed: [...links.failed, ...nodes.flatMap((outcome) => outcome.failed)],
    };
  }

  async #bring(node: NodeId, state: NodeState): Promise<ConvergeOutcome> {
    try {
      await this.#processes.get(node)?.bring(state);
      return { confirmed: [node], failed: [] };
    } catch (error) {
      return { confirmed: [], failed: [{ what: node, reason: messageOf(error) }] };
    }
  }

  #stateOf(node: NodeId): NodeState {
    return this.#processes.get(node)?.state ?? "killed";
  }

  #readTails(): void {
    for (const tail of this.#tails) for (const event of tail.read()) this.#take(event);
  }

  #emit(node: NodeId, transition: TraceTransition): void {
    // What the node itself wrote before it ended comes first.
    this.#readTails();
    this.#take({ timeNs: hostTimeNs(), node, ...transition });
  }

  #take(event: TraceEvent): void {
    this.#view.observe(event);
    this.#events.push(event);
  }

  #file(folder: string, name: string): string {
    return path.join(this.#options.directory, folder, name);
  }
}
