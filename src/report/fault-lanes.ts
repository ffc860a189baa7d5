import type { NemesisValue, Op } from "../../checker/history.ts";
import type { FaultInterval, FaultKindStats, TimelineData } from "./timeline-data.ts";

type Open<T> = { -readonly [K in keyof T]: T[K] };

const INTERVALS_MAX = 2000;

/** Faults as intervals, from what the nemesis wrote into the history, and what went on under each kind. */
export class FaultLanes {
  readonly #faults: Open<FaultInterval>[] = [];
  /** By schedule id: an entry that repeats opens a new interval each time. */
  readonly #open = new Map<string, Open<FaultInterval>>();
  #okUnderFaults = 0;
  readonly #kinds = new Map<string, Open<FaultKindStats>>();

  observe(op: Op): void {
    const value = nemesisValue(op.value);
    if (!value) return;
    if (op.f === "inject") this.#inject(op.timeNs, value);
    else if (op.f === "heal") this.#heal(op.timeNs, value);
  }

  countOperation(outcome: "ok" | "fail" | "info"): void {
    const active = new Set([...this.#open.values()].map((fault) => fault.kind));
    if (active.size > 0 && outcome === "ok") this.#okUnderFaults++;
    for (const kind of active) this.#kind(kind)[`${outcome}During`]++;
  }

  snapshot(): Pick<TimelineData, "faults" | "faultKinds" | "okUnderFaults"> {
    return {
      faults: this.#faults.map((fault) => ({ ...fault })),
      okUnderFaults: this.#okUnderFaults,
      faultKinds: [...this.#kinds.values()].map((kind) => ({ ...kind })),
    };
  }

  #inject(timeNs: number, value: NemesisValue): void {
    const fault = this.#open.get(value.id) ?? this.#begin(timeNs, value);
    // A role is resolved at the last moment, so the later record knows better whom it hit.
    Object.assign(fault, { sentence: value.sentence, nodes: value.nodes, links: value.links });
    if (value.phase === "confirmed") {
      fault.confirmedNs = timeNs;
      this.#kind(value.kind).confirmed++;
    } else if (value.phase === "failed") {
      fault.failure = value.reason ?? "no reason given";
      this.#kind(value.kind).failed++;
    }
  }

  #begin(timeNs: number, value: NemesisValue): Open<FaultInterval> {
    const { id, kind, sentence, nodes, links } = value;
    const fault: Open<FaultInterval> = {
      id,
      kind,
      sentence,
      nodes,
      links,
      fromNs: timeNs,
      toNs: null,
      confirmedNs: null,
      failure: null,
    };
    this.#kind(kind).injected++;
    this.#open.set(id, fault);
    if (this.#faults.length < INTERVALS_MAX) this.#faults.push(fault);
    return fault;
  }

  #heal(timeNs: number, value: NemesisValue): void {
    const fault = this.#open.get(value.id);
    if (!fault) return;
    if (value.phase === "confirmed") {
      fault.toNs = timeNs;
      this.#open.delete(value.id);
      this.#kind(value.kind).healed++;
    } else if (value.phase === "failed") fault.failure = value.reason ?? "the heal failed";
  }

  #kind(kind: string): Open<FaultKindStats> {
    const known = this.#kinds.get(kind);
    if (known) return known;
    const stats = {
      kind,
      injected: 0,
      confirmed: 0,
      failed: 0,
      healed: 0,
      okDuring: 0,
      failDuring: 0,
      infoDuring: 0,
    };
    this.#kinds.set(kind, stats);
    return stats;
  }
}

/** A history may come from elsewhere: what is not the nemesis' own value is no fault. */
function nemesisValue(value: unknown): NemesisValue | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { id, kind, sentence, nodes, links, phase } = value as Partial<NemesisValue>;
  const isFault =
    typeof id === "string" &&
    typeof kind === "string" &&
    typeof sentence === "string" &&
    Array.isArray(nodes) &&
    Array.isArray(links) &&
    typeof phase === "string";
  return isFault ? (value as NemesisValue) : undefined;
}
