import { messageOf } from "../base/errors.ts";
import { NEVER_SEEN, type SeenOut } from "../base/join-mark.ts";
import type { NodeId } from "../base/node-id.ts";
import type { TraceTransition } from "../base/trace.ts";
import { unreachable } from "../base/assert.ts";
import type { ClientReply, ClientRequest } from "../../node/replica/client.ts";
import {
  createReplica,
  nextWakeMs,
  step,
  type Effect,
  type Input,
  type Replica,
} from "../../node/replica/replica.ts";
import type { Reply, Request } from "../../node/raft/messages.ts";
import type { Rules } from "../../node/raft/rules.ts";
import { NewLog, type LogContent } from "../../node/storage/log-file.ts";
import { openAtOnce, type Opened } from "../../node/storage/open-storage.ts";
import { memoryOf, type Recovered } from "../../node/storage/recovery.ts";
import type { StorageRules } from "../../node/storage/rules.ts";
import { Storage } from "../../node/storage/storage.ts";
import type { NodeEffect, NodeState } from "../../nemesis/target.ts";
import type { Draws } from "./chance.ts";
import { NO_CLOCK_FAULT, NodeClock } from "./clock.ts";
import { SimDisk } from "./disk.ts";
import type { EventQueue } from "./event-queue.ts";
import { EVENT, labelOf } from "./label.ts";
import type { SimOptions } from "./options.ts";
import { Timer } from "./timer.ts";
import { Waiting } from "./waiting.ts";

/** Who waits for a node's answer: told once, undefined when the node died over it. */
export interface Waiter<T> {
  hear(reply: T | undefined): void;
}

/** What a node acts on. */
export interface NodeWorld {
  readonly queue: EventQueue;
  readonly chance: Draws;
  readonly options: SimOptions;
  readonly rules: Rules;
  readonly storageRules: StorageRules;
  readonly members: readonly NodeId[];
  call(from: SimNode, to: NodeId, request: Request): void;
  trace(node: SimNode, transition: TraceTransition): void;
  /** Soon, unless it is meant to be dead by then. */
  startAgain(node: SimNode): void;
}

/**
 * One node: the real replica on a simulated disk and clock, killed, started, paused and resumed between two
 * events. What reaches a paused node waits and comes at once when it is resumed, later than it thinks.
 */
export class SimNode {
  readonly id: NodeId;
  readonly number: number;
  readonly #world: NodeWorld;
  readonly #disk: SimDisk;
  #storage: Storage | undefined;
  #hasLostDisk = false;
  /** What it was a member of, it does not know any more: it waits to be added. */
  #joins: SeenOut | undefined;
  /** Bits of its disk have flipped, and it rightly refuses to start. */
  isRuined = false;
  readonly #clock: NodeClock;
  state: NodeState = "killed";
  /** Counts starts: what was meant for an earlier life is not for this one. */
  life = 0;
  replica: Replica | undefined;
  readonly #rpcs = new Waiting<Waiter<Reply>>();
  readonly #requests = new Waiting<Waiter<ClientReply>>();
  #inbox: Input[] = [];
  #wake: Timer | undefined;
  #wakeDueNs = Infinity;

