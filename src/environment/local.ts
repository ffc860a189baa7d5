import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { FaultTarget } from "../../nemesis/target.ts";
import type { Address } from "../base/address.ts";
import { assert, valueOf } from "../base/assert.ts";
import { linkName, type NodeId } from "../base/node-id.ts";
import type { ExitEvent, LogTextEvent, TraceEvent } from "../base/trace.ts";
import { createNodeAccess } from "../system/node-access.ts";
import type { Launch, System, Wire } from "../system/system.ts";
import { Cluster } from "./cluster.ts";
import { combineProxies } from "./combine-proxies.ts";
import { withLastWords } from "./crash-text.ts";
import type { Environment, EnvironmentOptions } from "./environment.ts";
import {
  countPorts,
  directAddresses,
  drawFloorPlan,
  type FloorPlan,
  type LocalPlan,
  placeOf,
} from "./floor-plan.ts";
import { refuseFaults } from "./node-hook.ts";
import { ProcessRegister } from "./leftovers.ts";
import { NodeProcess } from "./node-process.ts";
import { findFreePorts } from "./ports.ts";
import { createProxies, type ProxiedLink, type Proxies } from "./proxies.ts";
import { ProxyProcess, type WireTap } from "./proxy-process.ts";
import { isReady } from "./is-ready.ts";
import { type StateWatch, watchState } from "./state-watch.ts";
import { WardenProcess } from "./warden-process.ts";
import { WireWatch } from "./wire-watch.ts";

