import { unreachable } from "../base/assert.ts";
import type { LinkEffect } from "../../nemesis/target.ts";
import { Occurrences } from "./chance.ts";
import type { NetworkOptions } from "./options.ts";

/** Something that a link holds back. */
export interface Held {
  /** It holds nothing back any more: what it does not lose now goes on. */
  release(): void;
}

/**
 * One direction between two members, or from the clients to a member: what `source` calls at `target`, and the
 * answers to it. As in the other environments each link is one proxy's worth of trouble.
 */
export class LinkState {
  readonly number: number;
  readonly occurrences = new Occurrences();
  /** What waits in it for the heal. */
  held: Held[] = [];
  refuses = false;
  dropsRequests = false;
  dropsAnswers = false;
  /** Undefined: as fast as it goes. 0: nothing gets through until the heal, which delivers it late. */
  rateKbytesPerSecond: number | undefined;
  resetAfterMs: number | undefined;
  #latencyMs = 0;
  #jitterMs = 0;
  #pieceBytes = Infinity;
  #pieceDelayMs = 0;

  constructor(number: number) {
    this.number = number;
  }

  get isHeld(): boolean {
    return this.rateKbytesPerSecond === 0;
  }

  /** From now on exactly these effects. */
  apply(effects: readonly LinkEffect[]): void {
    this.refuses = false;
    this.dropsRequests = false;
    this.dropsAnswers = false;
    this.rateKbytesPerSecond = undefined;
    this.resetAfterMs = undefined;
    this.#latencyMs = 0;
    this.#jitterMs = 0;
    this.#pieceBytes = Infinity;
    this.#pieceDelayMs = 0;
    for (const effect of effects) this.#add(effect);
  }

  #add(effect: LinkEffect): void {
    switch (effect.type) {
      case "refuse":
        this.refuses = true;
        return;
      case "drop":
        this.dropsRequests ||= effect.stream !== "downstream";
        this.dropsAnswers ||= effect.stream !== "upstream";
        return;
      case "latency":
        this.#latencyMs = effect.latencyMs;
        this.#jitterMs = effect.jitterMs;
        return;
      case "bandwidth":
        this.rateKbytesPerSecond = effect.rateKbytesPerSecond;
        return;
      case "slice":
        this.#pieceBytes = Math.max(1, effect.averageBytes);
        this.#pieceDelayMs = effect.delayUs / 1000;
        return;
      case "reset":
        this.resetAfterMs = effect.afterMs;
        return;
      default:
        return unreachable(effect);
    }
  }

  /** How long `bytes` need one way, in whole nanoseconds. A slow link's latency is that of there and back together. */
  delayNs({ latencyMsMin }: NetworkOptions, bytes: number): number {
    let ms = latencyMsMin + this.#latencyMs / 2;
    if (this.rateKbytesPerSecond !== undefined && this.rateKbytesPerSecond > 0) {
      ms += bytes / this.rateKbytesPerSecond;
    }
    if (this.#pieceBytes < bytes) ms += Math.floor(bytes / this.#pieceBytes) * this.#pieceDelayMs;
    return Math.floor(ms * 1e6);
  }

  /** What chance adds to that (of a jittery link also: takes from it). `delay` and `fate` are draws in [0, 1). */
  extraNs(network: NetworkOptions, delay: number, fate: number): number {
    const { latencyMsMin, latencyMsMean, tailProbability, tailMs } = network;
    let ms = -Math.log(1 - delay) * (latencyMsMean - latencyMsMin);
    if (fate > 1 - tailProbability) ms += tailMs * delay;
    if (this.#jitterMs > 0) {
      ms += Math.max(-this.#latencyMs, this.#jitterMs * (2 * delay - 1)) / 2;
    }
    return Math.floor(ms * 1e6);
  }
}
