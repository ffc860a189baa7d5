import path from "node:path";
import type {
  ConvergeOutcome,
  DesiredNode,
  DesiredState,
  FaultTarget,
  NodeEffect,
  NodeState,
  Surroundings,
} from "../../nemesis/target.ts";
import { EnvironmentError, messageOf } from "../base/errors.ts";
import type { NodeId } from "../base/node-id.ts";
import type { TraceEvent, TraceTransition } from "../base/trace.ts";
import { ClusterView, type NodeSight } from "./cluster-view.ts";
import { type EnvironmentOptions, hostTimeNs } from "./environment.ts";
import type { Proxies } from "./proxies.ts";
import { TraceTail } from "./trace-tail.ts";
import { waitUntil } from "./wait.ts";

/** One node, wherever it runs. */
export interface ClusterNode {
  readonly state: NodeState;
  /**
   * Brings it into that state, with exactly these effects, and sees that it is; throws one sentence if not.
   * It is asked only for effects that its surroundings carry.
   */
  bring(state: NodeState, effects?: readonly NodeEffect[]): Promise<void>;
}

/**
 * What all environments of real nodes share, whatever a node is there: one desired state after the other
 * is brought about, and what nodes write down is read.
 */
export class Cluster {
  readonly target: FaultTarget;
  readonly #nodes: readonly NodeId[];
  readonly #view: ClusterView;
  readonly #tails: readonly TraceTail[];
  #events: TraceEvent[] = [];
  #members: ReadonlyMap<NodeId, ClusterNode> = new Map();
  #proxies: Proxies | undefined;
  #converging: Promise<unknown> = Promise.resolve();
  #isOver = false;

  constructor({
    nodes,
    directory,
    proxyClients,
    surroundings,
  }: Pick<EnvironmentOptions, "nodes" | "directory" | "proxyClients"> & {
    readonly surroundings: Surroundings;
  }) {
    this.#nodes = nodes;
    this.#view = new ClusterView(nodes);
    this.#tails = nodes.map(
      (node) => new TraceTail(path.join(directory, "trace", `${node}.jsonl`)),
    );
    this.target = {
      nodes,
      hasClientLinks: proxyClients,
      surroundings,
      status: () => {
        this.#readTails();
        return nodes.map((node) => this.#view.status(node, this.#stateOf(node)));
      },
      converge: (desired, done) => this.#queueConverge(desired, done),
    };
  }

  /** Starts all nodes; from then on faults can be brought about. */
  async start(members: ReadonlyMap<NodeId, ClusterNode>, proxies: Proxies): Promise<void> {
    this.#members = members;
    this.#proxies = proxies;
    await Promise.all([...members.values()].map((member) => member.bring("running")));
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
    await Promise.all([...this.#members.values()].map((member) => member.bring("killed")));
    this.#readTails();
  }

  /** For good as well, but every node runs on, and every link is healthy. */
  async release(): Promise<void> {
    this.#isOver = true;
    await this.#converging;
    const healing = [...this.#members.values()].map((member) => member.bring("running"));
    await Promise.all([...healing, this.#proxies?.heal()]);
  }

  /** What was asked of a node that writes no trace. */
  see(node: NodeId, sight: NodeSight): void {
    this.#view.see(node, sight);
  }

  close(): void {
    for (const tail of this.#tails) tail.close();
  }

  /** What was seen of a node from outside, behind all that it wrote itself before. */
  emit(node: NodeId, transitions: readonly TraceTransition[]): void {
    this.#readTails();
    for (const transition of transitions) this.#take({ timeNs: hostTimeNs(), node, ...transition });
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
    const wanted = new Map(desired.nodes.map((each) => [each.node, each]));
    const [links, ...nodes] = await Promise.all([
      this.#proxies.applyLinks(desired.links),
      ...this.#nodes.map((node) => this.#bring(wanted.get(node) ?? { node, state: "running" })),
    ]);
    return {
      confirmed: [...links.confirmed, ...nodes.flatMap((outcome) => outcome.confirmed)],
      failed: [...links.failed, ...nodes.flatMap((outcome) => outcome.failed)],
    };
  }

  async #bring({ node, state, effects = [] }: DesiredNode): Promise<ConvergeOutcome> {
    try {
      await this.#members.get(node)?.bring(state, effects);
      return { confirmed: [node], failed: [] };
    } catch (error) {
      return { confirmed: [], failed: [{ what: node, reason: messageOf(error) }] };
    }
  }

  #stateOf(node: NodeId): NodeState {
    return this.#members.get(node)?.state ?? "killed";
  }

  #readTails(): void {
    for (const tail of this.#tails) for (const event of tail.read()) this.#take(event);
  }

  #take(event: TraceEvent): void {
    this.#view.observe(event);
    this.#events.push(event);
  }
}
