import { type Pace, PacedStage } from "../paced-stage.ts";
import type { Chunk } from "../stage.ts";
import type { StageContext, ToxicType } from "../toxic-type.ts";

type Name = "rate";

const SLICE_MS = 100;

/** `rate` KB/s (1000 bytes each) for each connection, waited for before sending; 0 holds everything. */
export const bandwidth: ToxicType<Name> = {
  attributeNames: ["rate"],
  createStage: (context) => new PacedStage(new BandwidthPace(context), context),
};

class BandwidthPace implements Pace {
  readonly #toxic: StageContext<Name>["toxic"];
  /** When the line was, or will be, free again; due times, so that late timers don't add up. */
  #freeAtMs = -Infinity;

  constructor({ toxic }: StageContext<Name>) {
    this.#toxic = toxic;
  }

  /** 1 KB/s is one byte a millisecond. */
  get #bytesPerMs(): number {
    return this.#toxic.attributes.rate;
  }

  pieceBytes(chunk: Chunk): number {
    return this.#bytesPerMs === 0 ? chunk.data.length : this.#bytesPerMs * SLICE_MS;
  }

  departureMs(piece: Chunk, enteredAtMs: number): number {
    // A rate of 0 divides to Infinity: never.
    return Math.max(this.#freeAtMs, enteredAtMs) + piece.data.length / this.#bytesPerMs;
  }

  departed(dueMs: number): void {
    this.#freeAtMs = dueMs;
  }

  /** Time waited under another rate buys nothing: after "rate 0", 10 s of held data would leave in a burst. */
  updated(nowMs: number): void {
    this.#freeAtMs = nowMs;
  }
}
