import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import type { FaultTarget } from "../../nemesis/target.ts";
import type { Address } from "../base/address.ts";
import { assert } from "../base/assert.ts";
import { EnvironmentError, UserError } from "../base/errors.ts";
import type { NodeId } from "../base/node-id.ts";
import type { ExitEvent, LogTextEvent, TraceEvent } from "../base/trace.ts";
import { createNodeAccess } from "../system/node-access.ts";
import { judgedBy, type Launch, type System } from "../system/system.ts";
import { Cluster } from "./cluster.ts";
import { combineProxies } from "./combine-proxies.ts";
import { withLastWords } from "./crash-text.ts";
import { type ContainerPlan, drawContainerPlan } from "./docker/container-plan.ts";
import { connectEngine, type Engine, refusalOf } from "./docker/engine.ts";
import { watchEngine } from "./docker/engine-watch.ts";
import { createNetworks, type NodeNetwork } from "./docker/networks.ts";
import { NODE_FOLDER } from "./docker/node-folder.ts";
import { NodeContainer } from "./docker/node-container.ts";
import { createNodeContainer, TRACE_FOLDER } from "./docker/create-node.ts";
import { nodeImage, systemImage } from "./docker/node-image.ts";
import { startProxyContainer } from "./docker/proxy-container.ts";
import { proxyImage, type ProxyImage } from "./docker/proxy-image.ts";
import { remainsOf, removeRemains } from "./docker/remains.ts";
import type { Environment, EnvironmentOptions } from "./environment.ts";
import { directAddresses, placeOf } from "./floor-plan.ts";
import { ProcessRegister } from "./leftovers.ts";
import { createProxies, type Proxies } from "./proxies.ts";
import { type StateWatch, watchState } from "./state-watch.ts";

/** Longer than the proxy server may be held up by one connection to a node that is unplugged. */
const API_TIMEOUT_MS = 6000;

/**
 * Starts a system's nodes in containers, each on a network of its own that it shares with Toxiproxy only.
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
  readonly #system: System;
  readonly #cluster: Cluster;
  readonly #register: ProcessRegister;
  readonly #watches = new Map<NodeId, StateWatch>();
  #watch: Disposable | undefined;
  #trouble: string | undefined;
  #isOver = false;

  constructor(engine: Engine, options: EnvironmentOptions) {
    this.#engine = engine;
    this.#options = options;
    this.#system = options.system;
    this.nodes = options.nodes;
    const surroundings = options.system.putFaults === undefined ? "foreign-docker" : "docker";
    this.#cluster = new Cluster({ ...options, surroundings });
    this.target = this.#cluster.target;
    this.#register = new ProcessRegister(options.runId);
  }

  async start(): Promise<void> {
    const { runId, nodes, prng } = this.#options;
    const helper = await nodeImage(this.#engine);
    const image = await systemImage(this.#engine, this.#system, helper);
    const proxy = await proxyImage(this.#engine);
    const subnets = prng.fork(`subnets ${runId}`);
    const networks = await createNetworks(this.#engine, { runId, nodes, prng: subnets });
    const plan = drawContainerPlan(this.#options, networks);
    const [url, containers] = await Promise.all([
      this.#startProxy(helper, proxy, networks),
      this.#createNodes({ image, holderImage: helper }, networks, plan),
    ]);
    const proxies = await startProxies(url, plan);
    for (const [node, address] of plan.clients) this.addresses.set(node, address);
    await this.#cluster.start(containers, proxies);
    for (const watch of this.#watches.values()) void watch.run();
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

  async #createNodes(
    images: { readonly image: string; readonly holderImage: string },
    networks: readonly NodeNetwork[],
    plan: ContainerPlan,
  ): Promise<ReadonlyMap<NodeId, NodeContainer>> {
    const traceFolder = this.#shareTraces();
    const created = networks.map(async (network): Promise<[NodeId, NodeContainer]> => {
      const id = network.node;
      const parts = await createNodeContainer(this.#engine, {
        ...images,
        runId: this.#options.runId,
        launch: launchOf(this.#system, plan, id),
        network,
        hosts: plan.hostsAt(id),
        traceFolder,
      });
      const access = createNodeAccess({
        id,
        nodes: this.nodes,
        addresses: directAddresses(plan, id),
        nameOf: (text) => plan.nameOf(text),
      });
      const watch = watchState(this.#system, access, this.#cluster);
      if (watch !== undefined) this.#watches.set(id, watch);
      const node = new NodeContainer({
        ...parts,
        engine: this.#engine,
        system: this.#system,
        access,
        ownFaults: this.#options.ownFaults ?? [],
        logFile: path.join(this.#options.directory, "logs", `${id}.log`),
        onExit: (exit, texts) => this.#onExit(id, exit, texts),
        onDiskLost: () => this.#cluster.emit(id, [{ type: "disk-lost" }]),
        onLost: (reason) => this.#fail(`the Docker engine stopped answering (${reason})`),
      });
      return [id, node];
    });
    return new Map(await Promise.all(created));
  }

  #onExit(id: NodeId, exit: ExitEvent, texts: readonly LogTextEvent[]): void {
    this.#watches.get(id)?.forget();
    this.#cluster.emit(id, withLastWords(exit, texts));
  }

  /** The folder in which nodes that write traces write them; they are nobody in particular. */
  #shareTraces(): string | undefined {
    if (judgedBy(this.#system) !== "trace") return undefined;
    const folder = path.join(this.#options.directory, "trace");
    fs.mkdirSync(folder, { recursive: true });
    if (process.getuid?.() === 0) fs.chownSync(folder, 1000, 1000);
    return folder;
  }

  trouble(): string | undefined {
    return this.#trouble ?? this.#register.trouble();
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
    for (const watch of this.#watches.values()) watch.stop();
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

/** One server, in which each port that nodes call of each other has proxies of its own. */
async function startProxies(url: string, plan: ContainerPlan): Promise<Proxies> {
  const sets: Proxies[] = [];
  for (const [i, links] of plan.links.entries()) {
    const suffix = i === 0 ? "" : `-${i + 1}`;
    sets.push(await createProxies({ url, links, suffix, timeoutMs: API_TIMEOUT_MS }));
  }
  return combineProxies(sets);
}

function launchOf(system: System, plan: ContainerPlan, id: NodeId): Launch {
  const folders = { directory: NODE_FOLDER, traceFile: `${TRACE_FOLDER}/${id}.jsonl` };
  const place = placeOf(plan, id, folders);
  const launch = system.container?.start?.(place) ?? system.start?.(place);
  assert(launch !== undefined, "a system without containers was refused before");
  return launch;
}
