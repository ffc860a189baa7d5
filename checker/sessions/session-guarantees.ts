import { AnomalyLog } from "../anomaly-log.ts";
import type { Checker } from "../checker.ts";
import type { Op } from "../history.ts";
import { evidenceOf } from "../linearizability/evidence.ts";
import { type Operation, Pairing } from "../operations.ts";
import { notSound, type CheckResult } from "../verdict.ts";
import { findCircle } from "./circle.ts";
import {
  type Guarantee,
  GUARANTEE_NAMES,
  isGuarantee,
  type Precedence,
  tellPrecedence,
} from "./guarantees.ts";
import { KeyVersions, type Value } from "./versions.ts";

/** Measures of the checker `session-guarantees`. */
export interface SessionMeasures {
  readonly operations: number;
  readonly sessions: number;
  readonly keys: number;
  /** Those that no order of writes can keep, even if nothing else were promised. */
  readonly broken: readonly Guarantee[];
}

/**
 * Session guarantees of registers whose values are written once (Terry et al., Session Guarantees for Weakly Consistent
 * Replicated Data, 1994), key by key; a session is a process. Where they hold, there is one order of a key's versions
 * that agrees with what each process did one after the other. Exact for what is asked, and linear: real time and
 * other processes count for nothing.
 */
export function createSessionGuarantees(): Checker {
  const anomalies = new AnomalyLog("session-guarantees");
  const pairing = new Pairing();
  const keys = new Map<string, KeyVersions>();
  const sessions = new Set<unknown>();
  let operationCount = 0;

  function observe(op: Op): void {
    const operation = pairing.observe(op);
    if (operation === undefined) return;
    const { f } = operation.invocation;
    const [name] = operation.invocation.value as [string];
    let key = keys.get(name);
    if (key === undefined) keys.set(name, (key = new KeyVersions(name)));
    const written = writtenBy(operation);
    if (op.type === "invoke") {
      operationCount++;
      sessions.add(op.process);
      if (written !== undefined) key.asked(written, operation);
      // If it never happens nobody meets what it writes, so this holds before it is answered.
      if (f === "cas") key.replaced(expectedBy(operation), written!, operation);
      if (f === "delete") key.isDeleted = true;
    } else if (op.type === "fail") {
      if (written !== undefined) key.refused(written);
      if (op.current !== undefined) key.met(op.current, "read", operation);
    } else if (op.type === "ok") happened(key, operation);
  }

  function finish(): CheckResult {
    const broken = new Set<Guarantee>();
    for (const key of keys.values()) {
      for (const { value, by } of key.fromNowhere()) reportNowhere(key, value, by);
      const order = key.order();
      const circle = findCircle(key.versionCount, order);
      if (circle === undefined) continue;
      reportCircle(key, circle);
      for (const name of GUARANTEE_NAMES) {
        const alone = order.filter(({ reason }) => reason === name || !isGuarantee(reason));
        if (findCircle(key.versionCount, alone) !== undefined) broken.add(name);
      }
    }
    return result(GUARANTEE_NAMES.filter((name) => broken.has(name)));
  }

  function reportCircle(key: KeyVersions, circle: readonly Precedence[]): void {
    const reasons = new Set(circle.map(({ reason }) => reason).filter(isGuarantee));
    const names = GUARANTEE_NAMES.filter((name) => reasons.has(name));
    const told = circle.map((one) =>
      tellPrecedence(one, { from: key.nameOf(one.from), to: key.nameOf(one.to) }),
    );
    const operations = [
      ...new Set(circle.flatMap(({ first, second }) => [first ?? second, second])),
    ];
    const timesNs = operations.map((one) => (one.completion ?? one.invocation).timeNs);
    anomalies.report({ kind: names.join(), nodes: nodesOf(operations), keys: [key.key] }, () => ({
      sentence: `no order of what ${key.key} held keeps ${names.join(" and ")}: ${told.join("; ")}`,
      timeNs: Math.max(...timesNs),
      evidence: operations.map((one) => evidenceOf(one, words(one))),
    }));
  }

  function reportNowhere(key: KeyVersions, value: Value, by: Operation): void {
    anomalies.report({ kind: "nowhere", nodes: nodesOf([by]), keys: [key.key] }, () => ({
      sentence: `value from nowhere: "${value}" was read of ${key.key}, and nobody can have written it`,
      timeNs: (by.completion ?? by.invocation).timeNs,
      evidence: [evidenceOf(by, words(by))],
    }));
  }

  function result(broken: readonly Guarantee[]): CheckResult {
    const found = anomalies.sorted();
    const measures: SessionMeasures = {
      operations: operationCount,
      sessions: sessions.size,
      keys: keys.size,
      broken,
    };
    const base = { checker: "session-guarantees", anomalies: found, measures: { ...measures } };
    const [first] = found;
    const repeated = [...keys.values()].find((key) => key.repeated !== undefined);
    const complaint =
      repeated === undefined
        ? pairing.complaints[0]
        : `"${repeated.repeated}" is written to ${repeated.key} twice, so reads do not tell which`;
    if (complaint !== undefined) return notSound(base, complaint);
    if (first !== undefined) {
      const more = found.length > 1 ? ` (and ${found.length - 1} more)` : "";
      return { ...base, verdict: "invalid", summary: `${first.sentence}${more}` };
    }
    const summary =
      `${operationCount} operations of ${sessions.size} sessions on ${keys.size} keys: ` +
      GUARANTEE_NAMES.join(", ");
    return { ...base, verdict: "valid", summary };
  }

  return {
    id: "session-guarantees",
    reads: ["op"],
    get found() {
      return anomalies.found;
    },
    observe: (record) => {
      if (record.type === "op") observe(record.op);
    },
    finish,
  };
}

function happened(key: KeyVersions, operation: Operation): void {
  const { f } = operation.invocation;
  const [, answer] = operation.completion!.value as [string, unknown];
  if (f === "read") return key.met(answer as Value, "read", operation);
  const written = writtenBy(operation);
  if (written === undefined) return;
  if (f === "cas") key.met(expectedBy(operation), "read", operation);
  key.met(written, "write", operation);
}

function writtenBy({ invocation: { f, value } }: Operation): Value | undefined {
  const [, argument] = value as [string, unknown];
  if (f === "write") return argument as string;
  return f === "cas" ? (argument as [unknown, string])[1] : undefined;
}

function expectedBy({ invocation: { value } }: Operation): Value {
  const [, argument] = value as [string, [Value, string]];
  return argument[0];
}

function words({ invocation, completion }: Operation): string {
  const { f } = invocation;
  const [key, argument] = (completion ?? invocation).value as [string, unknown];
  if (f === "read")
    return `read ${key} → ${argument === null ? "nothing" : `"${argument as string}"`}`;
  if (f === "write") return `write ${key} ← "${String(argument)}"`;
  const [from, to] = argument as [Value, string];
  return `cas ${key} from ${from === null ? "nothing" : `"${from}"`} to "${to}"`;
}

function nodesOf(operations: readonly Operation[]): string[] {
  return operations.flatMap(({ completion }) => completion?.node ?? []);
}
