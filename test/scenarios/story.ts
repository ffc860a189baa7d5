import { unreachable, valueOf } from "../../src/base/assert.ts";
import { allLinks, linkName, type Link, type NodeId } from "../../src/base/node-id.ts";
import type { Command as StoreCommand } from "../../node/kv/command.ts";
import { RULES } from "../../node/raft/rules.ts";
import type { ClientRequest } from "../../node/replica/client.ts";
import type { Replica } from "../../node/replica/replica.ts";
import { NO_BASE, type LogContent } from "../../node/storage/log-file.ts";
import { desiredState, type ActiveFault } from "../../nemesis/desired.ts";
import type { Fault } from "../../nemesis/fault.ts";
import { CLIENTS } from "../../nemesis/target.ts";
import type { Deviation } from "../../src/sim/deviation.ts";
import { DEFAULT_SIM_OPTIONS, type SimOptions } from "../../src/sim/options.ts";
import { World } from "../../src/sim/world.ts";
import type { Ask, Command, Condition, NodeNames, Question, SetUp } from "./command.ts";
import { Narrator, outcomeType, tellLog, tellOutcome, tellState } from "./telling.ts";

/** Every message takes a millisecond, every sync too; a slow disk takes forty, a start ten. */
const BENIGN: SimOptions = {
  ...DEFAULT_SIM_OPTIONS,
  network: { ...DEFAULT_SIM_OPTIONS.network, latencyMsMin: 1, latencyMsMean: 1 },
  disk: { ...DEFAULT_SIM_OPTIONS.disk, syncMs: [1, 40], stallProbability: 0 },
  clock: { driftMax: 0, offsetMsMax: 0 },
  startMs: [10, 10],
};

const WAIT_MS = 10_000;
const PATIENCE_MS = 1500;

/**
 * A cluster in the benign world of the simulator, and what happens in it. Commands become what the simulator
 * knows already: deviations from that world, faults as the nemesis has them, clients' requests.
 */
export class Story {
  readonly #world: World;
  readonly #narrator = new Narrator();
  #told: string[] = [];
  #cuts: Link[] = [];
  readonly #killed = new Set<NodeId>();
  readonly #paused = new Set<NodeId>();
  readonly #clockRates = new Map<NodeId, number>();
  #openAsks = 0;
  readonly #clients = new Map<string, Client>();

