import { at, valueOf } from "../base/assert.ts";
import { allLinks, linkName, type Link, type NodeId } from "../base/node-id.ts";
import type { TraceTransition } from "../base/trace.ts";
import type { ClientRequest } from "../../node/replica/client.ts";
import type { Replica } from "../../node/replica/replica.ts";
import type { Request } from "../../node/raft/messages.ts";
import type { Rules } from "../../node/raft/rules.ts";
import type { LogContent } from "../../node/storage/log-file.ts";
import { STORAGE_RULES, type StorageRules } from "../../node/storage/rules.ts";
import {
  CLIENTS,
  type ConvergeOutcome,
  type DesiredNode,
  type DesiredState,
  type LinkEffect,
  type NodeState,
  type NodeStatus,
} from "../../nemesis/target.ts";
import { Chance } from "./chance.ts";
import { isTimed, type Deviation, type TimedDeviation } from "./deviation.ts";
import { ClientCall, type ClientOutcome } from "./client-call.ts";
import { Digest } from "./digest.ts";
import { EventQueue } from "./event-queue.ts";
import { RandomFates, type Fates } from "./fates.ts";
import { EVENT, labelOf, UNSEEN } from "./label.ts";
import { LinkState } from "./link.ts";
import { ListedFates } from "./listed-fates.ts";
import { SimNode } from "./node.ts";
import type { SimOptions } from "./options.ts";
import { Patience } from "./patience.ts";
import { PeerCall, type Wire } from "./peer-call.ts";
import { RecordingFates } from "./recording-fates.ts";
import { Timer } from "./timer.ts";
import { traceDigest } from "./trace-digest.ts";

export interface WorldOptions {
  readonly seed: string;
  readonly nodes: readonly NodeId[];
  readonly rules: Rules;
  readonly storageRules?: StorageRules;
  readonly sim: SimOptions;
  /** Links from the clients have a proxy's worth of trouble too. */
  readonly hasClientLinks: boolean;
  /** Every transition of every node, as it happens. */
  readonly onTrace: (node: NodeId, transition: TraceTransition) => void;
  /** The benign world with these deviations, rather than one that chance decides about by the seed. */
  readonly deviations?: readonly Deviation[] | undefined;
  /** What disks hold before the nodes' first start; the others' are empty. */
  readonly logs?: ReadonlyMap<NodeId, LogContent>;
  /** Told of every decision that the benign world would have taken otherwise. */
  readonly onDeviation?: ((deviation: Deviation) => void) | undefined;
}

/** A cluster and everything around it in one thread of virtual time. Equal options, equal run. */
export class World {
  readonly queue: EventQueue;
  readonly digest = new Digest();
  readonly chance: Fates;
  readonly options: SimOptions;
  readonly rules: Rules;
  readonly storageRules: StorageRules;
  readonly members: readonly NodeId[];
  readonly #options: WorldOptions;
  readonly #nodes: readonly SimNode[];
  readonly #nodesById: ReadonlyMap<NodeId, SimNode>;
  readonly #links = new Map<string, LinkState>();
  /** By the number of the node that is asked. */
  readonly #clientLinks: readonly LinkState[];
  readonly #peerLinks: readonly (readonly (LinkState | undefined)[])[];
  readonly #wire: Wire;
  readonly #patience: Patience;
  #clientCalls: ClientCall[] = [];
  readonly #convergences: { desired: DesiredState; done: (outcome: ConvergeOutcome) => void }[] =
    [];
  #isConverging = false;
  #touchedLinks: readonly string[] = [];
  /** Starts under way, and what is to be done when they are over. */
  readonly #starts = new Map<SimNode, (() => void)[]>();
  /** What nodes are meant to be by now. */
  #wantedNodes: ReadonlyMap<NodeId, DesiredNode> = new Map();
  #lastTerms: number[];

