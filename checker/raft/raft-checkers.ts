import type { NodeId } from "../../src/base/node-id.ts";
import type { TraceEvent } from "../../src/base/trace.ts";
import type { Checker, CheckerRecord, Observer, RecordKind } from "../checker.ts";
import type { CheckResult } from "../verdict.ts";
import { Cluster, type Readers } from "./cluster.ts";
import { TRACE_TYPES } from "../trace-file.ts";
import { commitRule } from "./commit-rule.ts";
import { configuration } from "./configuration.ts";
import { durability } from "./durability.ts";
import { electionSafety } from "./election-safety.ts";
import { exactlyOnce } from "./exactly-once.ts";
import { leaderAppendOnly } from "./leader-append-only.ts";
import { leaderCompleteness } from "./leader-completeness.ts";
import { leaderQuorum } from "./leader-quorum.ts";
import { logMatching } from "./log-matching.ts";
import { monotonicState } from "./monotonic-state.ts";
import type { RaftRule } from "./raft-rule.ts";
import { readIndex } from "./read-index.ts";
import { stateMachineSafety } from "./state-machine-safety.ts";
import { voteOnce } from "./vote-once.ts";

/** One checker for each property of Raft, over one shared model of the cluster. */
export function createRaftCheckers(
  nodes: readonly NodeId[],
  judgedBy: "trace" | "state" = "trace",
): Checker[] {
  const cluster = new Cluster(nodes);
  const model = new Model(cluster);
  const rules = judgedBy === "state" ? electionRules(cluster) : allRules(cluster);
  for (const rule of rules) cluster.add(rule);
  return rules.map((rule) => new RaftChecker(rule, model));
}

/** What follows from looks at nodes' states: each is true, though not everything was seen. */
function electionRules(cluster: Cluster): RaftRule[] {
  return [
    electionSafety(),
    voteOnce(cluster),
    leaderQuorum(cluster, { isEveryVoteSeen: false }),
    monotonicState(cluster),
  ];
}

function allRules(cluster: Cluster): RaftRule[] {
  return [
    electionSafety(),
    voteOnce(cluster),
    leaderQuorum(cluster),
    leaderAppendOnly(),
    logMatching(cluster),
    leaderCompleteness(cluster),
    stateMachineSafety(cluster),
    commitRule(cluster),
    durability(cluster),
    monotonicState(cluster),
    exactlyOnce(),
    configuration(),
    readIndex(cluster),
  ];
}

/** The cluster as the nodes' traces tell it. */
class Model implements Observer {
  /** A node is gone or says something: that is no transition. */
  readonly reads = TRACE_TYPES.filter((type) => type !== "exit" && type !== "log");
  readonly cluster: Cluster;

  constructor(cluster: Cluster) {
    this.cluster = cluster;
  }

  observe(record: CheckerRecord): void {
    if (record.type === "trace") this.cluster.observe(record.event);
  }

  observerOf(kind: RecordKind): Pick<Observer, "observe"> {
    return kind === "op" ? this : new LinesOfOneType(this.cluster, kind);
  }
}

class LinesOfOneType {
  readonly #cluster: Cluster;
  readonly #readers: Readers;

  constructor(cluster: Cluster, type: TraceEvent["type"]) {
    this.#cluster = cluster;
    this.#readers = cluster.readersOf(type);
  }

  observe(record: CheckerRecord): void {
    if (record.type === "trace") this.#cluster.tell(record.event, this.#readers);
  }
}

class RaftChecker implements Checker {
  readonly id: string;
  readonly model: Model;
  readonly #rule: RaftRule;

  constructor(rule: RaftRule, model: Model) {
    this.id = rule.anomalies.property;
    this.#rule = rule;
    this.model = model;
  }

  get found(): CheckResult["anomalies"] {
    return this.#rule.anomalies.found;
  }

  observe(record: CheckerRecord): void {
    this.model.observe(record);
  }

  finish(): CheckResult {
    const anomalies = this.#rule.anomalies.sorted();
    const { cluster } = this.model;
    const { eventCount, strayCount } = cluster;
    const defect = cluster.defectOf(this.#rule);
    const base = { checker: this.id, anomalies, measures: { transitions: eventCount } };
    if (anomalies.length > 0) {
      return { ...base, verdict: "invalid", summary: anomalies[0]!.sentence };
    }
    const reason = defect
      ? `the checker itself failed: ${defect}`
      : strayCount > 0
        ? `${strayCount} lines of the trace come before the start of their node`
        : eventCount === 0
          ? "no node wrote a trace or said what it is, so nothing can be said about this property"
          : undefined;
    if (reason) return { ...base, verdict: "unknown", summary: reason };
    return { ...base, verdict: "valid", summary: this.#rule.summary() };
  }
}
