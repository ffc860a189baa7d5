import { unreachable } from "../base/assert.ts";
import type { Reply, Request } from "../../node/raft/messages.ts";
import type { NodeId } from "../base/node-id.ts";
import type { EventQueue, SimEvent } from "./event-queue.ts";
import { NEVER, type Fates } from "./fates.ts";
import { EVENT, labelOf } from "./label.ts";
import type { LinkState } from "./link.ts";
import { kindOf, placeOf, type Message, type MessageKind } from "./message.ts";
import type { SimNode, Waiter } from "./node.ts";
import type { NetworkOptions } from "./options.ts";

const HEADER_BYTES = 250;
const ENTRY_BYTES = 30;
const REPLY_BYTES = 200;
/** What is refused or reset is heard of about so soon. */
const REFUSAL_NS = 300_000;

export interface Wire {
  readonly queue: EventQueue;
  readonly fates: Fates;
  readonly network: NetworkOptions;
}

/** A call from one node to another on its way there and back: one event at a time, the last one ends it. */
export class PeerCall implements SimEvent, Waiter<Reply>, Message {
  label: number;
  readonly #wire: Wire;
  readonly link: LinkState;
  readonly #source: SimNode;
  readonly #target: SimNode;
  readonly #life: number;
  readonly #request: Request;
  readonly key: number;
  readonly occurrence: number;
  readonly isClients = false;
  readonly deadlineNs: number;
  #reply: Reply | undefined;
  #stage: "request" | "reply" | "unanswered" = "request";
  /** The caller was told. */
  isOver = false;
  /** Nothing will ever come of it: it waits for the caller's patience to end, or the connection to be closed. */
  isLost = false;

  constructor(
    wire: Wire,
    parties: { link: LinkState; source: SimNode; target: SimNode },
    request: Request,
    deadlineNs: number,
  ) {
    this.#wire = wire;
    this.link = parties.link;
    this.#source = parties.source;
    this.#target = parties.target;
    this.#life = parties.source.life;
    this.#request = request;
    this.deadlineNs = deadlineNs;
    this.label = labelOf(EVENT.request, this.link.number);
    this.key = keyOf(request);
    this.occurrence = this.link.occurrences.next(this.key);
  }

  get isReply(): boolean {
    return this.#stage === "reply";
  }

  get source(): NodeId {
    return this.isReply ? this.#target.id : this.#source.id;
  }

  get target(): NodeId {
    return this.isReply ? this.#source.id : this.#target.id;
  }

  get kind(): MessageKind {
    const kind = kindOf(this.#request);
    return this.isReply ? `${kind}-reply` : kind;
  }

  get term(): number {
    return this.#request.term;
  }

  get index(): number {
    return placeOf(this.#request);
  }

  /** "n1 → n2 append-entries of term 3 after 56, 2 entries". */
  describe(): string {
    if (this.#stage === "unanswered") {
      return `${this.#source.id} hears that its ${kindOf(this.#request)} to ${this.#target.id} came to nothing`;
    }
    const request = this.#request;
    const what =
      request.type === "append-entries" && !this.isReply
        ? `${request.entries.length} entries, commit ${request.leaderCommit}`
        : "";
    const answer = this.#reply === undefined ? "" : JSON.stringify(this.#reply);
    const head = `${this.source} → ${this.target} ${this.kind} of term ${this.term} after ${this.index}`;
    return [head, what, answer].filter((part) => part !== "").join(", ");
  }

  send(): void {
    const link = this.link;
    const extraNs = this.#wire.fates.delayNs(this);
    if (link.refuses) return this.#breakAfter(REFUSAL_NS);
    if (link.resetAfterMs !== undefined) {
      return this.#breakAfter(REFUSAL_NS + link.resetAfterMs * 1e6);
    }
    if (link.dropsRequests || extraNs === NEVER) this.isLost = true;
    else if (link.isHeld) link.held.push(this);
    else this.#travel(bytesOf(this.#request), extraNs);
  }

  /** The link lets through again what it held, or loses it. */
  release(): void {
    if (this.#stage === "unanswered") return;
    const { link } = this;
    if (this.isReply ? link.dropsAnswers : link.dropsRequests) this.isLost = true;
    else this.#travel(this.isReply ? REPLY_BYTES : bytesOf(this.#request), 0);
  }

  /** The connection is closed under it: what is on its way is lost, and the caller hears of it. */
  break(): void {
    if (this.#stage === "unanswered") return;
    this.#breakAfter(REFUSAL_NS);
  }

  /** The caller's patience is over. What is on its way may still arrive and be executed. */
  giveUp(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#source.answer(this.#life, this.#target.id, this.#request, undefined);
  }

  fire(): void {
    switch (this.#stage) {
      case "request":
        return this.#target.rpc(this.#request, this);
      case "reply":
        if (this.isOver) return;
        this.isOver = true;
        return this.#source.answer(this.#life, this.#target.id, this.#request, this.#reply);
      case "unanswered":
        return this.giveUp();
    }
  }

  /** The target's answer; none: its connections broke when it died. */
  hear(reply: Reply | undefined): void {
    if (this.#stage !== "request") return;
    if (reply === undefined) this.break();
    else this.#sendBack(reply);
  }

  #sendBack(reply: Reply): void {
    const link = this.link;
    this.#reply = reply;
    this.#stage = "reply";
    this.label = labelOf(EVENT.reply, link.number);
    const extraNs = this.#wire.fates.delayNs(this);
    if (link.dropsAnswers || extraNs === NEVER) this.isLost = true;
    else if (link.isHeld) link.held.push(this);
    else this.#travel(REPLY_BYTES, extraNs);
  }

  #travel(bytes: number, extraNs: number): void {
    const { queue, network } = this.#wire;
    queue.after(this.link.delayNs(network, bytes) + extraNs, this);
  }

  #breakAfter(delayNs: number): void {
    this.#stage = "unanswered";
    this.label = labelOf(EVENT.unanswered, this.link.number);
    this.isLost = false;
    this.#wire.queue.after(delayNs, this);
  }
}

/** What makes a message this one: kind, term, place in the log, number of entries. */
function keyOf(request: Request): number {
  const { term } = request;
  switch (request.type) {
    case "request-vote":
      return Math.imul(term, 31) + request.lastLogIndex * 4 + (request.preVote ? 1 : 2);
    case "append-entries": {
      const place = request.prevLogIndex + request.entries.length * 7 + request.round * 13;
      return Math.imul(term, 0x10001) + place * 4;
    }
    case "install-snapshot": {
      const place = request.lastIncludedIndex + request.offset * 7 + request.round * 13;
      return Math.imul(term, 0x20003) + place * 4 + (request.data === "" ? 1 : 2);
    }
    case "timeout-now":
      return Math.imul(term, 0x40005) + 3;
    default:
      return unreachable(request);
  }
}

function bytesOf(request: Request): number {
  let bytes = HEADER_BYTES;
  if (request.type === "append-entries") {
    for (const { command } of request.entries) bytes += ENTRY_BYTES + command.length;
  } else if (request.type === "install-snapshot") bytes += request.data.length;
  return bytes;
}
