import type { FaultTarget } from "../../nemesis/target.ts";
import type { Address } from "../base/address.ts";
import { EnvironmentError, messageOf, UserError } from "../base/errors.ts";
import { allLinks, linkName, type NodeId } from "../base/node-id.ts";
import { isSeenFromOutside, type TraceEvent } from "../base/trace.ts";
import { Cluster } from "./cluster.ts";
import { AttachedNode } from "./docker/attached-node.ts";
import { connectEngine, type Container, type Engine, refusalOf } from "./docker/engine.ts";
import { watchEngine } from "./docker/engine-watch.ts";
import { addressOf, findProject, type Project } from "./docker/project.ts";
import type { Environment, EnvironmentOptions } from "./environment.ts";
import { nodeSight } from "./node-sight.ts";
import { createProxies, noProxies, type ProxiedLink, type Proxies } from "./proxies.ts";
import { createToxiproxyApi } from "./toxiproxy-api.ts";

const PROXY_API_PORT = 8474;
const API_TIMEOUT_MS = 2500;
const SIGHT_EVERY_MS = 200;

/** What a project offers to a run, before there is one. */
export interface AttachOffer {
  readonly nodeCount: number;
  readonly hasProxies: boolean;
  /** One line for whoever asked. */
  readonly note: string;
}

/** Looks at a project; throws a UserError where nothing can be attached to. */
export async function lookAtProject(name: string): Promise<AttachOffer> {
  const engine = await connectEngine();
  const { name: found, nodes, toxiproxy } = await findProject(engine, name);
  const hasProxies = toxiproxy !== undefined;
  const proxies = hasProxies ? "behind its Toxiproxy" : "without Toxiproxy: no faults on links";
  return {
    nodeCount: nodes.size,
    hasProxies,
    note: `attached to the project ${found}: ${nodes.size} nodes, ${proxies}`,
  };
}

/**
 * Takes over the cluster of a compose project that is up: heals it, and leaves it healed and running.
 * Nothing in it is made or removed.
 */
export async function startAttached(
  project: string,
  options: EnvironmentOptions,
): Promise<Environment> {
  const engine = await connectEngine();
  const attached = new AttachedEnvironment(options);
  try {
    await attached.start(engine, await findProject(engine, project));
    return attached;
  } catch (error) {
    await attached[Symbol.asyncDispose]();
    if (error instanceof UserError) throw error;
    throw new EnvironmentError(`the Docker engine refused: ${refusalOf(error)}`, { cause: error });
  }
}

class AttachedEnvironment implements Environment {
  readonly nodes: readonly NodeId[];
  readonly target: FaultTarget;
  readonly addresses = new Map<NodeId, Address>();
  readonly #options: EnvironmentOptions;
  readonly #cluster: Cluster;
  readonly #letGo = new AbortController();
  readonly #lastTimeNs = new Map<NodeId, number>();
  #members: ReadonlyMap<NodeId, AttachedNode> = new Map();
  /** Events that another node's may precede, whose trace has not come in so far. */
  #held: TraceEvent[] = [];
  #sights: NodeJS.Timeout | undefined;
  #trouble: string | undefined;
  #watch: Disposable | undefined;
  #isEngineLost = false;
  #isOver = false;

  constructor(options: EnvironmentOptions) {
    this.#options = options;
    this.nodes = options.nodes;
    this.#cluster = new Cluster({ ...options, surroundings: "attached" });
    this.target = this.#cluster.target;
  }

