import type { ClientReply, ClientRequest } from "../../node/replica/client.ts";
import type { SimEvent } from "./event-queue.ts";
import { EVENT, labelOf } from "./label.ts";
import type { LinkState } from "./link.ts";
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
  readonly lossProbability: number;
  readonly timeoutNs: number;
  readonly done: (outcome: ClientOutcome) => void;
}

/** A client's request on its way to a node, and the answer on its way back. */
export class ClientCall implements SimEvent, Waiter<ClientReply> {
  label: number;
  readonly #wire: Wire;
  readonly #options: ClientCallOptions;
  readonly #number: number;
  #outcome: ClientOutcome | undefined;
  #isOver = false;

  constructor(wire: Wire, options: ClientCallOptions) {
    this.#wire = wire;
    this.#options = options;
    this.#number = options.link.occurrences.next(0);
    this.label = labelOf(EVENT.clientRequest, options.link.number);
  }

  send(): void {
    const { link, target, isProxied, lossProbability, timeoutNs } = this.#options;
    const timeout = labelOf(EVENT.clientTimeout, link.number);
    this.#wire.queue.after(timeoutNs, {
      label: timeout,
      fire: () => this.#end({ type: "lost", error: "timeout" }),
    });
    if (link.refuses || (target.state === "killed" && !isProxied)) {
      return this.#hear({ type: "refused", error: "ECONNREFUSED" }, REFUSAL_NS);
    }
    if (link.resetAfterMs !== undefined) {
      const delayNs = REFUSAL_NS + link.resetAfterMs * 1e6;
      return this.#hear({ type: "lost", error: "ECONNRESET" }, delayNs);
    }
    const fate = this.#wire.chance.draw("client fate", link.number, this.#number);
    if (link.dropsRequests || fate < lossProbability) return;
    if (link.isHeld) link.held.push(this);
    else this.#travel(REQUEST_BYTES, "client delay", fate);
  }

  release(): void {
    const isRequest = this.#outcome === undefined;
    if (isRequest) this.#travel(REQUEST_BYTES, "client delay", 0.5);
    else this.#travel(REPLY_BYTES, "client reply delay", 0.5);
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
    const { link, lossProbability } = this.#options;
    this.#outcome = { type: "answer", reply };
    this.label = labelOf(EVENT.clientReply, link.number);
    const fate = this.#wire.chance.draw("client reply fate", link.number, this.#number);
    if (link.dropsAnswers || fate < lossProbability) return;
    if (link.isHeld) link.held.push(this);
    else this.#travel(REPLY_BYTES, "client reply delay", fate);
  }

  #travel(bytes: number, concern: "client delay" | "client reply delay", fate: number): void {
    const { chance, network, queue } = this.#wire;
    const { link } = this.#options;
    const delay = chance.draw(concern, link.number, this.#number);
    queue.after(link.delayNs(network, bytes, delay, fate), this);
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
