import type { Op } from "../../checker/history.ts";
import { type Binned, type BinScale, joinPairs } from "./bin-scale.ts";
import type { ClientLane } from "./timeline-data.ts";

/** From what matters least to what matters most: where a bin holds several, the last of them is shown. */
const BY_WEIGHT = [" ", "o", "f", "i"];
const OUTCOMES = { ok: "o", fail: "f", info: "i" } as const;

/** More are not told apart: a run with hundreds of clients has a lane for none of them that could be read. */
const LANES_MAX = 30;

/**
 * What became of each client's operations over time. A process that got no answer goes on under another number; as there are
 * never more at work than clients, whoever is new takes the place of one that has ended.
 */
export class ClientLanes implements Binned {
  readonly #scale: BinScale;
  #lanes: string[][] = [];
  readonly #laneOf = new Map<Op["process"], number>();
  readonly #free: number[] = [];
  readonly #calledNs = new Map<Op["process"], number>();

  constructor(scale: BinScale) {
    this.#scale = scale;
    scale.add(this);
  }

  observe(op: Op): void {
    if (op.type === "invoke") {
      this.#calledNs.set(op.process, op.timeNs);
      if (!this.#laneOf.has(op.process)) this.#laneOf.set(op.process, this.#takeLane());
      return;
    }
    const calledNs = this.#calledNs.get(op.process) ?? op.timeNs;
    const lane = this.#laneOf.get(op.process);
    this.#calledNs.delete(op.process);
    if (lane === undefined) return;
    if (lane < LANES_MAX)
      this.#mark(lane, { fromNs: calledNs, toNs: op.timeNs }, OUTCOMES[op.type]);
    if (op.type !== "info") return;
    this.#laneOf.delete(op.process);
    this.#free.push(lane);
  }

  halve(): void {
    this.#lanes = this.#lanes.map((bins) => joinPairs(filled(bins), heavier));
  }

  snapshot(): readonly ClientLane[] {
    return this.#lanes.map((bins) => filled(bins).join(""));
  }

  #takeLane(): number {
    const free = this.#free.toSorted((a, b) => a - b)[0];
    if (free === undefined) return this.#laneOf.size;
    this.#free.splice(this.#free.indexOf(free), 1);
    return free;
  }

  #mark(
    lane: number,
    { fromNs, toNs }: { readonly fromNs: number; readonly toNs: number },
    outcome: string,
  ): void {
    while (this.#lanes.length <= lane) this.#lanes.push([]);
    const bins = this.#lanes[lane]!;
    for (let bin = this.#scale.indexOf(fromNs); bin <= this.#scale.indexOf(toNs); bin++) {
      bins[bin] = heavier(bins[bin] ?? " ", outcome);
    }
  }
}

function heavier(one: string, other: string): string {
  return BY_WEIGHT.indexOf(one) >= BY_WEIGHT.indexOf(other) ? one : other;
}

/** An array without holes, so that neighbours can be joined. */
function filled(bins: readonly (string | undefined)[]): string[] {
  return Array.from(bins, (bin) => bin ?? " ");
}
