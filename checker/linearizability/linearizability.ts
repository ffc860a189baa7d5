import { AnomalyLog } from "../anomaly-log.ts";
import type { CheckBudget, Checker, CheckerRecord } from "../checker.ts";
import type { Op } from "../history.ts";
import { type Operation, Pairing } from "../operations.ts";
import type { CheckResult } from "../verdict.ts";
import type { Conflict } from "./conflict.ts";
import { explain, type KeyContext } from "./explain.ts";
import { judgeBySearch } from "./judge-key.ts";
import {
  claimOf,
  contradictsItself,
  keyOf,
  type RegisterOperation,
  type Value,
} from "./register-operation.ts";
import type { SearchBudget } from "./search.ts";
import { shrinkViolation } from "./shrink.ts";
import { judgeByZones } from "./zones.ts";
import { formatMomentNs } from "../../src/base/duration.ts";

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

interface Key {
  readonly name: string;
  readonly operations: Operation[];
  /** What each operation claims, once it is complete; it never changes after that. */
  readonly claims: (RegisterOperation | undefined)[];
  /** Up to here all operations were complete at the last look. */
  settled: number;
  /** Completions so far, and at the last look. */
  completed: number;
  looked: number;
  isViolated: boolean;
}

/**
 * Linearizability of a map of registers (Herlihy and Wing 1990). It is a local property: every key is judged
 * by itself. While the run goes on the fast rules look at all that is known; a violation of a beginning of
 * the history, with open operations as unknown, is one of the whole.
 */
export function createLinearizability({ online = true } = {}): Checker {
  const anomalies = new AnomalyLog("linearizability");
  const pairing = new Pairing();
  const keys = new Map<string, Key>();
  const misfits: string[] = [];
  let sweptNs = 0;

  function observe(op: Op): void {
    const operation = pairing.observe(op);
    if (operation) {
      const { invocation } = operation;
      const name = keyOf(invocation.f, invocation.value);
      if (name === undefined || (op.type === "ok" && keyOf(op.f, op.value) === undefined)) {
        misfits.push(`op ${op.index} is no operation on a register`);
        return;
      }
      record(keyNamed(name), operation, op);
    }
    if (online && op.timeNs - sweptNs >= SWEEP_NS) {
      sweptNs = op.timeNs;
      for (const key of keys.values()) look(key);
    }
  }

  function keyNamed(name: string): Key {
    let key = keys.get(name);
    if (!key) {
      key = {
        name,
        operations: [],
        claims: [],
        settled: 0,
        completed: 0,
        looked: 0,
        isViolated: false,
      };
      keys.set(name, key);
    }
    return key;
  }

  function record(key: Key, operation: Operation, op: Op): void {
    if (op.type === "invoke") key.operations.push(operation);
    else key.completed++;
    if (op.type === "fail" && contradictsItself(operation)) reportContradiction(key, operation);
  }

  /** A key is looked at when it has grown by a share of itself, so that all looks together stay cheap. */
  function look(key: Key): void {
    if (key.isViolated) return;
    const growth = key.completed - key.looked;
    if (growth < Math.max(1, key.looked / (key.looked < LONG_KEY ? 10 : 2))) return;
    key.looked = key.completed;
    const claims = claimsOf(key);
    const zones = judgeByZones(claims);
    if (zones.type === "violation") report(key, claims, zones.conflict, unlimited);
  }

  function report(
    key: Key,
    claims: readonly RegisterOperation[],
    conflict: Conflict | undefined,
    budget: SearchBudget,
  ): void {
    key.isViolated = true;
    if (anomalies.found.length >= EXPLAINED_MAX) return;
    const proof = shrinkViolation(claims, conflict, budget);
    const { kind, nodes, ...description } = explain(proof, contextOf(key, claims));
    anomalies.report({ kind, nodes, keys: [key.name] }, () => description);
  }

  function reportContradiction(key: Key, operation: Operation): void {
    key.isViolated = true;
    const op = operation.completion!;
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
    const hard: { key: Key; claims: readonly RegisterOperation[] }[] = [];
    for (const key of keys.values()) {
      if (key.isViolated) continue;
      const claims = claimsOf(key);
      const zones = judgeByZones(claims);
      if (zones.type === "linearizable") decidedByZones++;
      else if (zones.type === "violation") report(key, claims, zones.conflict, budget);
      else hard.push({ key, claims });
    }
    // Easy ones first: what they leave of the time goes to the hard ones.
    hard.sort((a, b) => a.claims.length - b.claims.length);
    let decidedBySearch = 0;
    for (const [position, { key, claims }] of hard.entries()) {
      const verdict = judgeBySearch(claims, shareOf(budget, hard.length - position));
      if (verdict.type === "linearizable") decidedBySearch++;
      else if (verdict.type === "violation") report(key, claims, undefined, budget);
      else {
        const { cause } = verdict;
        undecided.push({ key: key.name, operations: key.operations.length, cause });
      }
    }
    return result({ decidedByZones, decidedBySearch, undecided });
  }

  function result(
    decided: Pick<LinearizabilityMeasures, "decidedByZones" | "decidedBySearch" | "undecided">,
  ): CheckResult {
    const all = [...keys.values()];
    const measures: LinearizabilityMeasures = {
      keys: all.length,
      operations: all.reduce((sum, key) => sum + key.operations.length, 0),
      ...decided,
      violated: all.filter((key) => key.isViolated).map((key) => key.name),
    };
    const complaints = [...misfits, ...pairing.complaints];
    const base = {
      checker: "linearizability",
      anomalies: anomalies.sorted(),
      measures: { ...measures },
    };
    if (base.anomalies.length > 0) {
      return { ...base, verdict: "invalid", summary: violatedSummary(measures, base.anomalies) };
    }
    if (measures.undecided.length > 0) {
      return { ...base, verdict: "unknown", summary: undecidedSummary(measures) };
    }
    if (complaints.length > 0) {
      return {
        ...base,
        verdict: "unknown",
        summary: `the history is not sound: ${complaints[0]!}`,
      };
    }
    const summary = `${measures.operations} operations on ${measures.keys} keys, each key linearizable`;
    return { ...base, verdict: "valid", summary };
  }

  return {
    id: "linearizability",
    reads: "op",
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

function claimsOf(key: Key): RegisterOperation[] {
  const { operations, claims } = key;
  for (let at = key.settled; at < operations.length; at++) claims[at] = claimOf(operations[at]!);
  while (operations[key.settled]?.completion) key.settled++;
  return claims.filter((claim) => claim !== undefined);
}

function contextOf(key: Key, all: readonly RegisterOperation[]): KeyContext {
  const failed = new Map<Value, RegisterOperation>();
  for (const operation of key.operations) {
    if (operation.completion?.type !== "fail") continue;
    const attempt = claimOf({ ...operation, completion: undefined, return: Infinity });
    if (attempt) failed.set(attempt.value, { ...attempt, source: operation });
  }
  return { key: key.name, all, failed };
}

/** An equal part of what is left of the time. The memory is free again after each key. */
function shareOf({ nowMs, deadlineMs, memoryBytes }: CheckBudget, parts: number): SearchBudget {
  const startMs = nowMs();
  return { nowMs, memoryBytes, deadlineMs: startMs + Math.max(0, deadlineMs - startMs) / parts };
}

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