/** Starts a system's nodes as processes of this host, every directed link between them through a proxy. */
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
  readonly #system: System;
  readonly #cluster: Cluster;
  readonly #register: ProcessRegister;
  readonly #watches = new Map<NodeId, StateWatch>();
  readonly #proxyProcesses: ProxyProcess[] = [];
  #warden: WardenProcess | undefined;
  #proxies: Proxies | undefined;

  constructor(options: EnvironmentOptions) {
    const { system, nodes } = options;
    this.#options = options;
    this.#system = system;
    this.nodes = nodes;
    const surroundings = system.putFaults === undefined ? "foreign" : "local";
    this.#cluster = new Cluster({ ...options, surroundings });
    this.target = this.#cluster.target;
    this.#register = new ProcessRegister(options.runId);
  }

  async start(): Promise<void> {
    const { nodes, prng } = this.#options;
    // Of this process: two runs with one seed at the same moment would choose the same ports.
    const choice = prng.fork(`ports ${process.pid}`);
    const free = await findFreePorts(countPorts(this.#options), choice);
    const plan = drawFloorPlan(this.#options, free);
    this.#proxies = await this.#startProxies(plan);
    const launches = new Map(nodes.map((id) => [id, this.#launch(id, plan)]));
    await this.#startWarden(plan, [...launches.values()]);
    const processes = new Map<NodeId, NodeProcess>();
    for (const node of nodes) {
      this.addresses.set(node, valueOf(plan.clients, node));
      processes.set(node, this.#createProcess(node, plan, valueOf(launches, node)));
    }
    await this.#cluster.start(processes, this.#proxies);
    for (const watch of this.#watches.values()) void watch.run();
  }

  /** A server for each set of links: their proxies have the same names. */
  async #startProxies(plan: FloorPlan): Promise<Proxies> {
    const chance = this.#options.prng.fork("toxicity");
    const sets: Proxies[] = [];
    // One after the other: where one can't be had, none is still on its way.
    for (const set of plan.links)
      sets.push(await this.#startServer(set, plan, chance.int(1, 2 ** 31)));
    return combineProxies(sets);
  }

  async #startServer(
    links: readonly ProxiedLink[],
    plan: FloorPlan,
    seed: number,
  ): Promise<Proxies> {
    const { wire } = this.#system;
    const tap = wire && this.#tap(wire, links, plan);
    const server = await ProxyProcess.start(String(seed), tap);
    this.#proxyProcesses.push(server);
    this.#register.add(server.pid);
    return createProxies({ url: server.url, links });
  }

  #tap(wire: Wire, links: readonly ProxiedLink[], plan: FloorPlan): WireTap {
    const watch = new WireWatch({
      wire,
      links: new Map(links.map(({ link }) => [linkName(link), link])),
      nameOf: (address) => plan.nameOf(address),
      onFact: (node, transition) => this.#watches.get(node)?.hear(transition),
    });
    return { paths: wire.paths, hear: (overheard) => watch.hear(overheard) };
  }

  /** Only where there is something for it to do. */
  async #startWarden({ doors }: LocalPlan, launches: readonly Launch[]): Promise<void> {
    if (doors.length === 0 && launches.every(({ hasChannel }) => hasChannel === true)) return;
    this.#warden = new WardenProcess();
    this.#register.add(this.#warden.pid);
    if (doors.length > 0) await this.#warden.open(doors);
  }

  #launch(id: NodeId, plan: FloorPlan): Launch {
    const directory = this.#file("data", id);
    mkdirSync(directory, { recursive: true });
    const traceFile = this.#file("trace", `${id}.jsonl`);
    const launch = this.#system.start?.(placeOf(plan, id, { directory, traceFile }));
    assert(launch !== undefined, "a system without processes was refused before");
    for (const [name, text] of Object.entries(launch.files ?? {})) {
      const file = path.join(directory, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    return launch;
  }

  #createProcess(id: NodeId, plan: FloorPlan, launch: Launch): NodeProcess {
    const access = createNodeAccess({
      id,
      nodes: this.nodes,
      addresses: directAddresses(plan, id),
      nameOf: (text) => plan.nameOf(text),
    });
    const watch = watchState(this.#system, access, this.#cluster);
    if (watch !== undefined) this.#watches.set(id, watch);
    const [address = { host: "", port: 0 }] = Object.values(access.addresses);
    return new NodeProcess({
      id,
      launch,
      isReady: () => isReady(this.#system, access),
      readyAlone: this.#system.readyAlone ?? false,
      putFaults: (faults) => this.#system.putFaults?.(address, faults) ?? refuseFaults(),
      ownFaults: this.#options.ownFaults ?? [],
      access,
      dataDirectory: this.#file("data", id),
      logFile: this.#file("logs", `${id}.log`),
      onSpawn: (pid) => {
        this.#register.add(pid);
        if (launch.hasChannel !== true) this.#warden?.began(id, pid);
      },
      onExit: (pid, exit, texts) => this.#onExit(id, pid, exit, texts),
      onDiskLost: () => this.#cluster.emit(id, [{ type: "disk-lost" }]),
    });
  }

  #onExit(id: NodeId, pid: number, exit: ExitEvent, texts: readonly LogTextEvent[]): void {
    this.#register.remove(pid);
    this.#warden?.ended(pid);
    this.#watches.get(id)?.forget();
    this.#cluster.emit(id, withLastWords(exit, texts));
  }

  trouble(): string | undefined {
    return [...this.#proxyProcesses, this.#warden, this.#register]
      .map((part) => part?.trouble())
      .find((text) => text !== undefined);
  }

  takeTrace(): TraceEvent[] {
    return this.#cluster.takeTrace();
  }

  waitForLeader(deadlineMs: number): Promise<NodeId> {
    return this.#cluster.waitForLeader(deadlineMs);
  }

  async stopNodes(): Promise<void> {
    for (const watch of this.#watches.values()) watch.stop();
    await this.#cluster.stopNodes();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const end = async (part: AsyncDisposable | undefined): Promise<void> =>
      part?.[Symbol.asyncDispose]();
    const [nodes] = await Promise.allSettled([this.stopNodes()]);
    await Promise.allSettled([end(this.#proxies)]);
    const others = await Promise.allSettled([...this.#proxyProcesses, this.#warden].map(end));
    this.#cluster.close();
    // What would not end stays noted: the next start, or doctor --clean, ends it.
    if ([nodes, ...others].every(({ status }) => status === "fulfilled")) this.#register.close();
  }

  #file(folder: string, name: string): string {
    return path.join(this.#options.directory, folder, name);
  }
}
