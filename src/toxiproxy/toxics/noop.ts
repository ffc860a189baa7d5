import { Stage } from "../stage.ts";
import type { ToxicType } from "../toxic-type.ts";

/** Does nothing; the original accepts it as a type, too. */
export const noop: ToxicType<never> = {
  attributeNames: [],
  createStage: () => new NoopStage(),
};

class NoopStage extends Stage {}
