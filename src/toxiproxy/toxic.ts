import type { Prng } from "../base/prng.ts";
import type { Attributes, ToxicType } from "./toxic-type.ts";

/** `upstream`: the client's bytes on their way to the server; `downstream`: the server's to the client. */
export type StreamName = "upstream" | "downstream";

export interface ToxicInput {
  readonly name: string;
  readonly typeName: string;
  readonly type: ToxicType;
  readonly stream: StreamName;
  readonly toxicity: number;
  readonly attributes: Attributes;
}

/** What an update replaces. */
export type ToxicChange = Pick<ToxicInput, "toxicity" | "attributes">;

/** A connection's lot: it is affected while `share` is below the toxicity. */
export interface Lot {
  readonly share: number;
  readonly prng: Prng;
}

/** One toxic of one proxy, as it is set now. */
export class Toxic {
  readonly name: string;
  readonly typeName: string;
  readonly type: ToxicType;
  readonly stream: StreamName;
  readonly #prng: Prng;
  #toxicity: number;
  #attributes: Attributes;
  #lotCount = 0;

  constructor(prng: Prng, { name, typeName, type, stream, toxicity, attributes }: ToxicInput) {
    this.name = name;
    this.typeName = typeName;
    this.type = type;
    this.stream = stream;
    this.#prng = prng;
    this.#toxicity = toxicity;
    this.#attributes = attributes;
  }

  get toxicity(): number {
    return this.#toxicity;
  }

  get attributes(): Attributes {
    return this.#attributes;
  }

  set({ toxicity, attributes }: ToxicChange): void {
    this.#toxicity = toxicity;
    this.#attributes = attributes;
  }

  /** Drawn once for each connection, so that a neighbour's coming and going never flips it. */
  draw(): Lot {
    const prng = this.#prng.fork(`connection-${this.#lotCount++}`);
    return { share: prng.fork("toxicity").next(), prng };
  }

  toJSON(): object {
    return {
      attributes: this.#attributes,
      name: this.name,
      type: this.typeName,
      stream: this.stream,
      toxicity: this.#toxicity,
    };
  }
}
