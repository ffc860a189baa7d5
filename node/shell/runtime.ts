import type { NodeId } from "../../src/base/node-id.ts";
import { unreachable } from "../../src/base/assert.ts";
import type { ClientReply, ClientRequest } from "../replica/client.ts";
import { nextWakeMs, step, type Effect, type Input, type Replica } from "../replica/replica.ts";
import type { Reply, Request } from "../raft/messages.ts";
import type { Snapshot } from "../raft/snapshot.ts";
import type { Write } from "../raft/state.ts";
import type { Clock } from "./clock.ts";
import type { TraceTransition } from "../../src/base/trace.ts";

/** The world that a runtime acts on. */
export interface World {
  readonly clock: Clock;
  persist(write: Write): void;
  saveSnapshot(snapshot: Snapshot): void;
  call(to: NodeId, request: Request, done: (reply: Reply | undefined) => void): void;
  trace(transition: TraceTransition): void;
  flushTrace(): void;
}

/**
 * Performs a replica's effects. Inputs that arrive in one turn of the event loop are taken together: one flush
 * of the trace, then the effects, so that nothing leaves before its trace is safe.
 */
export class Runtime {
  readonly replica: Replica;
  readonly #world: World;
  readonly #rpcs = new Map<number, (reply: Reply) => void>();
  readonly #requests = new Map<number, (reply: ClientReply) => void>();
  #lastId = 0;
  #inputs: Input[] = [];
  #isScheduled = false;
  #cancelTimer = (): void => undefined;
  #timerDueMs = Infinity;

  constructor(replica: Replica, world: World) {
    this.replica = replica;
    this.#world = world;
    this.take({ type: "tick" });
  }

  take(input: Input): void {
    this.#inputs.push(input);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#work());
  }

  rpc(request: Request, respond: (reply: Reply) => void): void {
    const rpcId = ++this.#lastId;
    this.#rpcs.set(rpcId, respond);
    this.take({ type: "rpc", rpcId, request });
  }

  request(request: ClientRequest, reply: (reply: ClientReply) => void): void {
    const requestId = ++this.#lastId;
    this.#requests.set(requestId, reply);
    this.take({ type: "request", requestId, request });
  }

  stop(): void {
    this.#cancelTimer();
    this.#isScheduled = true;
    this.#world.flushTrace();
  }

  #work(): void {
    this.#isScheduled = false;
    const inputs = this.#inputs;
    this.#inputs = [];
    const effects: Effect[] = [];
    for (const input of inputs) {
      // Each at its own time: a process that is stopped between two of them has no right to a lease of before.
      const nowMs = this.#world.clock.monotonicMs();
      for (const effect of step(this.replica, nowMs, input)) {
        if (effect.type === "trace") this.#world.trace(effect.transition);
        else effects.push(effect);
      }
    }
    this.#world.flushTrace();
    for (const effect of effects) this.#perform(effect);
    this.#setTimer();
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case "persist":
        return this.#world.persist(effect.write);
      case "save-snapshot":
        return this.#world.saveSnapshot(effect.snapshot);
      case "call":
        return this.#call(effect.to, effect.request);
      case "respond": {
        const respond = this.#rpcs.get(effect.rpcId);
        this.#rpcs.delete(effect.rpcId);
        respond?.(effect.reply);
        return;
      }
      case "reply": {
        const reply = this.#requests.get(effect.requestId);
        this.#requests.delete(effect.requestId);
        reply?.(effect.reply);
        return;
      }
      case "trace":
        return;
      default:
        return unreachable(effect);
    }
  }

  #call(to: NodeId, request: Request): void {
    this.#world.call(to, request, (reply) => {
      if (reply === undefined) this.take({ type: "unanswered", from: to, request });
      else this.take({ type: "answer", from: to, request, reply });
    });
  }

  #setTimer(): void {
    const dueMs = nextWakeMs(this.replica);
    if (dueMs >= this.#timerDueMs) return;
    this.#cancelTimer();
    this.#timerDueMs = dueMs;
    const { clock } = this.#world;
    this.#cancelTimer = clock.after(dueMs - clock.monotonicMs(), () => {
      this.#timerDueMs = Infinity;
      this.take({ type: "tick" });
    });
  }
}