  constructor(setUp: readonly SetUp[]) {
    const size = setUp.find((command) => command.type === "cluster")?.size ?? 3;
    const nodes = Array.from({ length: size }, (_, i) => `n${i + 1}`);
    const listed = setUp.flatMap((command) =>
      command.type === "deviation" ? [command.deviation] : [],
    );
    this.#world = new World({
      seed: "story",
      nodes,
      rules: RULES,
      sim: { ...BENIGN, ...compactionIn(setUp), reads: readsIn(setUp) },
      hasClientLinks: false,
      deviations: [...nodes.map(timeoutOf), ...listed],
      logs: new Map(
        setUp.flatMap((command) =>
          command.type === "has-log" ? [[command.node, logOf(command)] as const] : [],
        ),
      ),
      onTrace: (node, transition) => {
        const leaderId = this.#replica(node)?.raft.leaderId ?? null;
        const text = this.#narrator.tell(node, transition, leaderId);
        if (text !== undefined) this.#told.push(text);
      },
    });
    for (const node of setUp.flatMap(nodesIn)) this.#named([node]);
    this.#world.start();
    this.#until("all nodes run", () => nodes.every((node) => this.#replica(node) !== undefined));
  }

  /** What happened since this was asked last. */
  told(): string[] {
    const told = this.#told;
    this.#told = [];
    return told;
  }

  perform(command: Exclude<Command, SetUp>): void {
    switch (command.type) {
      case "wait":
        return this.#until(describe(command.until), () => this.#holds(command.until));
      case "tick":
        return this.#tick(command.ms);
      case "partition":
        this.#cuts.push(...linksBetween(command.groups));
        return this.#converge();
      case "cut":
        this.#cuts.push(...this.#linksFrom(command.from, command.to));
        return this.#converge();
      case "heal":
        this.#cuts = [];
        return this.#converge();
      case "kill":
      case "start":
      case "pause":
      case "resume":
        return this.#bring(command.type, this.#named(command.nodes));
      case "timeout":
        return this.#deviate({ type: "timeout", node: command.node, atMs: 0 });
      case "jump":
        return this.#deviate({
          type: "clock-jump",
          node: command.node,
          atMs: 0,
          byMs: command.byMs,
        });
      case "run-clock":
        this.#named([command.node]);
        this.#clockRates.set(command.node, command.rate);
        return this.#converge();
      case "ask":
        return this.#ask(command);
      case "state":
        for (const status of this.#world.status()) {
          this.#told.push(tellState(status, this.#replica(status.node)));
        }
        return;
      case "log":
        for (const node of this.#named(command.nodes)) {
          this.#told.push(tellLog(node, this.#replica(node)));
        }
        return;
      default:
        return unreachable(command);
    }
  }

  #replica(node: NodeId): Replica | undefined {
    return this.#world.nodeAt(this.#world.members.indexOf(node)).replica;
  }

  #named(nodes: NodeNames): readonly NodeId[] {
    const { members } = this.#world;
    if (nodes === "all") return members;
    const stranger = nodes.find((node) => !members.includes(node));
    if (stranger !== undefined) throw new Error(`${stranger} is not in this cluster`);
    return nodes;
  }

  #linksFrom(from: NodeNames, to: NodeNames): Link[] {
    const [sources, targets] = [this.#named(from), this.#named(to)];
    return allLinks(this.#world.members).filter(
      ({ source, target }) => sources.includes(source) && targets.includes(target),
    );
  }

  #bring(how: "kill" | "start" | "pause" | "resume", nodes: readonly NodeId[]): void {
    for (const node of nodes) {
      if (how === "kill") this.#killed.add(node);
      if (how === "start") this.#killed.delete(node);
      if (how === "pause") this.#paused.add(node);
      if (how === "resume") this.#paused.delete(node);
    }
    this.#converge();
  }

  #converge(): void {
    const faults: Fault[] = [
      { type: "cuts", links: this.#cuts.map(linkName), mode: "drop" },
      { type: "power-cut", nodes: [...this.#killed] },
      { type: "pause", nodes: [...this.#paused] },
      ...[...this.#clockRates].map(([node, rate]): Fault => ({
        type: "clock",
        nodes: [node],
        jumpMs: 0,
        rate,
      })),
    ];
    const active = faults.map((fault): ActiveFault => ({
      resolved: { fault, nodes: nodesOf(fault), links: fault.type === "cuts" ? this.#cuts : [] },
      isOn: true,
    }));
    let isDone = false;
    this.#world.converge(desiredState(active), () => (isDone = true));
    this.#until("the cluster is as it should be", () => isDone);
  }

  #deviate(deviation: Deviation): void {
    this.#world.arm([deviation]);
    this.#tick(0);
  }

  #tick(ms: number): void {
    let isOver = false;
    this.#world.after(ms, () => (isOver = true));
    this.#world.run(() => isOver);
  }

  #until(what: string, condition: () => boolean): void {
    let isLate = false;
    const cancel = this.#world.after(WAIT_MS, () => (isLate = true));
    this.#world.run(() => isLate || condition());
    cancel();
    if (condition()) return;
    const sight = this.#world
      .status()
      .map((status) => tellState(status, this.#replica(status.node)));
    throw new Error(`not within ${WAIT_MS / 1000} s: ${what}; ${sight.join("; ")}`);
  }

  #holds(condition: Condition): boolean {
    switch (condition.type) {
      case "leader":
        return this.#leader() !== undefined;
      case "leads":
        return this.#leader() === condition.node;
      case "follows": {
        const raft = this.#replica(condition.node)?.raft;
        return raft?.role === "follower" && raft.leaderId !== null;
      }
      case "caught-up": {
        const leader = this.#leader();
        const ours = this.#replica(condition.node)?.raft;
        const theirs = leader === undefined ? undefined : this.#replica(leader)?.raft;
        if (ours === undefined || theirs === undefined) return false;
        return ours.commitIndex === theirs.commitIndex && lastOf(ours) === lastOf(theirs);
      }
      case "answered":
        return this.#openAsks === 0;
      default:
        return unreachable(condition);
    }
  }

  /** Of the newest term that any node is in, once it has committed an entry of its own. */
  #leader(): NodeId | undefined {
    const status = this.#world.status();
    const newest = Math.max(...status.map(({ term }) => term));
    const found = status.find(({ role, term }) => role === "leader" && term === newest);
    const raft = found && this.#replica(found.node)?.raft;
    return raft?.leader && raft.commitIndex >= raft.leader.firstIndex ? raft.id : undefined;
  }

  #ask({ text, node, question, isAwaited, expected }: Ask): void {
    this.#named([node]);
    const isRead = question.type === "read";
    let isOver = false;
    let unexpected: string | undefined;
    this.#openAsks++;
    this.#world.ask(node, this.#request(question), PATIENCE_MS, (outcome) => {
      this.#openAsks--;
      isOver = true;
      const told = `${text}: ${tellOutcome(outcome, isRead)}`;
      this.#told.push(told);
      if (expected !== undefined && outcomeType(outcome, isRead) !== expected) {
        unexpected = `expected ${expected}, but: ${told}`;
      }
      if (question.type === "register" && outcome.type === "answer") {
        const { reply } = outcome;
        const isThere = reply.type === "done" && reply.result.type === "registered";
        if (isThere) valueOf(this.#clients, question.client).session = reply.result.session;
      }
    });
    if (isAwaited) this.#until(`an answer to ${text}`, () => isOver);
    if (unexpected !== undefined) throw new Error(unexpected);
  }

  #request(question: Question): ClientRequest {
    switch (question.type) {
      case "read":
        return { type: "read", key: question.key };
      case "write":
        return { type: "write", command: this.#command(question) };
      case "register":
        this.#clients.set(question.client, { session: 0, sequence: 0, last: undefined });
        return { type: "write", command: { op: "register" } };
      case "retry": {
        const command = this.#clients.get(question.client)?.last;
        if (command === undefined) throw new Error(`${question.client} has nothing to retry`);
        return { type: "write", command };
      }
      case "change":
        return { type: "change-members", change: question.change };
      case "transfer":
        return { type: "transfer-leadership", to: question.to };
      default:
        return unreachable(question);
    }
  }

  #command({ key, value, client: name }: Extract<Question, { type: "write" }>): StoreCommand {
    if (name === undefined) return { op: "put", key, value };
    const client = this.#clients.get(name);
    if (client === undefined) throw new Error(`${name} is not registered`);
    const { session } = client;
    client.last = { op: "put", key, value, session, sequence: ++client.sequence };
    return client.last;
  }
}

