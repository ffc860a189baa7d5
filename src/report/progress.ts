import type { CheckerRecord } from "../../checker/checker.ts";
import type { NemesisValue, Op } from "../../checker/history.ts";
import type { NodeId } from "../base/node-id.ts";
import type { TraceEvent } from "../base/trace.ts";
import { LatencyHistogram } from "./latency-histogram.ts";

/** Something worth a line of its own while the run goes on. */
export interface ProgressEvent {
  readonly type: "fault" | "healed" | "leader" | "exit" | "violation" | "note";
  readonly timeNs: number;
  readonly text: string;
}

/** How the run stands. What the harness knows and the records do not tell is in `ProgressContext`. */
export interface ProgressState {
  readonly elapsedMs: number;
  readonly leader: { readonly node: NodeId; readonly term: number } | null;
  readonly ok: number;
  readonly fail: number;
  readonly info: number;
  /** Completions a second, over the last few seconds. */
  readonly rate: number;
  /** Of the successful operations of the last few seconds; null: there were none. */
  readonly p99Ms: number | null;
  readonly activeFaults: readonly string[];
}

const WINDOW_MS = 5000;
const SLOTS = 5;

interface Slot {
  second: number;
  completed: number;
  readonly latency: LatencyHistogram;
}

/** Follows a run for the display, fed with the same records as the checkers. Memory does not grow. */
export class Progress {
  readonly #counts = { ok: 0, fail: 0, info: 0 };
  readonly #slots: Slot[] = Array.from({ length: SLOTS }, () => ({
    second: -1,
    completed: 0,
    latency: new LatencyHistogram(),
  }));
  readonly #pending = new Map<Op["process"], number>();
  readonly #faults = new Map<string, NemesisValue>();
  /** Nodes that hold themselves to be leader, with their terms. */
  readonly #leaders = new Map<NodeId, number>();

  /** Returns what is worth telling at once. */
  observe(record: CheckerRecord): readonly ProgressEvent[] {
    if (record.type === "trace") return this.#observeTrace(record.event);
    if (record.op.process === "nemesis") return this.#observeNemesis(record.op);
    this.#observeClient(record.op);
    return [];
  }

  state(nowNs: number): ProgressState {
    const second = Math.floor(nowNs / 1e9);
    const recent = this.#slots.filter((slot) => slot.second >= 0 && slot.second > second - SLOTS);
    const latency = new LatencyHistogram();
    for (const slot of recent) latency.addAll(slot.latency);
    const completed = recent.reduce((sum, slot) => sum + slot.completed, 0);
    const windowMs = Math.min(Math.max(nowNs / 1e6, 1), WINDOW_MS);
    return {
      elapsedMs: nowNs / 1e6,
      leader: this.#newestLeader(),
      ...this.#counts,
      rate: (completed * 1000) / windowMs,
      p99Ms: latency.summary()?.p99Ms ?? null,
      activeFaults: [...this.#faults.values()].map((fault) => fault.sentence),
    };
  }

  #observeClient(op: Op): void {
    if (op.type === "invoke") {
      this.#pending.set(op.process, op.timeNs);
      return;
    }
    this.#counts[op.type]++;
    const slot = this.#slot(op.timeNs);
    slot.completed++;
    const invokedNs = this.#pending.get(op.process);
    this.#pending.delete(op.process);
    if (op.type === "ok" && invokedNs !== undefined)
      slot.latency.add((op.timeNs - invokedNs) / 1e6);
  }

  #slot(timeNs: number): Slot {
    const second = Math.max(0, Math.floor(timeNs / 1e9));
    const slot = this.#slots[second % SLOTS]!;
    if (slot.second !== second) {
      slot.second = second;
      slot.completed = 0;
      slot.latency.clear();
    }
    return slot;
  }

  #observeNemesis({ f, timeNs, value }: Op): readonly ProgressEvent[] {
    const fault = value as NemesisValue;
    if (fault.phase === "failed")
      return [{ type: "note", timeNs, text: `${fault.sentence} — failed: ${fault.reason}` }];
    if (fault.phase !== "confirmed") return [];
    if (f === "inject") {
      this.#faults.set(fault.id, fault);
      return [{ type: "fault", timeNs, text: fault.sentence }];
    }
    // No fault: a phase of the run, of which its beginning is worth a line.
    if (f === "liveness") {
      const text = `from now on ${fault.sentence}: a majority must elect and serve`;
      return fault.id === "begin" ? [{ type: "note", timeNs, text }] : [];
    }
    this.#faults.delete(fault.id);
    return [{ type: "healed", timeNs, text: fault.sentence }];
  }

  #observeTrace(event: TraceEvent): readonly ProgressEvent[] {
    const { timeNs, node } = event;
    if (event.type === "role" && event.role === "leader") {
      this.#leaders.set(node, event.term);
      return [{ type: "leader", timeNs, text: `${node} is leader of term ${event.term}` }];
    }
    if (event.type === "role" || event.type === "exit") this.#leaders.delete(node);
    if (event.type === "exit" && !event.expected)
      return [{ type: "exit", timeNs, text: `${node} ended by itself (${exitCause(event)})` }];
    return [];
  }

  #newestLeader(): ProgressState["leader"] {
    let newest: ProgressState["leader"] = null;
    for (const [node, term] of this.#leaders)
      if (newest === null || term > newest.term) newest = { node, term };
    return newest;
  }
}

function exitCause({ code, signal }: { code: number | null; signal: string | null }): string {
  return signal === null ? `exit code ${code}` : `signal ${signal}`;
}
