import type { Op } from "../../checker/history.ts";
import { type Binned, type BinScale, joinPairs } from "./bin-scale.ts";
import type { TimelineData } from "./timeline-data.ts";

/** From what matters least to what matters most: where a bin holds several, the last of them is shown. */
const BY_WEIGHT = [" ", "o", "f", "i"];
const OUTCOMES = { ok: "o", fail: "f", info: "i" } as const;

/** Hundreds of lanes are none that could be read: the picture has so many, and the report says how many clients have none. */
const LANES_MAX = 30;

/**
 * What became of each client's operations over time. A process that got no answer goes on under another number; as there are
 * never more at work than clients, whoever is new takes the place of one that has ended.
 */
export class ClientLanes implements Binned {
  readonly #scale: BinScale;
  #lanes: string[][] = [];
  /** Clients that have no lane here. */
  #omitted = 0;
  readonly #processes = new Map<Op["process"], { readonly lane: number; calledNs: number }>();
  readonly #free: number[] = [];

  constructor(scale: BinScale) {
    this.#scale = scale;
    scale.add(this);
  }

  observe({ process, type, timeNs }: Op): void {
    const known = this.#processes.get(process);
    if (type === "invoke") {
      if (known === undefined) {
        this.#processes.set(process, { lane: this.#takeLane(), calledNs: timeNs });
      } else known.calledNs = timeNs;
      return;
    }
    if (known === undefined) return;
    const { lane, calledNs } = known;
    this.#mark(lane, { fromNs: calledNs, toNs: timeNs }, OUTCOMES[type]);
    if (type !== "info") return;
    this.#processes.delete(process);
    this.#free.push(lane);
  }

  halve(): void {
    this.#lanes = this.#lanes.map((bins) => joinPairs(bins, heavier));
  }

  snapshot(): Pick<TimelineData, "clients" | "omittedClients"> {
    const clients = this.#lanes.map((bins) => bins.join(""));
    return { clients, omittedClients: this.#omitted };
  }

  /** The lowest that is free: lanes stay as many as there are clients at work. */
  #takeLane(): number {
    const free = this.#free.toSorted((a, b) => a - b)[0];
    if (free !== undefined) {
      this.#free.splice(this.#free.indexOf(free), 1);
      return free;
    }
    const lane = this.#processes.size;
    if (lane < LANES_MAX) this.#lanes.push([]);
    else this.#omitted++;
    return lane;
  }

  #mark(
    lane: number,
    { fromNs, toNs }: { readonly fromNs: number; readonly toNs: number },
    outcome: string,
  ): void {
    const bins = this.#lanes[lane];
    if (bins === undefined) return;
    const last = this.#scale.indexOf(toNs);
    while (bins.length <= last) bins.push(" ");
    for (let bin = this.#scale.indexOf(fromNs); bin <= last; bin++) {
      bins[bin] = heavier(bins[bin]!, outcome);
    }
  }
}

function heavier(one: string, other: string): string {
  return BY_WEIGHT.indexOf(one) >= BY_WEIGHT.indexOf(other) ? one : other;
}
