import type { FaultTarget, NodeState } from "../../nemesis/target.ts";
import { type Address, parseAddress } from "../base/address.ts";
import { EnvironmentError, messageOf } from "../base/errors.ts";
import type { NodeId } from "../base/node-id.ts";
import type { TraceEvent } from "../base/trace.ts";
import { createNodeAccess } from "../system/node-access.ts";
import { Cluster, type ClusterNode } from "./cluster.ts";
import type { Environment, EnvironmentOptions } from "./environment.ts";
import { isReady } from "./is-ready.ts";
import { noProxies } from "./proxies.ts";
import { type StateWatch, watchState } from "./state-watch.ts";
import { waitUntil } from "./wait.ts";

const READY_DEADLINE_MS = 5000;

/** Watches nodes that run already, wherever that is. Nothing about them is ours to change. */
export async function watchRunning(
  running: Readonly<Record<NodeId, string>>,
  options: EnvironmentOptions,
): Promise<Environment> {
  const environment = new RunningEnvironment(running, options);
  await environment.start();
  return environment;
}

class RunningEnvironment implements Environment {
  readonly nodes: readonly NodeId[];
  readonly target: FaultTarget;
  readonly addresses: ReadonlyMap<NodeId, Address>;
  readonly #options: EnvironmentOptions;
  readonly #cluster: Cluster;
  readonly #watches: StateWatch[] = [];
  readonly #names: ReadonlyMap<string, NodeId>;

  constructor(running: Readonly<Record<NodeId, string>>, options: EnvironmentOptions) {
    this.#options = options;
    this.nodes = options.nodes;
    this.#names = new Map(Object.entries(running).map(([id, address]) => [address, id]));
    this.addresses = new Map(
      Object.entries(running).flatMap(([id, text]): [NodeId, Address][] => {
        const address = parseAddress(text);
        return address === undefined ? [] : [[id, address]];
      }),
    );
    this.#cluster = new Cluster({ ...options, surroundings: "attached" });
    this.target = this.#cluster.target;
  }

  async start(): Promise<void> {
    const { system } = this.#options;
    for (const [id, main] of this.addresses) {
      const access = createNodeAccess({
        id,
        nodes: this.nodes,
        addresses: { main },
        nameOf: (address) => this.#names.get(address),
      });
      await waitUntil(`${id} is ready`, READY_DEADLINE_MS, () =>
        isReady(system, access).catch(messageOf),
      );
      const watch = watchState(system, access, this.#cluster);
      if (watch !== undefined) this.#watches.push(watch);
    }
    await this.#cluster.start(new Map(this.nodes.map((id) => [id, NOT_OURS])), noProxies());
    for (const watch of this.#watches) void watch.run();
  }

  trouble(): undefined {
    return undefined;
  }

  takeTrace(): TraceEvent[] {
    return this.#cluster.takeTrace();
  }

  waitForLeader(deadlineMs: number): Promise<NodeId> {
    return this.#cluster.waitForLeader(deadlineMs);
  }

  stopNodes(): Promise<void> {
    for (const watch of this.#watches) watch.stop();
    return this.#cluster.release();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopNodes();
    this.#cluster.close();
  }
}

const NOT_OURS: ClusterNode = {
  state: "running",
  bring: (state: NodeState) =>
    state === "running"
      ? Promise.resolve()
      : Promise.reject(new EnvironmentError("it was not started by this run")),
};
