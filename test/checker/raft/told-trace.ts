import { createRaftCheckers } from "../../../checker/raft/raft-checkers.ts";
import { runCheckers } from "../../../checker/run-checkers.ts";
import type { CheckResult } from "../../../checker/verdict.ts";
import type { NodeId } from "../../../src/base/node-id.ts";
import type {
  AppendEvent,
  InstallEvent,
  SnapshotMark,
  StartEvent,
  TraceEvent,
  TraceTransition,
} from "../../../src/base/trace.ts";

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

/** Hash of the state after a log in tests. */
export function stateOf(log: string): number {
  return hashOf(log) + 1;
}

/** What a snapshot of the state after `log` stands for. */
export function markOf(log: string): SnapshotMark {
  const entryTerm = Number(log.split(" ").at(-1)?.[0]);
  return { index: lengthOf(log), entryTerm, hash: hashOf(log), stateHash: stateOf(log) };
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

  start(
    node: NodeId,
    term: number,
    log: string,
    votedFor: NodeId | null = null,
    found: Partial<StartEvent> = {},
  ): this {
    const end = { lastIndex: lengthOf(log), lastHash: hashOf(log) };
    return this.event(node, { type: "start", term, votedFor, ...end, members: NODES, ...found });
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
    this.#append(node, term, from, log);
    return durable ? this.durable(node, log) : this;
  }

  /** As `append`; the last entry holds a configuration, and the node acts on it unless told otherwise. */
  change(
    node: NodeId,
    term: number,
    log: string,
    voters: readonly NodeId[],
    learners: readonly NodeId[] = [],
  ): this {
    const index = lengthOf(log);
    this.#append(node, term, index, log, { configurations: [index] });
    return this.configuration(node, index, voters, learners).durable(node, log);
  }

  configuration(
    node: NodeId,
    index: number,
    voters: readonly NodeId[],
    learners: readonly NodeId[] = [],
  ): this {
    return this.event(node, { type: "configuration", index, voters, learners });
  }

  /** Applies entries `from` to the end of `log`. */
  apply(node: NodeId, from: number, log: string): this {
    const entries = log.split(" ");
    const hashes = entries
      .slice(from - 1)
      .map((_, at) => stateOf(entries.slice(0, from + at).join(" ")));
    return this.event(node, { type: "apply", from, hashes });
  }

  /** Its own state after `log`, durable. */
  snapshot(node: NodeId, log: string, wrong: Partial<SnapshotMark> = {}): this {
    return this.event(node, { type: "snapshot", ...markOf(log), ...wrong });
  }

  /** The leader's state after `log`; the own log ends there unless told otherwise. */
  install(node: NodeId, term: number, log: string, other: Partial<InstallEvent> = {}): this {
    const mark = markOf(log);
    return this.event(node, { type: "install", ...mark, term, lastIndex: mark.index, ...other });
  }

  ticket(node: NodeId, ticket: number, index: number, atNs?: number): this {
    return this.event(node, { type: "read-ticket", ticket, index }, atNs);
  }

  answer(node: NodeId, ticket: number, appliedIndex: number): this {
    return this.event(node, { type: "read-answer", ticket, appliedIndex });
  }

  #append(
    node: NodeId,
    term: number,
    from: number,
    log: string,
    more: Pick<AppendEvent, "configurations"> = {},
  ): this {
    const entries = log.split(" ");
    const role = this.#roleOf(node);
    return this.event(node, {
      type: "append",
      term,
      role,
      from,
      ...more,
      entries: entries
        .slice(from - 1)
        .map((entry, at) => [Number(entry[0]), hashOf(entries.slice(0, from + at).join(" "))]),
    });
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
