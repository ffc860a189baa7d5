import type { CheckerRecord } from "../../checker/checker.ts";
import type { NemesisValue, Op } from "../../checker/history.ts";
import type { NodeId, Role } from "../base/node-id.ts";
import type { TraceEvent } from "../base/trace.ts";
import type { LiveFault, LiveNode } from "./live-state.ts";

interface NodeNow {
  isUp: boolean;
  role: Role | null;
  term: number;
  votedFor: NodeId | null;
  lastIndex: number;
  commitIndex: number;
  seenNs: number | null;
}

interface FaultNow {
  readonly value: NemesisValue;
  readonly sinceNs: number;
}

/** What the records of a run say about its cluster at this moment: every node, and every fault in force. */
export class ClusterNow {
  readonly #nodes: Map<NodeId, NodeNow>;
  readonly #faults = new Map<string, FaultNow>();

  constructor(nodes: readonly NodeId[]) {
    this.#nodes = new Map(nodes.map((node) => [node, unseen()]));
  }

  observe(record: CheckerRecord): void {
    if (record.type === "trace") this.#observeTrace(record.event);
    else if (record.op.process === "nemesis") this.#observeNemesis(record.op);
  }

  nodes(nowNs: number): LiveNode[] {
    const paused = new Set(
      [...this.#faults.values()].flatMap(({ value }) =>
        value.kind === "pause" ? value.nodes : [],
      ),
    );
    return [...this.#nodes].map(([node, { isUp, seenNs, ...state }]) => ({
      node,
      life: !isUp ? "down" : paused.has(node) ? "paused" : "up",
      ...state,
      silentMs: seenNs === null ? null : Math.max(0, (nowNs - seenNs) / 1e6),
    }));
  }

  /** `forMs` tells how long a fault of the schedule lasts; null where that is not known. */
  faults(nowNs: number, forMs: (id: string) => number | null): LiveFault[] {
    return [...this.#faults.values()].map(({ value, sinceNs }) => {
      const { id, kind, sentence, nodes, links } = value;
      const lengthMs = forMs(id);
      const restMs = lengthMs === null ? null : Math.max(0, lengthMs - (nowNs - sinceNs) / 1e6);
      return { id, kind, sentence, nodes, links, restMs };
    });
  }

  #observeNemesis({ f, timeNs, value }: Op): void {
    const fault = value as NemesisValue;
    if (fault.phase !== "confirmed") return;
    if (f === "inject") this.#faults.set(fault.id, { value: fault, sinceNs: timeNs });
    else this.#faults.delete(fault.id);
  }

  #observeTrace(event: TraceEvent): void {
    const now = this.#nodes.get(event.node);
    if (now === undefined) return;
    now.seenNs = event.timeNs;
    switch (event.type) {
      case "start":
        now.isUp = true;
        now.role = "follower";
        now.term = event.term;
        now.votedFor = event.votedFor;
        now.lastIndex = event.lastIndex;
        now.commitIndex = event.snapshot?.index ?? 0;
        return;
      case "role":
        if (event.term !== now.term) now.votedFor = null;
        now.role = event.role;
        now.term = event.term;
        return;
      case "vote":
        // What is heard on links may come late.
        if (event.term >= now.term) now.votedFor = event.candidate;
        return;
      case "append":
        now.lastIndex = event.from + event.entries.length - 1;
        return;
      case "truncate":
        now.lastIndex = event.from - 1;
        return;
      case "commit":
        now.commitIndex = event.index;
        return;
      case "install":
        now.lastIndex = event.lastIndex;
        now.commitIndex = Math.max(now.commitIndex, event.index);
        return;
      case "exit":
        now.isUp = false;
        now.role = null;
        return;
      case "disk-lost":
        Object.assign(now, unseen(), { seenNs: event.timeNs });
        return;
      case "apply":
      case "configuration":
      case "durable":
      case "led":
      case "log":
      case "read-answer":
      case "read-ticket":
      case "snapshot":
        return;
    }
  }
}

function unseen(): NodeNow {
  return {
    isUp: false,
    role: null,
    term: 0,
    votedFor: null,
    lastIndex: 0,
    commitIndex: 0,
    seenNs: null,
  };
}
