import { benignDraw } from "./benign.ts";
import { CONCERNS, type Chance, type Draws, type NodeConcern } from "./chance.ts";
import type { Message } from "./message.ts";
import type { NetworkOptions } from "./options.ts";

/** The delay of what never arrives. */
export const NEVER = Infinity;

/** Decides whatever is not decided by the nodes: what becomes of messages, and all that is drawn. */
export interface Fates extends Draws {
  /** How many nanoseconds longer than it would the message takes; `NEVER`: it is lost. Asked once for each. */
  delayNs(message: Message): number;
  /** Does this request arrive twice? */
  isDoubled(message: Message): boolean;
  /** From now on benign, but for election timeouts. */
  calm(): void;
}

/** The explorer's: everything by keyed chance, as often and as bad as the options say. */
export class RandomFates implements Fates {
  readonly #chance: Chance;
  readonly #network: NetworkOptions;
  #isCalm = false;
  /** Of each link, once it was drawn. */
  readonly #slowness: number[] = [];

  constructor(chance: Chance, network: NetworkOptions) {
    this.#chance = chance;
    this.#network = network;
  }

  draw(concern: NodeConcern, node: number, b?: number, c?: number, d?: number): number {
    // Where all waited equally long, they could ask to lead at the same moment again and again.
    const isFree = !this.#isCalm || concern === "election timeout";
    return isFree ? this.#chance.draw(concern, node, b, c, d) : benignDraw(concern, node, 1);
  }

  calm(): void {
    this.#isCalm = true;
  }

  delayNs({ isReply, isClients, link, key, occurrence }: Message): number {
    if (this.#isCalm) return 0;
    const network = this.#network;
    const { number } = link;
    const ofFate = isReply ? CONCERNS["reply fate"] : CONCERNS["message fate"];
    const fate = this.#chance.drawNumbered(ofFate, number, key, occurrence, 0);
    if (fate < (isClients ? network.clientLossProbability : network.lossProbability)) return NEVER;
    const ofDelay = isReply ? CONCERNS["reply delay"] : CONCERNS["message delay"];
    const delay = this.#chance.drawNumbered(ofDelay, number, key, occurrence, 0);
    return Math.floor(link.extraNs(network, delay, fate) * this.#slownessOf(number));
  }

  #slownessOf(link: number): number {
    const { slownessMax } = this.#network;
    if (slownessMax === 1) return 1;
    return (this.#slowness[link] ??= slownessMax ** this.#chance.draw("slowness", link));
  }

  isDoubled({ link, key, occurrence }: Message): boolean {
    const { duplicateProbability } = this.#network;
    if (duplicateProbability === 0 || this.#isCalm) return false;
    return this.#chance.draw("duplicate", link.number, key, occurrence) < duplicateProbability;
  }
}
