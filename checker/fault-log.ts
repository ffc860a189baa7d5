import type { NemesisValue, Op } from "./history.ts";
import { nemesisValueOf } from "./history-file.ts";

/** One fault of the schedule and what became of it. */
export interface FaultRecord {
  readonly id: string;
  readonly kind: string;
  readonly sentence: string;
  readonly nodes: readonly string[];
  readonly links: readonly string[];
  /** When the nemesis was seen to begin; `confirmedNs` when the fault was seen to be there. */
  readonly plannedNs: number;
  readonly confirmedNs?: number;
  readonly healedNs?: number;
  /** Why it could not be injected, or not be healed. */
  readonly failure?: string;
}

type MutableFault = { -readonly [Field in keyof FaultRecord]: FaultRecord[Field] };

/** Follows the nemesis through the history. A fault that is injected again after its heal is a new one. */
export class FaultLog {
  readonly #faults: MutableFault[] = [];
  readonly #latest = new Map<string, MutableFault>();

  get faults(): readonly FaultRecord[] {
    return this.#faults;
  }

  observe(op: Op): void {
    const value = nemesisValueOf(op);
    if (!value) return;
    if (op.f === "inject") this.#inject(op.timeNs, value);
    else if (op.f === "heal") this.#heal(op.timeNs, value);
  }

  #inject(timeNs: number, value: NemesisValue): void {
    const known = this.#latest.get(value.id);
    const fault = known && known.healedNs === undefined ? known : this.#begin(timeNs, value);
    fault.sentence = value.sentence;
    fault.nodes = value.nodes;
    fault.links = value.links;
    if (value.phase === "confirmed") fault.confirmedNs ??= timeNs;
    if (value.phase === "failed") fault.failure = value.reason ?? "no reason given";
  }

  #heal(timeNs: number, value: NemesisValue): void {
    const fault = this.#latest.get(value.id);
    if (!fault) return;
    if (value.phase === "confirmed") fault.healedNs = timeNs;
    if (value.phase === "failed")
      fault.failure = `not healed: ${value.reason ?? "no reason given"}`;
  }

  #begin(timeNs: number, { id, kind, sentence, nodes, links }: NemesisValue): MutableFault {
    const fault: MutableFault = { id, kind, sentence, nodes, links, plannedNs: timeNs };
    this.#faults.push(fault);
    this.#latest.set(id, fault);
    return fault;
  }
}
