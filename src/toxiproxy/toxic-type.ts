import type { Prng } from "../base/prng.ts";
import type { Clock } from "./clock.ts";
import type { Stage } from "./stage.ts";

/** A toxic's attributes: whole numbers from 0, all of them always there. */
export type Attributes<Name extends string = string> = Readonly<Record<Name, number>>;

/** What a kind of toxic is. `toxics/table.ts` lists them all. */
export interface ToxicType<Name extends string = string> {
  /** In the order in which the API shows them. */
  readonly attributeNames: readonly Name[];
  /** What is wrong with these attributes together, if anything. */
  complain?(attributes: Attributes<Name>): string | undefined;
  /** How much a stream may hold because of this toxic, beyond what every stream may. */
  readonly capacity?: Capacity;
  /** Connections that are opened under this toxic end in RST instead of FIN. */
  readonly resets?: boolean;
  createStage(context: StageContext<Name>): Stage;
}

export interface Capacity {
  readonly bytes: number;
  readonly chunks: number;
}

export interface StageContext<Name extends string = string> {
  /** Live: `attributes` is replaced when the toxic is updated, so read it when it is needed. */
  readonly toxic: { readonly attributes: Attributes<Name> };
  readonly clock: Clock;
  /** This stream's own source of chance. */
  readonly prng: Prng;
  /** To be called when a stage holds less than before: the source may read on. */
  relieved(): void;
}
