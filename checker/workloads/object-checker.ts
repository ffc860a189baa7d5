import { formatMomentNs } from "../../src/base/duration.ts";
import { AnomalyLog } from "../anomaly-log.ts";
import type { Checker } from "../checker.ts";
import type { Op } from "../history.ts";
import { evidenceOf } from "../linearizability/evidence.ts";
import { type Operation, Pairing } from "../operations.ts";
import type { CheckResult } from "../verdict.ts";

/** Follows the operations on one object and says which answers can't be right. */
export interface Judge {
  /** An operation begins. */
  called?(operation: Operation): void;
  /** It has ended, so that its `completion` is there. */
  answered(operation: Operation): void;
  /** After the last one: what only the whole shows. */
  finish?(): void;
}

export interface Violation {
  /** "lost element", "stale read", … */
  readonly kind: string;
  /** What is wrong, in words that go on after the kind and a colon. */
  readonly text: string;
  /** The operation whose answer can't be right. */
  readonly culprit: Operation;
  /** Those that prove it, besides. */
  readonly others?: readonly Operation[];
}

export interface Reports {
  report(violation: Violation): void;
  /** Something is wrong for sure, but only the end tells what: it will be reported by then. */
  suspect(violation: Violation): void;
}

/** What one workload promises of its objects (sets, counters, …). */
export interface ObjectProperty {
  /** Of the checker, the property and the workload. */
  readonly id: string;
  /** What there are many of, and what holds of each: "sets: nothing is lost". */
  readonly promise: string;
  /** What was asked and answered, for the evidence. */
  words(op: Op): string;
  createJudge(key: string, reports: Reports): Judge;
}

/** Judges each object by itself, as its operations come in; their values are `[key, …]`. */
export function createObjectChecker(property: ObjectProperty): Checker {
  const pairing = new Pairing();
  const judges = new Map<string, Judge>();
  const anomalies = new AnomalyLog(property.id);
  const suspicions = new AnomalyLog(property.id);
  let operationCount = 0;

  function judgeOf(key: string): Judge {
    const known = judges.get(key);
    if (known !== undefined) return known;
    const judge = property.createJudge(key, {
      report: (violation) => tell(anomalies, key, violation),
      suspect: (violation) => tell(suspicions, key, violation),
    });
    judges.set(key, judge);
    return judge;
  }

  function tell(log: AnomalyLog, key: string, { kind, text, culprit, others = [] }: Violation) {
    const { node, timeNs } = culprit.completion ?? culprit.invocation;
    log.report({ kind, nodes: node === undefined ? [] : [node], keys: [key] }, () => ({
      sentence: `${kind}: ${text}`,
      timeNs,
      evidence: [...new Set([culprit, ...others])].map((operation) =>
        evidenceOf(operation, property.words(operation.completion ?? operation.invocation)),
      ),
    }));
  }

  function observe(op: Op): void {
    const operation = pairing.observe(op);
    if (operation === undefined) return;
    const judge = judgeOf(keyIn(operation.invocation));
    if (op.type !== "invoke") return judge.answered(operation);
    operationCount++;
    judge.called?.(operation);
  }

  function finish(): CheckResult {
    for (const judge of judges.values()) judge.finish?.();
    const found = anomalies.sorted();
    const base = {
      checker: property.id,
      anomalies: found,
      measures: { objects: judges.size, operations: operationCount },
    };
    const [first] = found;
    const [complaint] = pairing.complaints;
    if (first !== undefined) {
      const more = found.length > 1 ? ` (and ${found.length - 1} more)` : "";
      return { ...base, verdict: "invalid", summary: `${first.sentence}${more}` };
    }
    if (complaint !== undefined) {
      return { ...base, verdict: "unknown", summary: `the history is not sound: ${complaint}` };
    }
    const summary = `${operationCount} operations on ${judges.size} ${property.promise}`;
    return { ...base, verdict: "valid", summary };
  }

  return {
    id: property.id,
    reads: ["op"],
    get found() {
      return anomalies.found.length > 0 ? anomalies.found : suspicions.found;
    },
    observe: (record) => {
      if (record.type === "op") observe(record.op);
    },
    finish,
  };
}

function keyIn({ value }: Op): string {
  return String((value as [unknown])[0]);
}

/** What stands behind the key in an op's value. */
export function argumentOf(op: Op): unknown {
  return (op.value as [unknown, unknown])[1];
}

/** What an operation that is ok was answered, behind the key. */
export function answerOf({ completion, invocation }: Operation): unknown {
  return argumentOf(completion ?? invocation);
}

/** When it ended. */
export function momentOf({ completion, invocation }: Operation): string {
  return formatMomentNs((completion ?? invocation).timeNs);
}

/** "1 2 3", or the end of it where it is long. */
export function shownList(list: readonly unknown[]): string {
  if (list.length === 0) return "nothing";
  const end = list.slice(-SHOWN_MAX).join(" ");
  return list.length > SHOWN_MAX ? `… ${end} (${list.length} in all)` : end;
}

const SHOWN_MAX = 8;
