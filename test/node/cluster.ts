import { assert, unreachable } from "../../src/base/assert.ts";
import { linkName, type Link, type NodeId } from "../../src/base/node-id.ts";
import { createPrng, type Prng } from "../../src/base/prng.ts";
import type { TraceEvent, TraceTransition } from "../../src/base/trace.ts";
import type { Reply, Request } from "../../node/raft/messages.ts";
import { RULES, type Rules } from "../../node/raft/rules.ts";
import { DEFAULT_TIMING } from "../../node/raft/state.ts";
import type { ClientReply, ClientRequest } from "../../node/replica/client.ts";
import {
  createReplica,
  nextWakeMs,
  step,
  type Effect,
  type Input,
  type Replica,
} from "../../node/replica/replica.ts";
import { openAtOnce } from "../../node/storage/open-storage.ts";
import { memoryOf } from "../../node/storage/recovery.ts";
import { STORAGE_RULES } from "../../node/storage/rules.ts";
import { Storage } from "../../node/storage/storage.ts";
import { Files } from "../../src/sim/files.ts";
import { diskOver, type EndSync } from "../../src/sim/files-disk.ts";
import { VirtualTime } from "./virtual-time.ts";

export interface ClusterOptions {
  readonly seed: string;
  readonly nodeCount?: number;
  readonly rules?: Rules;
  /** One way, from … to milliseconds; a range reorders. */
  readonly delayMs?: readonly [number, number];
  readonly syncMs?: readonly [number, number];
  /** How often a request is delivered twice. */
  readonly duplication?: number;
}

const RPC_TIMEOUT_MS = 1000;

/** One life of a node: what it knows dies with it. */
interface Life {
  readonly replica: Replica;
  readonly requests: Map<number, (reply: ClientReply) => void>;
  readonly rpcs: Map<number, (reply: Reply) => void>;
  readonly storage: Storage;
  wakeMs: number;
}

interface Node {
  readonly id: NodeId;
  /** Its clock shows another time than the others'. */
  readonly clockMs: number;
  readonly files: Files;
  life: Life | undefined;
}

/**
 * Replicas in one process under virtual time, from one seed: links with delay that can be cut one way, disks
 * that take time to sync, kills that lose what was not synced. The disk's bytes are those of the real log.
 */
export class Cluster extends VirtualTime {
  readonly ids: readonly NodeId[];
  readonly trace: TraceEvent[] = [];
  /** Calls made since the start. */
  callCount = 0;
  delayMs: readonly [number, number];
  syncMs: readonly [number, number];
  readonly cuts = new Set<string>();
  readonly #options: ClusterOptions;
  readonly #prng: Prng;
  readonly #nodes = new Map<NodeId, Node>();
  #lastId = 0;

  constructor(options: ClusterOptions) {
    super();
    this.#options = options;
    this.#prng = createPrng(options.seed);
    this.delayMs = options.delayMs ?? [1, 5];
    this.syncMs = options.syncMs ?? [1, 4];
    this.ids = Array.from({ length: options.nodeCount ?? 3 }, (_, i) => `n${i + 1}`);
    for (const id of this.ids) {
      const clockMs = this.#prng.int(0, 1e6);
      this.#nodes.set(id, { id, clockMs, files: new Files(), life: undefined });
      this.start(id);
    }
  }

  start(id: NodeId): void {
    const node = this.#node(id);
    const recovery = openAtOnce(diskOver(node.files, end), id, STORAGE_RULES);
    assert(recovery.type === "recovered", `${id} found ${JSON.stringify(recovery)}`);
    const jitter = this.#prng.fork(`jitter ${id} ${this.nowMs}`);
    const replica = createReplica({
      id,
      members: this.ids,
      rules: this.#options.rules ?? RULES,
      timing: DEFAULT_TIMING,
      jitter: () => jitter.next(),
      requestTimeoutMs: 2000,
      nowMs: node.clockMs + this.nowMs,
      ...memoryOf(recovery),
    });
    const storage = this.#storageOf(node, (input) => this.#take(node, life, input));
    const life: Life = {
      replica,
      requests: new Map(),
      rpcs: new Map(),
      storage,
      wakeMs: Infinity,
    };
    node.life = life;
    this.#take(node, life, { type: "tick" });
  }

