import { at } from "../base/assert.ts";
import type { NodeId } from "../base/node-id.ts";
import type { NodeConcern } from "./chance.ts";
import type { Deviation, MessagePattern } from "./deviation.ts";
import { NEVER, type Fates } from "./fates.ts";
import { benignDraw } from "./benign.ts";
import { nameOf, type Message } from "./message.ts";
import type { SimOptions } from "./options.ts";

export interface RecordingFatesOptions {
  readonly nodes: readonly NodeId[];
  readonly sim: SimOptions;
  readonly onDeviation: (deviation: Deviation) => void;
}

/** Decides as another does, and tells of every decision that is not the benign world's. */
export class RecordingFates implements Fates {
  readonly #inner: Fates;
  readonly #options: RecordingFatesOptions;
  readonly #counts = new Map<string, number>();
  readonly #doubleCounts = new Map<string, number>();

  constructor(inner: Fates, options: RecordingFatesOptions) {
    this.#inner = inner;
    this.#options = options;
  }

  draw(concern: NodeConcern, node: number, b = 0, c = 0, d = 0): number {
    const { nodes, sim, onDeviation } = this.#options;
    const value = this.#inner.draw(concern, node, b, c, d);
    const isBenign =
      value === benignDraw(concern, node, nodes.length) || isWithoutEffect(concern, value, sim);
    if (!isBenign) {
      onDeviation({ type: "chance", of: concern, node: at(nodes, node), key: [b, c, d], value });
    }
    return value;
  }

  delayNs(message: Message): number {
    const ns = this.#inner.delayNs(message);
    const pattern = exactPattern(message, this.#counts);
    if (ns === NEVER) this.#options.onDeviation({ type: "drop", message: pattern });
    else if (ns !== 0) {
      this.#options.onDeviation({ type: "delay", message: pattern, byMs: ns / 1e6 });
    }
    return ns;
  }

  calm(): void {
    this.#inner.calm();
  }

  isDoubled(message: Message): boolean {
    const isDoubled = this.#inner.isDoubled(message);
    const pattern = exactPattern(message, this.#doubleCounts);
    if (isDoubled) this.#options.onDeviation({ type: "duplicate", message: pattern });
    return isDoubled;
  }
}

function exactPattern(message: Message, counts: Map<string, number>): MessagePattern {
  const { source: from, target: to, kind, term, index } = message;
  const name = nameOf(message);
  const occurrence = (counts.get(name) ?? 0) + 1;
  counts.set(name, occurrence);
  return { from, to, kind, term, index, occurrence };
}

/** A draw that led to the same as the benign one is no deviation. */
function isWithoutEffect(
  concern: NodeConcern,
  value: number,
  { disk, clock }: SimOptions,
): boolean {
  if (concern === "stall") return value >= disk.stallProbability;
  if (concern === "sync failure") return value >= disk.syncFailProbability;
  if (concern === "power failure") return value >= disk.powerFailProbability;
  if (concern === "full disk") return value >= disk.fullProbability;
  if (concern === "order") return value >= 0.5;
  return concern === "clock" && clock.driftMax === 0;
}
