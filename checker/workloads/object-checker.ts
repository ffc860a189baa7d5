import { formatMomentNs } from "../../src/base/duration.ts";
import { AnomalyLog } from "../anomaly-log.ts";
import type { Checker } from "../checker.ts";
import type { Op } from "../history.ts";
import { evidenceOf } from "../linearizability/evidence.ts";
import { type Operation, Pairing } from "../operations.ts";
import { notSound, type CheckResult } from "../verdict.ts";

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
  /** Whether anybody can be answered so, when it is ok: what is no list, or no number, is no answer at all. */
  isAnswer?(f: string, answer: unknown): boolean;
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
        evidenceOf(operation, wordsOf(operation)),
      ),
    }));
  }

  function observe(op: Op): void {
    const operation = pairing.observe(op);
    if (operation === undefined) return;
    const judge = judgeOf(keyIn(operation.invocation));
    if (op.type === "invoke") {
      operationCount++;
      judge.called?.(operation);
    } else if (isReadable(op)) judge.answered(operation);
    else {
      const text = `${wordsOf(operation)} at ${momentOf(operation)}`;
      tell(anomalies, keyIn(op), { kind: "no answer", text, culprit: operation });
    }
  }

  function isReadable(op: Op): boolean {
    return op.type !== "ok" || property.isAnswer?.(op.f, argumentOf(op)) !== false;
  }

  function wordsOf({ completion, invocation }: Operation): string {
    const op = completion ?? invocation;
    if (isReadable(op)) return property.words(op);
    return `${op.f} ${keyIn(op)} → ${JSON.stringify(argumentOf(op)) ?? "nothing"}`;
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
    if (complaint !== undefined) return notSound(base, complaint);
    if (first !== undefined) {
      const more = found.length > 1 ? ` (and ${found.length - 1} more)` : "";
      return { ...base, verdict: "invalid", summary: `${first.sentence}${more}` };
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

/** Of an object that nobody has touched yet all that is in it is null. */
export function isList(answer: unknown): boolean {
  return answer === null || Array.isArray(answer);
}

export function listIn(answer: unknown): string[] {
  return Array.isArray(answer) ? answer.map(String) : [];
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