  #storageOf(node: Node, take: (input: Input) => void): Storage {
    const storage = new Storage({
      disk: diskOver(node.files, (cover, done) =>
        this.after(this.#draw(this.syncMs), () => {
          if (node.life?.storage === storage) end(cover, done);
        }),
      ),
      nodeId: node.id,
      rules: STORAGE_RULES,
      soon: (act) => act(),
      onPersisted: (writeId) => take({ type: "persisted", writeId }),
      onSnapshotSaved: (index) => take({ type: "snapshot-saved", index }),
      onFailed: (error) => {
        throw error;
      },
    });
    return storage;
  }

  /** Of what was not synced a beginning is on the disk, torn anywhere. Who waited there hears nothing. */
  kill(id: NodeId): void {
    const node = this.#node(id);
    node.life?.storage.stop();
    node.life = undefined;
    node.files.cutPower({
      keptBytes: (_file, unsynced) => this.#prng.int(0, unsynced),
      keepsSector: () => true,
      keepsName: () => this.#prng.chance(0.5),
      flippedBits: () => [],
    });
    this.#record(id, { type: "exit", code: null, signal: "SIGKILL", expected: true });
  }

  replica(id: NodeId): Replica | undefined {
    return this.#node(id).life?.replica;
  }

  /** The leader of the newest term, as long as it is up. */
  leader(): NodeId | undefined {
    const leaders = this.ids.filter((id) => this.replica(id)?.raft.role === "leader");
    const term = (id: NodeId): number => this.replica(id)?.raft.currentTerm ?? 0;
    return leaders.sort((a, b) => term(b) - term(a))[0];
  }

  cut(link: Link): void {
    this.cuts.add(linkName(link));
  }

  /** Both ways between the groups. */
  partition(...groups: readonly (readonly NodeId[])[]): void {
    for (const source of this.ids) {
      for (const target of this.ids) {
        const isTogether = groups.some((group) => group.includes(source) && group.includes(target));
        if (!isTogether) this.cut({ source, target });
      }
    }
  }

  /** `done` is never called if the node dies first. */
  request(id: NodeId, request: ClientRequest, done: (reply: ClientReply) => void): void {
    const node = this.#node(id);
    if (node.life === undefined) return;
    const requestId = ++this.#lastId;
    node.life.requests.set(requestId, done);
    this.#take(node, node.life, { type: "request", requestId, request });
  }

  override sight(): string {
    const show = ({ raft }: Replica): string =>
      `${raft.id} ${raft.role} term ${raft.currentTerm} last ${raft.log.entries.length} commit ${raft.commitIndex}`;
    const lives = this.ids.map((id) => this.replica(id));
    return lives.map((replica, i) => (replica ? show(replica) : `${this.ids[i]} down`)).join("; ");
  }

  #node(id: NodeId): Node {
    const node = this.#nodes.get(id);
    assert(node !== undefined, `no node ${id}`);
    return node;
  }

  #draw([from, to]: readonly [number, number]): number {
    return from + this.#prng.next() * (to - from);
  }

  #record(node: NodeId, transition: TraceTransition): void {
    // Each a nanosecond after the other, so that equal moments keep their order.
    const timeNs = Math.round(this.nowMs * 1e6) + this.trace.length;
    this.trace.push({ timeNs, node, ...transition });
  }

  #take(node: Node, life: Life, input: Input): void {
    if (node.life !== life) return;
    const effects = step(life.replica, node.clockMs + this.nowMs, input);
    for (const effect of effects) this.#perform(node, life, effect);
    const wakeMs = nextWakeMs(life.replica) - node.clockMs;
    if (wakeMs >= life.wakeMs) return;
    life.wakeMs = wakeMs;
    this.after(Math.max(0, wakeMs - this.nowMs), () => {
      if (life.wakeMs === wakeMs) life.wakeMs = Infinity;
      this.#take(node, life, { type: "tick" });
    });
  }

  #perform(node: Node, life: Life, effect: Effect): void {
    switch (effect.type) {
      case "trace":
        return this.#record(node.id, effect.transition);
      case "persist":
        return life.storage.write(effect.write);
      case "save-snapshot":
        return life.storage.saveSnapshot(effect.snapshot);
      case "call":
        return this.#call(node, life, effect.to, effect.request);
      case "respond":
        return life.rpcs.get(effect.rpcId)?.(effect.reply);
      case "reply": {
        const done = life.requests.get(effect.requestId);
        life.requests.delete(effect.requestId);
        return done?.(effect.reply);
      }
      default:
        return unreachable(effect);
    }
  }

  #call(node: Node, life: Life, to: NodeId, request: Request): void {
    this.callCount++;
    let isOpen = true;
    const close = (input: Input): void => {
      if (isOpen) this.#take(node, life, input);
      isOpen = false;
    };
    const back = { source: to, target: node.id };
    const answer = (reply: Reply): void =>
      this.#carry(back, () => close({ type: "answer", from: to, request, reply }));
    const unanswered = (): void => close({ type: "unanswered", from: to, request });
    const copies = this.#prng.chance(this.#options.duplication ?? 0) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      this.#carry({ source: node.id, target: to }, () => {
        const peer = this.#node(to);
        // Nobody listens there: refused at once, as a killed process's port does.
        if (peer.life === undefined) return this.#carry(back, unanswered);
        const rpcId = ++this.#lastId;
        peer.life.rpcs.set(rpcId, answer);
        this.#take(peer, peer.life, { type: "rpc", rpcId, request });
      });
    }
    this.after(RPC_TIMEOUT_MS, unanswered);
  }

  #carry(link: Link, arrive: () => void): void {
    this.after(this.#draw(this.delayMs), () => {
      if (!this.cuts.has(linkName(link))) arrive();
    });
  }
}

const end: EndSync = (cover, done) => {
  cover(true);
  done(undefined);
};
