import type { Prng } from "../../base/prng.ts";
import { type Pace, PacedStage } from "../paced-stage.ts";
import type { Chunk } from "../stage.ts";
import type { StageContext, ToxicType } from "../toxic-type.ts";

type Name = "latency" | "jitter";

/** Each chunk leaves `latency` ± `jitter` ms after it was received; throughput is not limited, order is kept. */
export const latency: ToxicType<Name> = {
  attributeNames: ["latency", "jitter"],
  // What is on the way: 8 MiB in one go must all be under way at once.
  capacity: { bytes: 32 * 1024 * 1024, chunks: 1024 },
  createStage: (context) => new PacedStage(new LatencyPace(context), context),
};

class LatencyPace implements Pace {
  readonly restamps = true;
  readonly #toxic: StageContext<Name>["toxic"];
  readonly #prng: Prng;
  /** Drawn once for each chunk, so that looking twice doesn't change its delay. */
  #jitterShare: number | undefined;

  constructor({ toxic, prng }: StageContext<Name>) {
    this.#toxic = toxic;
    this.#prng = prng;
  }

  departureMs(chunk: Chunk): number {
    const { latency: latencyMs, jitter: jitterMs } = this.#toxic.attributes;
    this.#jitterShare ??= this.#prng.next() * 2 - 1;
    return chunk.receivedAtMs + Math.max(0, latencyMs + this.#jitterShare * jitterMs);
  }

  departed(): void {
    this.#jitterShare = undefined;
  }
}