  async start(engine: Engine, project: Project): Promise<void> {
    const { toxiproxy, ownNetworks } = project;
    this.#members = new Map(this.nodes.map((id) => [id, this.#createNode(id, project)]));
    const proxies =
      toxiproxy === undefined ? noProxies() : await this.#takeProxies(toxiproxy, ownNetworks);
    await Promise.all([...this.#members.values()].map((member) => member.adopt()));
    await this.#cluster.start(this.#members, proxies);
    this.#watch = watchEngine(engine, (reason) => this.#loseEngine(reason));
    this.#sights = setInterval(() => this.#askTraceless(), SIGHT_EVERY_MS);
  }

  /** The proxies that the project has made, named by their links; they stay when the run is over. */
  async #takeProxies(container: Container, ownNetworks: Project["ownNetworks"]): Promise<Proxies> {
    const { State } = await container.inspect();
    if (!State.Running) throw new EnvironmentError("the project's service toxiproxy does not run");
    const host = await addressOf(container, ownNetworks);
    const url = `http://${host}:${PROXY_API_PORT}`;
    const links = await this.#linksAt(host, url);
    container.wait({ abortSignal: this.#letGo.signal }).then(
      () => this.#fail("the project's Toxiproxy ended"),
      (error: unknown) => this.#loseEngine(refusalOf(error)),
    );
    return createProxies({ url, links });
  }

  async #linksAt(host: string, url: string): Promise<ProxiedLink[]> {
    const views = await createToxiproxyApi(url, API_TIMEOUT_MS)
      .all()
      .catch((error: unknown) => {
        throw new EnvironmentError(`the project's Toxiproxy at ${url}: ${messageOf(error)}`);
      });
    const missing = allLinks(this.nodes).filter((link) => !views.has(linkName(link)));
    if (missing.length > 0) {
      const names = missing.map(linkName).join(", ");
      throw new EnvironmentError(`the project's Toxiproxy has no proxies named ${names}`);
    }
    return allLinks(this.nodes).map((link) => {
      const { listen, upstream } = views.get(linkName(link)) ?? { listen: "", upstream: "" };
      const port = Number(/:(\d+)$/.exec(listen)?.[1]);
      return { link, listen, upstream, probe: { host, port } };
    });
  }

  #createNode(id: NodeId, { nodes, ownNetworks }: Project): AttachedNode {
    const container = nodes.get(id);
    if (container === undefined) throw new EnvironmentError(`the project has no ${id} any more`);
    return new AttachedNode({
      id,
      container,
      ownNetworks,
      directory: this.#options.directory,
      onAddress: (address) => {
        // A call to nowhere is refused for certain; one to an address that nobody has would hang.
        if (address === undefined) this.addresses.delete(id);
        else this.addresses.set(id, address);
      },
      onExit: (exit, crashText) => this.#cluster.emit(id, [exit, ...crashText]),
      onLost: (reason) => this.#loseEngine(reason),
    });
  }

  trouble(): string | undefined {
    return this.#trouble;
  }

  /** A paused container prints nothing: what happened elsewhere meanwhile waits for what it has to tell. */
  takeTrace(): TraceEvent[] {
    const events = this.#cluster.takeTrace();
    for (const event of events) this.#checkTime(event);
    const members = [...this.#members.values()];
    const untilNs = this.#isOver
      ? Infinity
      : Math.min(...members.map((member) => member.traceCompleteUntilNs));
    const all = [...this.#held, ...events];
    this.#held = all.filter(({ timeNs }) => timeNs > untilNs);
    return all.filter(({ timeNs }) => timeNs <= untilNs);
  }

  #checkTime(event: TraceEvent): void {
    if (isSeenFromOutside(event)) return;
    const { node, timeNs } = event;
    if (timeNs < (this.#lastTimeNs.get(node) ?? 0)) {
      this.#fail(
        `the trace of ${node} goes on from before the last start of this host, and times can't be compared; remove the project's volumes (docker compose down --volumes) and start it anew`,
      );
    }
    this.#lastTimeNs.set(node, timeNs);
  }

  waitForLeader(deadlineMs: number): Promise<NodeId> {
    return this.#cluster.waitForLeader(deadlineMs);
  }

  /** Nodes are not ours to stop: they are healed, and the rest of their traces is fetched. */
  async stopNodes(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    clearInterval(this.#sights);
    this.#watch?.[Symbol.dispose]();
    const members = [...this.#members.values()];
    // Of an engine that is gone nothing can be asked any more: the run has ended for that already.
    if (this.#isEngineLost) return;
    try {
      await this.#cluster.release();
      await Promise.all(members.map((member) => member.letGo()));
    } catch (error) {
      throw new EnvironmentError(`the project could not be left healed: ${refusalOf(error)}`, {
        cause: error,
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Why not has been said by whoever stopped them before.
    await this.stopNodes().catch(() => undefined);
    for (const member of this.#members.values()) member.abandon();
    this.#letGo.abort();
    this.#cluster.close();
  }

  /** A node without a trace is asked what it is instead. */
  #askTraceless(): void {
    for (const [id, member] of this.#members) {
      const address = this.addresses.get(id);
      if (member.hasTrace || address === undefined) continue;
      void nodeSight(address, SIGHT_EVERY_MS).then((sight) => this.#cluster.see(id, sight));
    }
  }

  #loseEngine(reason: string): void {
    if (this.#isOver) return;
    this.#isEngineLost = true;
    this.#fail(`the Docker engine stopped answering (${reason})`);
  }

  #fail(sentence: string): void {
    if (!this.#isOver) this.#trouble ??= sentence;
  }
}
