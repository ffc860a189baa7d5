import { type Chunk, Stage } from "../stage.ts";
import type { StageContext, ToxicType } from "../toxic-type.ts";

type Name = "bytes";

/** Exactly `bytes` bytes of each connection pass; reaching them closes it. The count survives an update. */
export const limitData: ToxicType<Name> = {
  attributeNames: ["bytes"],
  createStage: (context) => new LimitDataStage(context),
};

class LimitDataStage extends Stage {
  readonly #toxic: StageContext<Name>["toxic"];
  #passedBytes = 0;

  constructor({ toxic }: StageContext<Name>) {
    super();
    this.#toxic = toxic;
  }

  protected override take(chunk: Chunk): void {
    const leftBytes = Math.max(0, this.#toxic.attributes.bytes - this.#passedBytes);
    const data = chunk.data.subarray(0, leftBytes);
    this.#passedBytes += data.length;
    if (data.length > 0) this.next.push({ ...chunk, data });
    if (this.#passedBytes >= this.#toxic.attributes.bytes) this.end();
  }
}