  constructor(options: WorldOptions) {
    this.#options = options;
    this.queue = new EventQueue(this.digest);
    this.chance = createFates(options);
    this.options = options.sim;
    this.rules = options.rules;
    this.storageRules = options.storageRules ?? STORAGE_RULES;
    this.members = options.nodes;
    this.#wire = { queue: this.queue, fates: this.chance, network: options.sim.network };
    this.#patience = new Patience(this.queue);
    this.#nodes = options.nodes.map(
      (id, number) => new SimNode(this, id, number, options.logs?.get(id)),
    );
    this.#nodesById = new Map(this.#nodes.map((node) => [node.id, node]));
    this.#lastTerms = options.nodes.map(() => 0);
    const clientLinks = options.nodes.map((target): Link => ({ source: CLIENTS, target }));
    for (const link of [...clientLinks, ...allLinks(options.nodes)]) {
      this.#links.set(linkName(link), new LinkState(this.#links.size));
    }
    this.#clientLinks = clientLinks.map((link) => valueOf(this.#links, linkName(link)));
    this.#peerLinks = options.nodes.map((source) =>
      options.nodes.map((target) => this.#links.get(linkName({ source, target }))),
    );
  }

  /** Every node begins to start. */
  start(): void {
    this.converge({ links: [], nodes: [] }, () => undefined);
  }

  /** Calls `act` once after `ms`; returns what cancels it. */
  after(ms: number, act: () => void): () => void {
    const timer = new Timer(UNSEEN, act);
    this.queue.after(Math.round(ms * 1e6), timer);
    return () => timer.cancel();
  }

  /** From now on chance decides nothing but who times out first; what is on its way comes as it was to. */
  calm(): void {
    // What it has made of disks that nobody has read since must not turn out benign.
    for (const node of this.#nodes) node.settleDisk();
    this.chance.calm();
  }

  /** What is listed for a moment happens at that moment, counted from now. */
  arm(deviations: readonly Deviation[]): void {
    for (const deviation of deviations) {
      if (isTimed(deviation)) this.after(deviation.atMs, () => this.#act(deviation));
    }
  }

  #act(deviation: TimedDeviation): void {
    const node = valueOf(this.#nodesById, deviation.node);
    if (deviation.type === "timeout") node.timeOut();
    else node.jump(deviation.byMs);
  }

  /** One sentence once there are more events in a second than any healthy cluster has. */
  storm(): string | undefined {
    return this.#storm;
  }

  #storm: string | undefined;
  #second = 0;
  #eventsAtSecond = 0;

  /** Fires events until `isOver` says so, there are none, or `count` of them have been fired. */
  run(isOver: () => boolean, count = Infinity): void {
    const { queue } = this;
    for (let i = 0; i < count && !isOver(); i++) {
      if (!queue.step()) return;
      if (queue.nowNs >= this.#second) this.#beginSecond();
      else if (queue.eventCount - this.#eventsAtSecond > this.options.eventsPerSecondMax) {
        this.#storm ??=
          `a message storm: more than ${this.options.eventsPerSecondMax} events in one simulated ` +
          `second, from ${this.#second / 1e9 - 1} s on`;
      }
    }
  }

  #beginSecond(): void {
    this.#second = (Math.floor(this.queue.nowNs / 1e9) + 1) * 1e9;
    this.#eventsAtSecond = this.queue.eventCount;
  }

  status(): NodeStatus[] {
    return this.#nodes.map(({ id, number, state, replica }) => {
      const raft = replica?.raft;
      const term = raft?.currentTerm ?? this.#lastTerms[number] ?? 0;
      this.#lastTerms[number] = term;
      return { node: id, state, role: raft?.role, term, commitIndex: raft?.commitIndex ?? 0 };
    });
  }

  /** A client asks a node; `done` hears the outcome exactly once. */
  ask(
    target: NodeId,
    request: ClientRequest,
    timeoutMs: number,
    done: (outcome: ClientOutcome) => void,
  ): void {
    const node = valueOf(this.#nodesById, target);
    const call = new ClientCall(this.#wire, {
      link: at(this.#clientLinks, node.number),
      target: node,
      request,
      isProxied: this.#options.hasClientLinks,
      timeoutNs: timeoutMs * 1e6,
      done,
    });
    if (this.#options.hasClientLinks) {
      this.#clientCalls = this.#clientCalls.filter(({ isOver }) => !isOver);
      this.#clientCalls.push(call);
    }
    call.send();
  }

  call(source: SimNode, to: NodeId, request: Request): void {
    const target = valueOf(this.#nodesById, to);
    const link = this.#peerLinks[source.number]![target.number]!;
    const deadlineNs = this.queue.nowNs + this.options.rpcTimeoutMs * 1e6;
    const call = new PeerCall(this.#wire, { link, source, target }, request, deadlineNs);
    this.#patience.add(call);
    const isDoubled = this.chance.isDoubled(call);
    call.send();
    if (isDoubled) {
      const twin = new PeerCall(this.#wire, { link, source, target }, request, deadlineNs);
      // Whatever it comes to, nobody waits for it.
      twin.isOver = true;
      twin.send();
    }
  }

  trace(node: SimNode, transition: TraceTransition): void {
    traceDigest(this.digest, node.number, transition);
    this.#options.onTrace(node.id, transition);
  }

  /** One after the other: what is desired later must not be overtaken by what was desired before. */
  converge(desired: DesiredState, done: (outcome: ConvergeOutcome) => void): void {
    this.#convergences.push({ desired, done });
    if (!this.#isConverging) this.#convergeNext();
  }

  #convergeNext(): void {
    const next = this.#convergences.shift();
    this.#isConverging = next !== undefined;
    if (next === undefined) return;
    const { desired, done } = next;
    const links = this.#applyLinks(desired);
    this.#bringNodes(desired, (nodes) => {
      done({ confirmed: [...links, ...nodes.confirmed], failed: nodes.failed });
      this.#convergeNext();
    });
  }

  #applyLinks(desired: DesiredState): string[] {
    const wanted = new Map<string, readonly LinkEffect[]>(
      desired.links.map(({ link, effects }) => [linkName(link), effects]),
    );
    const names = [...new Set([...wanted.keys(), ...this.#touchedLinks])];
    this.#touchedLinks = [...wanted.keys()];
    const calls = [...this.#patience.calls(), ...this.#clientCalls.filter((call) => !call.isOver)];
    for (const name of names) {
      this.#applyLink(valueOf(this.#links, name), wanted.get(name) ?? [], calls);
    }
    return names;
  }

  /** Also brings about what the change does to calls under way, as a proxy does to its connections. */
  #applyLink(
    link: LinkState,
    effects: readonly LinkEffect[],
    calls: readonly (PeerCall | ClientCall)[],
  ): void {
    const wasCut = link.dropsRequests || link.dropsAnswers;
    link.apply(effects);
    const isWhole = !link.dropsRequests && !link.dropsAnswers;
    for (const call of calls) {
      if (call.link !== link) continue;
      if (link.refuses || (wasCut && isWhole && call.isLost)) call.break();
    }
    if (link.isHeld) return;
    const { held } = link;
    link.held = [];
    if (!link.refuses) for (const call of held) call.release();
  }

  /** Kills and pauses at this instant; starting takes a process its time, and so does ending well. */
  #bringNodes(
    desired: DesiredState,
    done: (outcome: Pick<ConvergeOutcome, "confirmed" | "failed">) => void,
  ): void {
    const wanted = new Map(desired.nodes.map((node) => [node.node, node]));
    this.#wantedNodes = wanted;
    const confirmed: string[] = [];
    const failed: { what: string; reason: string }[] = [];
    // One for the verification, which takes its time as well.
    let underWay = 1;
    const end = (): void => {
      if (--underWay === 0) done({ confirmed, failed });
    };
    for (const node of this.#nodes) {
      const { state = "running", effects = [] } = wanted.get(node.id) ?? {};
      node.suffer(effects);
      const settle = (): void => {
        const isThere = bring(node, state);
        if (isThere) confirmed.push(node.id);
        else failed.push({ what: node.id, reason: "it ended as soon as it was started" });
      };
      const needsStart = !isGone(state) && node.state === "killed" && !node.isRuined;
      if (state !== "stopped" && !needsStart) {
        settle();
        continue;
      }
      underWay++;
      if (state === "stopped") {
        node.stop(() => {
          settle();
          end();
        });
        continue;
      }
      this.#startLater(node, () => {
        settle();
        end();
      });
    }
    this.queue.after(VERIFY_NS, new Timer(UNSEEN, end));
  }

  startAgain(node: SimNode): void {
    this.#startLater(node, () => {
      const state = this.#wantedNodes.get(node.id)?.state ?? "running";
      if (node.state === "killed" && !isGone(state)) bring(node, state);
    });
  }

  /** A process takes its time to start; whoever asks for it meanwhile waits for the same start. */
  #startLater(node: SimNode, start: () => void): void {
    const underWay = this.#starts.get(node);
    if (underWay !== undefined) {
      underWay.push(start);
      return;
    }
    const starts = [start];
    this.#starts.set(node, starts);
    const fire = (): void => {
      this.#starts.delete(node);
      for (const act of starts) act();
    };
    const [min, max] = this.options.startMs;
    const delayMs = min + (max - min) * this.chance.draw("start", node.number, node.life);
    this.queue.after(delayMs * 1e6, new Timer(labelOf(EVENT.start, node.number), fire));
  }

  get nodes(): readonly SimNode[] {
    return this.#nodes;
  }

  /** Calls between nodes that somebody still waits for, lost ones included. */
  openCalls(): readonly PeerCall[] {
    return this.#patience.calls();
  }

  /** Asked for at the node itself; `done` when it has answered, or is gone. */
  order(node: NodeId, request: ClientRequest, done: () => void): void {
    valueOf(this.#nodesById, node).request(request, { hear: done });
  }

  /** Undefined while it does not run. */
  replicaOf(node: NodeId): Replica | undefined {
    const { state, replica } = valueOf(this.#nodesById, node);
    return state === "running" ? replica : undefined;
  }

  nodeAt(number: number): SimNode {
    return at(this.#nodes, number);
  }
}

function createFates({ seed, nodes, sim, deviations, onDeviation }: WorldOptions): Fates {
  const fates =
    deviations === undefined
      ? new RandomFates(new Chance(seed), sim.network)
      : new ListedFates(nodes, deviations);
  return onDeviation === undefined ? fates : new RecordingFates(fates, { nodes, sim, onDeviation });
}

/** From the change to having seen it. */
const VERIFY_NS = 5e6;

/** False if the node could not be brought into that state. */
function bring(node: SimNode, state: NodeState): boolean {
  if (isGone(state)) {
    node.end(state);
    return true;
  }
  if (node.isRuined) return true;
  if (node.state === "killed" && !node.start()) return node.isRuined;
  if (state === "paused") node.pause();
  else node.resume();
  return node.state === state;
}

function isGone(state: NodeState): state is "killed" | "stopped" {
  return state === "killed" || state === "stopped";
}
