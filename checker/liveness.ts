import { linkName, type NodeId } from "../src/base/node-id.ts";
import type { RoleEvent, TraceEvent } from "../src/base/trace.ts";
import { AnomalyLog } from "./anomaly-log.ts";
import type { Checker } from "./checker.ts";
import type { NemesisValue, Op } from "./history.ts";
import { nemesisValueOf } from "./history-file.ts";
import { lineOf, list } from "./raft/evidence.ts";
import type { CheckResult, Evidence } from "./verdict.ts";

/** What was last applied at a node, in its present life. */
interface Applied {
  readonly index: number;
  readonly stateHash: number;
}

type RoleLine = TraceEvent & RoleEvent;

/**
 * A majority in which everyone reaches everyone elects and serves, whatever became of the rest. Judged is the
 * phase at the end of a run in which nothing changes any more, as the history tells of it: served in time, no new
 * term while it is watched, and all whom the leader reaches even with it.
 */
export function createLiveness(nodes: readonly NodeId[]): Checker {
  const anomalies = new AnomalyLog("liveness");
  const applied = new Map<NodeId, Applied>();
  let leader: RoleLine | undefined;
  /** Who asked for another term while nothing should change. */
  const restless: RoleLine[] = [];
  /** "begin", "watch", "serve", "settle", "end": what the run last said about the phase. */
  let step: string | undefined;
  /** What the leader had applied when all was served: a late client's write may still be on its way at the end. */
  let due: Applied | undefined;
  let mayElect = true;

  function observePhase(op: Op, value: NemesisValue): void {
    const evidence: Evidence[] = [
      { timeNs: op.timeNs, who: "the run", text: `${value.sentence}; ${value.id}`, record: op },
    ];
    step = value.id;
    // Whoever led on keeps the lead: nobody who hears it helps another one.
    if (step === "begin") mayElect = leader === undefined || value.nodes.includes(leader.node);
    if (step === "serve") judgeTerms(op, value, evidence);
    if (step === "settle") due = applied.get(leader?.node ?? "");
    if (step !== "end") return;
    if (value.phase === "failed") {
      report("not served", op, value, `was not served: ${value.reason ?? ""}`, evidence);
    } else judgeProgress(op, value, evidence);
  }

  function judgeTerms(op: Op, value: NemesisValue, evidence: readonly Evidence[]): void {
    const [first] = restless;
    if (first === undefined) return;
    const terms = [...new Set(restless.map(({ term }) => term))];
    const symptom =
      `did not come to rest: ${list([...new Set(restless.map(({ node }) => node))])} asked to lead, up to ` +
      `term ${terms.at(-1)}, where nothing had changed`;
    const lines = restless.slice(0, 6).map((line) => lineOf(line, `${line.role} of ${line.term}`));
    report("restless", op, value, symptom, [...evidence, ...lines]);
  }

  function judgeProgress(op: Op, value: NemesisValue, evidence: readonly Evidence[]): void {
    const { node: source = "" } = leader ?? {};
    // Histories of older versions don't tell when all was served.
    const wanted = due ?? applied.get(source);
    if (leader === undefined || wanted === undefined) return;
    const reached = nodes.filter(
      (target) =>
        target !== source &&
        applied.has(target) &&
        !value.links.includes(linkName({ source, target })),
    );
    for (const node of reached) {
      const is = applied.get(node);
      if (is === undefined || is.index > wanted.index) continue;
      if (is.index === wanted.index && is.stateHash === wanted.stateHash) continue;
      const symptom =
        is.index === wanted.index
          ? `did not get even: at entry ${is.index} the state of ${node} is not that of the leader ${source}`
          : `did not get even: ${node} has applied up to entry ${is.index}, the leader ${source}, which reaches it, ` +
            `up to ${wanted.index}`;
      report(`behind ${node}`, op, value, symptom, [...evidence, lineOf(leader, "the leader")]);
    }
  }

  function report(
    kind: string,
    { timeNs }: Op,
    { sentence, nodes: rest }: NemesisValue,
    symptom: string,
    evidence: readonly Evidence[],
  ): void {
    const whom = list(nodes.filter((node) => !rest.includes(node)));
    anomalies.report({ kind, nodes: [...rest] }, () => ({
      sentence: `while ${sentence}, the majority of ${whom} ${symptom}`,
      timeNs,
      evidence: [...evidence],
    }));
  }

  function observeTrace(event: TraceEvent): void {
    const { node } = event;
    if (event.type === "start") applied.set(node, event.snapshot ?? { index: 0, stateHash: 0 });
    else if (event.type === "install") applied.set(node, event);
    else if (event.type === "exit") applied.delete(node);
    else if (event.type === "apply") {
      const index = event.from + event.hashes.length - 1;
      applied.set(node, { index, stateHash: event.hashes.at(-1) ?? 0 });
    } else if (event.type === "role") {
      if (event.role === "leader" && event.term >= (leader?.term ?? 0)) leader = event;
      if (event.role !== "follower" && mustRest()) restless.push(event);
    }
  }

  function mustRest(): boolean {
    return step === "watch" || (step === "begin" && !mayElect);
  }

  function finish(): CheckResult {
    const found = anomalies.sorted();
    const summary =
      step === "end"
        ? "a majority was served, came to rest and got even while the rest was out of it for good"
        : "not asked in this run";
    return {
      checker: "liveness",
      verdict: found.length > 0 ? "invalid" : "valid",
      summary: found[0]?.sentence ?? summary,
      anomalies: found,
      measures: { judged: step === "end" },
    };
  }

  return {
    id: "liveness",
    reads: ["op", "start", "install", "exit", "apply", "role"],
    get found() {
      return anomalies.found;
    },
    observe(record) {
      if (record.type === "trace") return observeTrace(record.event);
      const value = record.op.f === "liveness" ? nemesisValueOf(record.op) : undefined;
      if (value !== undefined) observePhase(record.op, value);
    },
    finish,
  };
}
