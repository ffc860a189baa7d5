import { formatDurationMs, formatMomentNs } from "../src/base/duration.ts";
import type { NodeId } from "../src/base/node-id.ts";
import type { RoleEvent, TraceEvent } from "../src/base/trace.ts";
import { AnomalyLog } from "./anomaly-log.ts";
import type { Checker } from "./checker.ts";
import { FaultLog } from "./fault-log.ts";
import type { Op } from "./history.ts";
import { lineOf } from "./raft/evidence.ts";
import type { CheckResult } from "./verdict.ts";

/** Four rounds and more of the slowest timers that programs of the contract rafting have. */
const QUIET_NS = 25e9;

type RoleLine = TraceEvent & RoleEvent;

/**
 * For programs that do nothing but elect: once all faults are healed somebody leads again. Judged by those who
 * asked who leads until the end of the run; there is no leader where no node that answers says that it is one.
 */
export function createLeaderReturns(): Checker {
  const anomalies = new AnomalyLog("leader-returns");
  const faults = new FaultLog();
  /** What was last seen of each node. */
  const seen = new Map<NodeId, RoleLine>();
  /** The answers since the last that named a leader, or named two. */
  let first: Op | undefined;
  let last: Op | undefined;

  function observeAnswer(op: Op): void {
    const isLeaderless = op.type === "fail" && op.error === "no-leader";
    if (!isLeaderless) first = last = undefined;
    else {
      first ??= op;
      last = op;
    }
  }

  function judge(): void {
    const healedNs = healedSince(faults);
    if (first === undefined || last === undefined || healedNs === undefined) return;
    const sinceNs = Math.max(healedNs, first.timeNs);
    const quietNs = last.timeNs - sinceNs;
    if (quietNs < QUIET_NS) return;
    const nodes = [...seen.values()];
    const sights = nodes.map(({ node, role, term }) => `${node} ${role} of term ${term}`);
    const [beginning, end] = [first, last];
    anomalies.report({ kind: "no leader", nodes: nodes.map(({ node }) => node) }, () => ({
      sentence:
        `no leader: all was healed at ${formatMomentNs(healedNs)}, and for ${formatDurationMs(quietNs / 1e6)} until the ` +
        `end nobody led; last seen: ${sights.join(", ")}`,
      timeNs: sinceNs + QUIET_NS,
      evidence: [
        ...nodes.map((line) =>
          lineOf(line, `${line.role} of term ${line.term}, and nothing else since`),
        ),
        ...[beginning, end].map((op) => ({
          timeNs: op.timeNs,
          who: `process ${op.process}`,
          text: "asks who leads: nobody",
          record: op,
        })),
      ],
    }));
  }

  function finish(): CheckResult {
    judge();
    const found = anomalies.sorted();
    return {
      checker: "leader-returns",
      verdict: found.length > 0 ? "invalid" : "valid",
      summary: found[0]?.sentence ?? "nobody was without a leader for long after the last heal",
      anomalies: found,
    };
  }

  return {
    id: "leader-returns",
    get found() {
      return anomalies.found;
    },
    observe(record) {
      if (record.type === "op") {
        faults.observe(record.op);
        if (record.op.f === "leader" && record.op.type !== "invoke") observeAnswer(record.op);
      } else if (record.event.type === "role") seen.set(record.event.node, record.event);
    },
    finish,
  };
}

/** When the last fault was healed; undefined where there was none, or one was not. */
function healedSince({ faults }: FaultLog): number | undefined {
  if (faults.length === 0) return undefined;
  const healed = faults.map(({ healedNs, confirmedNs }) =>
    confirmedNs === undefined ? 0 : (healedNs ?? Infinity),
  );
  const lastNs = Math.max(...healed);
  return Number.isFinite(lastNs) ? lastNs : undefined;
}
