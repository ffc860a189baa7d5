import type { CheckerRecord } from "../../checker/checker.ts";
import type { NemesisValue, Op } from "../../checker/history.ts";
import type { TraceEvent } from "../base/trace.ts";

/** One event of the Trace Event format, which Perfetto and chrome://tracing read; times in microseconds. */
interface TimelineEvent {
  readonly ph: "X" | "i" | "C" | "M";
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts?: number;
  readonly dur?: number;
  readonly s?: "t";
  readonly args?: object;
}

/** The groups of lanes, in the order in which they are shown. */
const GROUPS = { faults: 1, nodes: 2, clients: 3 } as const;
type Group = keyof typeof GROUPS;

interface Open {
  readonly name: string;
  readonly fromNs: number;
  readonly args: object;
}

/**
 * A run as a timeline for Perfetto: a lane for each kind of fault, for each node (its roles, with votes,
 * truncations and snapshots as marks and its commit index as a counter) and for each client. Fed with records in the
 * order of time; events come out as they are complete.
 */
export class PerfettoTimeline {
  readonly #lanes = new Map<string, number>();
  readonly #open = new Map<string, Open>();
  #out: TimelineEvent[] = [];
  #lastNs = 0;

  constructor() {
    for (const group of Object.keys(GROUPS) as Group[])
      this.#out.push(naming("process_name", GROUPS[group], 0, group));
  }

  observe(record: CheckerRecord): void {
    if (record.type === "trace") this.#observeTrace(record.event);
    else if (record.op.process === "nemesis") this.#observeNemesis(record.op);
    else this.#observeClient(record.op);
  }

  /** What still goes on is drawn to the end of the run. */
  finish(): void {
    for (const key of this.#open.keys()) {
      const [group, lane = ""] = key.split("\u0000");
      this.#close(group as Group, lane, key, this.#lastNs);
    }
  }

  /** The events since the last call. */
  take(): readonly object[] {
    const taken = this.#out;
    this.#out = [];
    return taken;
  }

  #observeClient({ process, type, f, value, error, timeNs }: Op): void {
    this.#lastNs = timeNs;
    const lane = `client ${process}`;
    const key = `clients\u0000${lane}`;
    if (type === "invoke") {
      this.#open.set(key, { name: f, fromNs: timeNs, args: { asked: value } });
      return;
    }
    const open = this.#open.get(key);
    if (open === undefined) return;
    const args = { ...open.args, type, value, ...(error === undefined ? {} : { error }) };
    this.#open.set(key, { ...open, name: `${f} ${type}`, args });
    this.#close("clients", lane, key, timeNs);
  }

  #observeNemesis({ f, value, timeNs }: Op): void {
    this.#lastNs = timeNs;
    const { id, kind, sentence, nodes, links, phase } = value as NemesisValue;
    const isStep = f === "liveness";
    if (phase !== "confirmed" && !isStep) return;
    // Of the watch at the end of a run one step takes the place of another; a fault is there beside others.
    const key = `faults\u0000${kind}\u0000${isStep ? "" : id}`;
    if (isStep || f === "heal") this.#close("faults", kind, key, timeNs);
    if (f === "heal" || (isStep && id === "end")) return;
    const name = isStep ? `${id}: ${sentence}` : sentence;
    this.#open.set(key, { name, fromNs: timeNs, args: { id, nodes, links } });
  }

  #observeTrace(event: TraceEvent): void {
    const { node, timeNs } = event;
    this.#lastNs = Math.max(this.#lastNs, timeNs);
    const key = `nodes\u0000${node}`;
    switch (event.type) {
      case "start":
      case "role": {
        this.#close("nodes", node, key, timeNs);
        const role = event.type === "role" ? event.role : "follower";
        const args = { term: event.term };
        this.#open.set(key, { name: `${role} t${event.term}`, fromNs: timeNs, args });
        return;
      }
      case "exit":
        return this.#close("nodes", node, key, timeNs);
      case "commit":
        this.#out.push({
          ph: "C",
          name: `commit index of ${node}`,
          pid: GROUPS.nodes,
          tid: this.#lane("nodes", node),
          ts: timeNs / 1e3,
          args: { index: event.index },
        });
        return;
      case "vote":
      case "led":
      case "truncate":
      case "snapshot":
      case "install":
      case "configuration":
      case "disk-lost":
      case "log":
        return this.#mark(node, event);
      case "append":
      case "apply":
      case "durable":
      case "read-answer":
      case "read-ticket":
        return;
    }
  }

  #mark(node: string, { type, timeNs, ...args }: TraceEvent): void {
    const tid = this.#lane("nodes", node);
    const ts = timeNs / 1e3;
    this.#out.push({ ph: "i", s: "t", name: type, pid: GROUPS.nodes, tid, ts, args });
  }

  #close(group: Group, lane: string, key: string, toNs: number): void {
    const open = this.#open.get(key);
    if (open === undefined) return;
    this.#open.delete(key);
    const { name, fromNs, args } = open;
    this.#out.push({
      ph: "X",
      name,
      pid: GROUPS[group],
      tid: this.#lane(group, lane),
      ts: fromNs / 1e3,
      dur: Math.max(0, toNs - fromNs) / 1e3,
      args,
    });
  }

  #lane(group: Group, name: string): number {
    const key = `${group}\u0000${name}`;
    const known = this.#lanes.get(key);
    if (known !== undefined) return known;
    const tid = this.#lanes.size + 1;
    this.#lanes.set(key, tid);
    this.#out.push(naming("thread_name", GROUPS[group], tid, name));
    return tid;
  }
}

function naming(what: string, pid: number, tid: number, name: string): TimelineEvent {
  return { ph: "M", name: what, pid, tid, args: { name } };
}
