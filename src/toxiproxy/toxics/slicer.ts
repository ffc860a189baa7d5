import type { Prng } from "../../base/prng.ts";
import { type Pace, PacedStage } from "../paced-stage.ts";
import type { Chunk } from "../stage.ts";
import type { Attributes, StageContext, ToxicType } from "../toxic-type.ts";

type Name = "average_size" | "size_variation" | "delay";

/** Cuts chunks into pieces of about `average_size` ± `size_variation` bytes, `delay` µs between them. */
export const slicer: ToxicType<Name> = {
  attributeNames: ["average_size", "size_variation", "delay"],
  complain: (attributes) =>
    attributes.size_variation > averageBytes(attributes)
      ? "size_variation must not be greater than average_size"
      : undefined,
  createStage: (context) => new PacedStage(new SlicerPace(context), context),
};

class SlicerPace implements Pace {
  readonly #toxic: StageContext<Name>["toxic"];
  readonly #prng: Prng;
  /** Sizes of the pieces of the first waiting chunk that have not left yet. */
  #pieces: number[] = [];
  /** When the last piece was due: pauses shorter than a timer's millisecond are right on average. */
  #leftAtMs = -Infinity;

  constructor({ toxic, prng }: StageContext<Name>) {
    this.#toxic = toxic;
    this.#prng = prng;
  }

  pieceBytes(chunk: Chunk): number {
    if (this.#pieces.length === 0) {
      this.#pieces = pieceSizes(chunk.data.length, this.#toxic.attributes, this.#prng).reverse();
    }
    return this.#pieces.at(-1) ?? chunk.data.length;
  }

  departureMs(_piece: Chunk, enteredAtMs: number): number {
    return Math.max(this.#leftAtMs + this.#toxic.attributes.delay / 1000, enteredAtMs);
  }

  departed(dueMs: number): void {
    this.#pieces.pop();
    this.#leftAtMs = dueMs;
  }

  updated(): void {
    this.#pieces = [];
  }
}

/** Halves `size`, the middle moved by chance, until each piece is at most average plus variation. */
export function pieceSizes(size: number, attributes: Attributes<Name>, prng: Prng): number[] {
  const variation = attributes.size_variation;
  if (size <= averageBytes(attributes) + variation) return [size];
  const middle = Math.floor(size / 2) + (variation > 0 ? prng.int(-variation, variation - 1) : 0);
  const left = Math.min(Math.max(middle, 1), size - 1);
  return [...pieceSizes(left, attributes, prng), ...pieceSizes(size - left, attributes, prng)];
}

/** 0 would never stop halving: the original dies of it. */
function averageBytes(attributes: Attributes<Name>): number {
  return Math.max(1, attributes.average_size);
}
