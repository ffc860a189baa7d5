import { createRaftCheckers } from "../../../checker/raft/raft-checkers.ts";
import { runCheckers } from "../../../checker/run-checkers.ts";
import type { CheckResult } from "../../../checker/verdict.ts";
import type { NodeId } from "../../../src/base/node-id.ts";
import type { TraceEvent, TraceTransition } from "../../../src/base/trace.ts";

export const NODES = ["n1", "n2", "n3"];

/** Hash of a log in tests: its entries' terms and names, readable in the code: "1a 1b 2c". */
export function hashOf(log: string): number {
  let hash = 0;
  for (const entry of log.split(" ")) {
    if (entry === "") continue;
    for (const letter of entry) hash = (hash * 131 + letter.charCodeAt(0)) % 9007199254740;
  }
  return hash;
}

/** A trace of three nodes, told event by event. A log is written as its entries: "1a 1b 2c". */
export class ToldTrace {
  readonly events: TraceEvent[] = [];
  #now = 0;

  /** All nodes start with empty logs, and n1 becomes leader of term 1. */
  static withLeader(): ToldTrace {
    const told = new ToldTrace();
    for (const node of NODES) told.start(node, 0, "");
    return told.elect("n1", 1, ["n1", "n2"]);
  }

  event(node: NodeId, transition: TraceTransition, atNs = (this.#now += 10)): this {
    this.events.push({ timeNs: atNs, node, ...transition });
    return this;
  }

  start(node: NodeId, term: number, log: string, votedFor: NodeId | null = null): this {
    const lastIndex = lengthOf(log);
    const lastHash = hashOf(log);
    return this.event(node, { type: "start", term, votedFor, lastIndex, lastHash, members: NODES });
  }

  elect(node: NodeId, term: number, votes: readonly NodeId[]): this {
    for (const voter of votes) this.event(voter, { type: "role", role: "follower", term });
    for (const voter of votes) this.event(voter, { type: "vote", term, candidate: node });
    return this.event(node, { type: "role", role: "leader", term, votes });
  }

  follow(node: NodeId, term: number): this {
    return this.event(node, { type: "role", role: "follower", term });
  }

  /** The log becomes `log`; its entries from `from` on are new, and durable at once unless told otherwise. */
  append(node: NodeId, term: number, from: number, log: string, durable = true): this {
    const entries = log.split(" ");
    const role = this.#roleOf(node);
    this.event(node, {
      type: "append",
      term,
      role,
      from,
      entries: entries
        .slice(from - 1)
        .map((entry, at) => [Number(entry[0]), hashOf(entries.slice(0, from + at).join(" "))]),
    });
    return durable ? this.durable(node, log) : this;
  }

  durable(node: NodeId, log: string): this {
    return this.event(node, { type: "durable", index: lengthOf(log), hash: hashOf(log) });
  }

  truncate(node: NodeId, term: number, from: number): this {
    return this.event(node, { type: "truncate", term, role: this.#roleOf(node), from });
  }

  /** Commits everything in `log`. */
  commit(node: NodeId, term: number, log: string): this {
    const [index, hash] = [lengthOf(log), hashOf(log)];
    return this.event(node, { type: "commit", term, role: this.#roleOf(node), index, hash });
  }

  /** The lines of one node arrive only now, though they carry their old stamps. */
  late(node: NodeId, sinceLine: number): this {
    const late = this.events.filter((event, at) => at >= sinceLine && event.node === node);
    const others = this.events.filter((event, at) => at < sinceLine || event.node !== node);
    this.events.splice(0, this.events.length, ...others, ...late);
    return this;
  }

  check(): CheckResult[] {
    const records = this.events.map((event) => ({ type: "trace" as const, event }));
    const budget = { nowMs: () => 0, deadlineMs: 1, memoryBytes: 1e9 };
    return runCheckers(createRaftCheckers(NODES), records, budget);
  }

  /** Properties violated, each with its first sentence. */
  violations(): Record<string, string> {
    const invalid = this.check().filter(({ verdict }) => verdict === "invalid");
    return Object.fromEntries(invalid.map(({ checker, summary }) => [checker, summary]));
  }

  #roleOf(node: NodeId): "leader" | "follower" {
    const last = this.events.findLast(
      (event) => event.node === node && (event.type === "role" || event.type === "start"),
    );
    return last?.type === "role" && last.role === "leader" ? "leader" : "follower";
  }
}

function lengthOf(log: string): number {
  return log === "" ? 0 : log.split(" ").length;
}