function compactionIn(setUp: readonly SetUp[]): Partial<SimOptions> {
  const every = setUp.find((command) => command.type === "compaction");
  if (every === undefined) return {};
  return { compaction: { entriesMax: every.entries, charsMax: Infinity, entriesKept: 0 } };
}

function readsIn(setUp: readonly SetUp[]): SimOptions["reads"] {
  return setUp.some(({ type }) => type === "leases") ? "lease" : "round";
}

/** The nodes that it names. */
function nodesIn(setUp: SetUp): NodeId[] {
  if (setUp.type === "has-log") return [setUp.node];
  if (setUp.type !== "deviation") return [];
  const { deviation } = setUp;
  if ("node" in deviation) return [deviation.node];
  const { from, to } = "message" in deviation ? deviation.message : {};
  return [from, to].flatMap((end) => (end === undefined || end === CLIENTS ? [] : [end]));
}

/** Who writes in a session. */
interface Client {
  session: number;
  sequence: number;
  last: StoreCommand | undefined;
}

/**
 * Of five nodes n1 times out after 450 ms, n2 after 480 ms and so on: later than the 300 ms for which a follower
 * that hears nobody still holds to its leader, so that in between `timeout` decides who campaigns.
 */
function timeoutOf(node: NodeId, number: number, nodes: readonly NodeId[]): Deviation {
  const value = (1 + number / nodes.length) / 2;
  return { type: "chance", of: "election timeout", node, value };
}

function logOf({ terms, term }: Extract<SetUp, { type: "has-log" }>): LogContent {
  const entries = terms.map((of, i) => ({ index: i + 1, term: of, command: "" }));
  return { hardState: { term, votedFor: null }, base: NO_BASE, entries };
}

function linksBetween(groups: readonly (readonly NodeId[])[]): Link[] {
  return groups.flatMap((group) =>
    groups
      .filter((other) => other !== group)
      .flatMap((other) => group.flatMap((source) => other.map((target) => ({ source, target })))),
  );
}

function nodesOf(fault: Fault): readonly NodeId[] {
  return "nodes" in fault && typeof fault.nodes !== "string" ? fault.nodes : [];
}

function lastOf({ log }: Replica["raft"]): number {
  return log.base.index + log.entries.length;
}

function describe(condition: Condition): string {
  switch (condition.type) {
    case "leader":
      return "a leader";
    case "leads":
    case "follows":
      return `${condition.node} ${condition.type}`;
    case "caught-up":
      return `${condition.node} has caught up`;
    case "answered":
      return "all clients are answered";
    default:
      return unreachable(condition);
  }
}