  /** `log`: what its disk holds before its first start. */
  constructor(world: NodeWorld, id: NodeId, number: number, log?: LogContent) {
    this.#world = world;
    this.id = id;
    this.number = number;
    const { disk } = world.options;
    const { driftMax, offsetMsMax } = world.options.clock;
    this.#clock = new NodeClock({
      drift: 1 + driftMax * (2 * world.chance.draw("clock", number) - 1),
      offsetMs: offsetMsMax * world.chance.draw("clock offset", number),
    });
    this.#disk = new SimDisk({
      queue: world.queue,
      chance: world.chance,
      options: mayRot(number, world.members) ? disk : { ...disk, rotProbability: 0 },
      node: number,
      label: labelOf(EVENT.synced, number),
      onPowerFailure: () => this.#losePower(),
    });
    if (log !== undefined) this.#disk.hold(new NewLog(id, log));
  }

  /** False if its disk can't be trusted; then it says so and stays dead. */
  start(): boolean {
    this.life++;
    const found = this.#openDisk();
    if (found === undefined) return false;
    this.state = "running";
    this.replica = createReplica({
      id: this.id,
      members: this.#joins === undefined ? this.#world.members : [],
      ...(this.#joins && { seenOut: this.#joins }),
      rules: this.#world.rules,
      timing: this.#world.options.timing,
      compaction: this.#world.options.compaction,
      reads: this.#world.options.reads,
      jitter: this.#jitter(),
      requestTimeoutMs: this.#world.options.requestTimeoutMs,
      nowMs: this.#nowMs(),
      ...memoryOf(found),
    });
    this.#take(TICK);
    return true;
  }

  /** Undefined if it refuses to take part. */
  #openDisk(): Recovered | undefined {
    const { storageRules } = this.#world;
    const opened = this.#disk.start((disk) => openAtOnce(disk, this.id, storageRules));
    if (opened.type !== "recovered") {
      // Bits that we flipped are no fault of the node's; that it noticed them is its merit.
      this.isRuined = this.#disk.isDamaged;
      this.#ended({ code: EXIT_REFUSED, isExpected: this.isRuined }, sentenceOf(opened));
      return undefined;
    }
    this.#disk.isDamaged = false;
    this.#storage = new Storage({
      disk: this.#disk.disk,
      nodeId: this.id,
      rules: storageRules,
      soon: (act) => act(),
      onPersisted: (writeId) => this.#receive({ type: "persisted", writeId }),
      onSnapshotSaved: (index) => this.#receive({ type: "snapshot-saved", index }),
      onFailed: ({ message }) => {
        this.#die();
        this.#ended({ code: EXIT_DISK, isExpected: true }, message);
      },
    });
    return opened;
  }

  /** Election timeouts are keyed by term and by how often the timer was set in it. */
  #jitter(): () => number {
    const { chance } = this.#world;
    const { life, number } = this;
    let term = -1;
    let count = 0;
    return () => {
      const now = this.replica?.raft.currentTerm ?? 0;
      if (now !== term) count = 0;
      term = now;
      return chance.draw("election timeout", number, life, term, count++);
    };
  }

  /** Its process is gone: killed, or asked to end. Either way nothing that was not synced survives. */
  end(how: "killed" | "stopped"): void {
    if (this.state === "killed") return;
    this.#die();
    const cause = how === "killed" ? { code: null, signal: "SIGKILL" } : { code: 0, signal: null };
    this.#world.trace(this, { type: "exit", ...cause, expected: true });
  }

  #losePower(): void {
    this.#world.trace(this, { type: "log", level: "error", text: "the power failed" });
    this.end("killed");
    this.#world.startAgain(this);
  }

  /** It is asked to end; who leads hands over first (thesis §3.10). `done` when it is gone. */
  stop(done: () => void): void {
    this.resume();
    const gone = (): void => {
      this.end("stopped");
      done();
    };
    this.request({ type: "transfer-leadership", to: null }, { hear: gone });
  }

  /** It ended by itself; expected if the world made it. */
  #ended(how: { readonly code: number; readonly isExpected: boolean }, text: string): void {
    const { code, isExpected: expected } = how;
    this.#world.trace(this, { type: "exit", code, signal: null, expected });
    this.#world.trace(this, { type: "log", level: expected ? "error" : "fatal", text });
  }

  #die(): void {
    this.state = "killed";
    this.replica = undefined;
    this.#storage?.stop();
    this.#disk.cutPower();
    this.#inbox = [];
    this.#disarm();
    const rpcs = this.#rpcs.takeAll();
    const requests = this.#requests.takeAll();
    for (const waiter of rpcs) waiter.hear(undefined);
    for (const waiter of requests) waiter.hear(undefined);
  }

  pause(): void {
    if (this.state === "running") this.state = "paused";
  }

  resume(): void {
    if (this.state !== "paused") return;
    this.state = "running";
    const inbox = this.#inbox;
    this.#inbox = [];
    // Whether its timers or what it was sent comes first is a matter of chance.
    const { life } = this;
    const timersFirst =
      this.#world.chance.draw("order", this.number, life, this.#world.queue.nowNs) < 0.5;
    if (timersFirst) this.#take(TICK);
    for (const input of inbox) if (this.life === life) this.#take(input);
    if (!timersFirst) this.#take(TICK);
  }

  /** Its election timer fires now, if it has one running. */
  timeOut(): void {
    if (this.replica === undefined || this.replica.raft.role === "leader") return;
    this.replica.raft.electionDeadlineMs = this.#nowMs();
    this.#receive(TICK);
  }

  /** Its clock goes on from `byMs` later; a monotonic clock never goes back. */
  jump(byMs: number): void {
    this.#clock.jump(this.#world.queue.nowNs, byMs);
    this.#checkTimers();
  }

  /** What is wrong with its machine from now on, besides its state. */
  suffer(effects: readonly NodeEffect[]): void {
    this.#followDisk(effects.find((effect) => effect.type === "disk-lost"));
    const clock = effects.find((effect) => effect.type === "clock") ?? NO_CLOCK_FAULT;
    if (this.#clock.set(this.#world.queue.nowNs, clock)) this.#checkTimers();
    this.#disk.faults = {
      full: effects.some((effect) => effect.type === "disk-full"),
      syncDelayMs: effects.find((effect) => effect.type === "slow-disk")?.delayMs ?? 0,
      failSync: false,
    };
  }

  /** What chance makes of its disk is decided by now. */
  settleDisk(): void {
    this.#disk.settle();
  }

  /** A disk is lost at the moment at which the loss begins, once. */
  #followDisk(loss: Extract<NodeEffect, { type: "disk-lost" }> | undefined): void {
    if (loss !== undefined && !this.#hasLostDisk) {
      this.end("killed");
      this.#disk.erase();
      this.#joins = loss.seenOut ?? NEVER_SEEN;
      this.isRuined = false;
      this.#world.trace(this, { type: "disk-lost" });
    }
    this.#hasLostDisk = loss !== undefined;
  }

  /** After its clock was changed: what is due comes at once, and the timer is set anew. */
  #checkTimers(): void {
    this.#disarm();
    this.#receive(TICK);
  }

  /** A call of a peer arrives; `waiter` hears the answer, or undefined if the connection breaks. */
  rpc(request: Request, waiter: Waiter<Reply>): void {
    if (this.state === "killed") return waiter.hear(undefined);
    this.#receive({ type: "rpc", rpcId: this.#rpcs.add(waiter), request });
  }

  /** A client's request arrives. */
  request(request: ClientRequest, waiter: Waiter<ClientReply>): void {
    if (this.state === "killed") return waiter.hear(undefined);
    this.#receive({ type: "request", requestId: this.#requests.add(waiter), request });
  }

  /** What a call of this node, made in its life `life`, came to; no reply: unanswered. */
  answer(life: number, from: NodeId, request: Request, reply: Reply | undefined): void {
    if (this.life !== life) return;
    this.#receive(
      reply === undefined
        ? { type: "unanswered", from, request }
        : { type: "answer", from, request, reply },
    );
  }

  #receive(input: Input): void {
    if (this.state === "running") this.#take(input);
    else if (this.state === "paused") this.#inbox.push(input);
  }

  #take(input: Input): void {
    const { replica } = this;
    if (replica === undefined || this.state !== "running") return;
    let effects: readonly Effect[];
    try {
      effects = step(replica, this.#nowMs(), input);
    } catch (error) {
      // In a process of its own this is an uncaught error, and the process is gone.
      this.#die();
      return this.#ended({ code: 1, isExpected: false }, messageOf(error));
    }
    for (const effect of effects) {
      this.#perform(effect);
      // Its disk may fail under it.
      if (this.replica !== replica) return;
    }
    this.#arm(replica);
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case "trace":
        return this.#world.trace(this, effect.transition);
      case "persist":
        return this.#storage?.write(effect.write);
      case "save-snapshot":
        return this.#storage?.saveSnapshot(effect.snapshot);
      case "call":
        return this.#world.call(this, effect.to, effect.request);
      case "respond":
        return this.#rpcs.take(effect.rpcId)?.hear(effect.reply);
      case "reply":
        return this.#requests.take(effect.requestId)?.hear(effect.reply);
      default:
        return unreachable(effect);
    }
  }

  #nowMs(): number {
    return this.#clock.readMs(this.#world.queue.nowNs);
  }

  /** One timer, as the shell has it: it is only ever moved forward. */
  #arm(replica: Replica): void {
    const dueNs = this.#clock.whenNs(nextWakeMs(replica));
    if (this.#wakeDueNs <= dueNs) return;
    this.#disarm();
    this.#wake = new Timer(labelOf(EVENT.wake, this.number), this.#onWake);
    this.#wakeDueNs = dueNs;
    this.#world.queue.at(dueNs, this.#wake);
  }

  #disarm(): void {
    this.#wake?.cancel();
    this.#wakeDueNs = Infinity;
  }

  readonly #onWake = (): void => {
    this.#wakeDueNs = Infinity;
    this.#receive(TICK);
  };
}

/** As the shell ends when its disk fails, and when it refuses what it finds there. */
const EXIT_DISK = 74;
const EXIT_REFUSED = 69;

function mayRot(number: number, { length: nodeCount }: readonly NodeId[]): boolean {
  return number > nodeCount / 2;
}

function sentenceOf(opened: Exclude<Opened, Recovered>): string {
  if (opened.type === "failed") return opened.error.message;
  return `${opened.file} is damaged at offset ${opened.offset}: ${opened.reason}`;
}

const TICK: Input = { type: "tick" };
