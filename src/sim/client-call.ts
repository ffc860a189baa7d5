import type { ClientReply, ClientRequest } from "../../node/replica/client.ts";
import type { SimEvent } from "./event-queue.ts";
import type { NodeId } from "../base/node-id.ts";
import { CLIENTS } from "../../nemesis/target.ts";
import { NEVER } from "./fates.ts";
import { EVENT, labelOf } from "./label.ts";
import type { LinkState } from "./link.ts";
import type { Message, MessageKind } from "./message.ts";
import { Timer } from "./timer.ts";
import type { SimNode, Waiter } from "./node.ts";
import type { Wire } from "./peer-call.ts";

/** What a client's call came to. `refused`: nothing was sent. `lost`: something was, and no answer came. */
export type ClientOutcome =
  | { readonly type: "answer"; readonly reply: ClientReply }
  | { readonly type: "refused"; readonly error: string }
  | { readonly type: "lost"; readonly error: string };

const REQUEST_BYTES = 300;
const REPLY_BYTES = 200;
const REFUSAL_NS = 200_000;

export interface ClientCallOptions {
  readonly link: LinkState;
  readonly target: SimNode;
  readonly request: ClientRequest;
  /** Through a proxy even a dead node's address can be connected to. */
  readonly isProxied: boolean;
  readonly timeoutNs: number;
  readonly done: (outcome: ClientOutcome) => void;
}

/** A client's request on its way to a node, and the answer on its way back. */
export class ClientCall implements SimEvent, Waiter<ClientReply>, Message {
  label: number;
  readonly #wire: Wire;
  readonly #options: ClientCallOptions;
  readonly occurrence: number;
  readonly key = 0;
  readonly term = 0;
  readonly index = 0;
  isReply = false;
  readonly isClients = true;
  #outcome: ClientOutcome | undefined;
  #isOver = false;

  constructor(wire: Wire, options: ClientCallOptions) {
    this.#wire = wire;
    this.#options = options;
    this.occurrence = options.link.occurrences.next(0);
    this.label = labelOf(EVENT.clientRequest, options.link.number);
  }

  get source(): NodeId {
    return this.isReply ? this.#options.target.id : CLIENTS;
  }

  get target(): NodeId {
    return this.isReply ? CLIENTS : this.#options.target.id;
  }

  get kind(): MessageKind {
    return this.isReply ? "client-request-reply" : "client-request";
  }

  /** "clients → n1 write". */
  describe(): string {
    const what = JSON.stringify(this.#outcome ?? this.#options.request);
    return `${this.source} → ${this.target} ${what}`;
  }

  send(): void {
    const { link, target, isProxied, timeoutNs } = this.#options;
    const extraNs = this.#wire.fates.delayNs(this);
    const timeout = labelOf(EVENT.clientTimeout, link.number);
    const giveUp = (): void => this.#end({ type: "lost", error: "timeout" });
    this.#wire.queue.after(timeoutNs, new Timer(timeout, giveUp));
    if (link.refuses || (target.state === "killed" && !isProxied)) {
      return this.#hear({ type: "refused", error: "ECONNREFUSED" }, REFUSAL_NS);
    }
    if (link.resetAfterMs !== undefined) {
      const delayNs = REFUSAL_NS + link.resetAfterMs * 1e6;
      return this.#hear({ type: "lost", error: "ECONNRESET" }, delayNs);
    }
    if (link.dropsRequests || extraNs === NEVER) return;
    if (link.isHeld) link.held.push(this);
    else this.#travel(REQUEST_BYTES, extraNs);
  }

  release(): void {
    const { link } = this.#options;
    if (this.isReply ? link.dropsAnswers : link.dropsRequests) return;
    this.#travel(this.isReply ? REPLY_BYTES : REQUEST_BYTES, 0);
  }

  /** The connection is closed: whether the request was read is not known. */
  break(): void {
    if (this.#outcome === undefined) this.#hear({ type: "lost", error: "ECONNRESET" }, REFUSAL_NS);
  }

  /** Nothing tells a client's lost request from a slow one, so it is never closed early. */
  readonly isLost = false;

  get isOver(): boolean {
    return this.#isOver;
  }

  get link(): LinkState {
    return this.#options.link;
  }

  fire(): void {
    if (this.#outcome !== undefined) return this.#end(this.#outcome);
    this.#options.target.request(this.#options.request, this);
  }

  /** The target's answer; none: its connections broke when it died. */
  hear(reply: ClientReply | undefined): void {
    if (this.#outcome !== undefined) return;
    if (reply === undefined) this.break();
    else this.#sendBack(reply);
  }

  #sendBack(reply: ClientReply): void {
    const { link } = this.#options;
    this.#outcome = { type: "answer", reply };
    this.isReply = true;
    this.label = labelOf(EVENT.clientReply, link.number);
    const extraNs = this.#wire.fates.delayNs(this);
    if (link.dropsAnswers || extraNs === NEVER) return;
    if (link.isHeld) link.held.push(this);
    else this.#travel(REPLY_BYTES, extraNs);
  }

  #travel(bytes: number, extraNs: number): void {
    const { network, queue } = this.#wire;
    queue.after(this.#options.link.delayNs(network, bytes) + extraNs, this);
  }

  #hear(outcome: ClientOutcome, delayNs: number): void {
    this.#outcome = outcome;
    this.label = labelOf(EVENT.clientReply, this.#options.link.number);
    this.#wire.queue.after(delayNs, this);
  }

  #end(outcome: ClientOutcome): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#options.done(outcome);
  }
}
