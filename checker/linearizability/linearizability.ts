import { formatMomentNs } from "../../src/base/duration.ts";
import { AnomalyLog } from "../anomaly-log.ts";
import type { CheckBudget, Checker, CheckerRecord } from "../checker.ts";
import type { Op } from "../history.ts";
import type { Operation } from "../operations.ts";
import { notSound, type CheckResult } from "../verdict.ts";
import { shareOf } from "./check.ts";
import type { Conflict } from "./conflict.ts";
import { explain } from "./explain.ts";
import { searchKey } from "./judge-key.ts";
import type { SearchBudget } from "./model.ts";
import { type LoggedKey, RegisterLog } from "./register-log.ts";
import { shrinkViolation } from "./shrink.ts";
import { judgeColumns } from "./zones.ts";

/** Measures of the checker `linearizability`. */
export interface LinearizabilityMeasures {
  readonly keys: number;
  readonly operations: number;
  readonly decidedByZones: number;
  readonly decidedBySearch: number;
  readonly violated: readonly string[];
  readonly undecided: readonly { key: string; operations: number; cause: string }[];
}

/** While the run goes on, keys with news are looked at this often (in time of the history). */
const SWEEP_NS = 1e9;
/** Violations explained in full; of further keys only the key is named. */
const EXPLAINED_MAX = 20;
/** Operations from which a key is looked at more rarely. */
const LONG_KEY = 1000;

/**
 * Linearizability of a map of registers (Herlihy and Wing 1990). It is a local property: every key is judged
 * by itself. While the run goes on the fast rules look at all that is known; a violation of a beginning of
 * the history, with open operations as unknown, is one of the whole.
 */
export function createLinearizability({ online = true } = {}): Checker {
  const anomalies = new AnomalyLog("linearizability");
  const log = new RegisterLog();
  /** Returns at the last look at a key. */
  const looked = new Map<LoggedKey, number>();
  const violated = new Set<LoggedKey>();
  let sweptNs = 0;

  function observe(op: Op): void {
    const completed = log.observe(op);
    if (op.type === "fail" && completed && log.contradictsItself(completed.id)) {
      reportContradiction(completed.key, op);
    }
    if (online && op.timeNs - sweptNs >= SWEEP_NS) {
      sweptNs = op.timeNs;
      for (const key of log.keys.values()) look(key);
    }
  }

  /** A key is looked at when it has grown by a share of itself, so that all looks together stay cheap. */
  function look(key: LoggedKey): void {
    if (violated.has(key)) return;
    const before = looked.get(key) ?? 0;
    const growth = key.completed - before;
    if (growth < Math.max(1, before / (before < LONG_KEY ? 10 : 2))) return;
    looked.set(key, key.completed);
    const zones = judgeColumns(log.claimsOf(key).columns);
    if (zones.type === "violation") report(key, zones.conflict, unlimited);
  }

  function report(key: LoggedKey, conflict: Conflict | undefined, budget: SearchBudget): void {
    violated.add(key);
    if (anomalies.found.length >= EXPLAINED_MAX) return;
    const all = log.operationsOf(key);
    const proof = shrinkViolation(all, conflict, budget);
    const recorded = (id: number): Operation => log.recorded(key, id);
    const context = { key: key.name, all, failed: log.failedOf(key), recorded };
    const { kind, nodes, ...description } = explain(proof, context);
    anomalies.report({ kind, nodes, keys: [key.name] }, () => description);
  }

  function reportContradiction(key: LoggedKey, op: Op): void {
    violated.add(key);
    anomalies.report(
      { kind: "contradiction", nodes: op.node === undefined ? [] : [op.node], keys: [key.name] },
      () => ({
        sentence:
          `contradiction: a cas on ${key.name} was refused at ${formatMomentNs(op.timeNs)}, naming ` +
          `as the value found the very value that it expected`,
        timeNs: op.timeNs,
        evidence: [
          { timeNs: op.timeNs, who: `process ${op.process}`, text: "cas refused", record: op },
        ],
      }),
    );
  }

  function finish(budget: CheckBudget): CheckResult {
    let decidedByZones = 0;
    const undecided: { key: string; operations: number; cause: string }[] = [];
    const hard: LoggedKey[] = [];
    for (const key of log.keys.values()) {
      if (violated.has(key)) continue;
      const zones = judgeColumns(log.claimsOf(key).columns);
      if (zones.type === "linearizable") decidedByZones++;
      else if (zones.type === "violation") report(key, zones.conflict, budget);
      else hard.push(key);
    }
    // Easy ones first: what they leave of the time goes to the hard ones.
    hard.sort((a, b) => a.ids.length - b.ids.length);
    let decidedBySearch = 0;
    for (const [position, key] of hard.entries()) {
      const share = shareOf(budget, hard.length - position);
      const verdict = searchKey(log.operationsOf(key), share);
      if (verdict.type === "linearizable") decidedBySearch++;
      else if (verdict.type === "violation") report(key, undefined, budget);
      else undecided.push({ key: key.name, operations: key.ids.length, cause: verdict.cause });
    }
    return result({ decidedByZones, decidedBySearch, undecided });
  }

  function result(
    decided: Pick<LinearizabilityMeasures, "decidedByZones" | "decidedBySearch" | "undecided">,
  ): CheckResult {
    const { complaints } = log;
    const measures: LinearizabilityMeasures = {
      keys: log.keys.size,
      operations: log.size,
      ...decided,
      violated: [...log.keys.values()].filter((key) => violated.has(key)).map(({ name }) => name),
    };
    const base = {
      checker: "linearizability",
      anomalies: anomalies.sorted(),
      measures: { ...measures },
    };
    if (complaints[0] !== undefined) return notSound(base, complaints[0]);
    if (base.anomalies.length > 0) {
      return { ...base, verdict: "invalid", summary: violatedSummary(measures, base.anomalies) };
    }
    if (measures.undecided.length > 0) {
      return { ...base, verdict: "unknown", summary: undecidedSummary(measures) };
    }
    const summary = `${measures.operations} operations on ${measures.keys} keys, each key linearizable`;
    return { ...base, verdict: "valid", summary };
  }

  return {
    id: "linearizability",
    reads: ["op"],
    get found() {
      return anomalies.found;
    },
    observe: (next: CheckerRecord) => {
      if (next.type === "op") observe(next.op);
    },
    finish,
  };
}

const unlimited: SearchBudget = { nowMs: () => 0, deadlineMs: 1, memoryBytes: 2 ** 30 };

function violatedSummary(
  { violated, keys }: LinearizabilityMeasures,
  [first]: CheckResult["anomalies"],
): string {
  const others = violated.length > 1 ? ` (${violated.length} of ${keys} keys are affected)` : "";
  return `${first?.sentence ?? ""}${others}`;
}

function undecidedSummary({ undecided, keys }: LinearizabilityMeasures): string {
  const [first] = undecided;
  const more = undecided.length > 1 ? `; ${undecided.length - 1} more keys likewise` : "";
  return (
    `${keys - undecided.length} of ${keys} keys are linearizable; key ${first?.key} ` +
    `(${first?.operations} operations) was not decided: ${first?.cause}${more}. ` +
    `Give it more with --check-timeout or --check-memory, or use fewer operations per key`
  );
}
