import type { NodeId } from "../src/base/node-id.ts";
import type { Linearization } from "./linearizability/prefix.ts";

/** `invalid` beats `unknown` beats `valid`. */
export type Verdict = "valid" | "unknown" | "invalid";

const SEVERITY: Readonly<Record<Verdict, number>> = { valid: 0, unknown: 1, invalid: 2 };

/** The worst of all; of none: `valid`. */
export function mergeVerdicts(verdicts: Iterable<Verdict>): Verdict {
  let merged: Verdict = "valid";
  for (const verdict of verdicts) if (SEVERITY[verdict] > SEVERITY[merged]) merged = verdict;
  return merged;
}

/** A proved violation of one property. */
export interface Anomaly {
  /** The property's id, "election-safety", "linearizability", …; `raftwreck explain <property>` knows it. */
  readonly property: string;
  /**
   * Which of the ways in which the property can be violated: "stale read", "G1a", "twice in 3"; it may name a term. Absent
   * in results of old, and where there is one way only.
   */
  readonly kind?: string;
  /** One plain sentence with who, what and when; no trailing full stop needed beyond its own. */
  readonly sentence: string;
  /** When it first shows, and (if it lasts) until when. Nanoseconds since the start of the run. */
  readonly timeNs: number;
  readonly endNs?: number;
  readonly nodes: readonly NodeId[];
  readonly keys: readonly string[];
  /** The smallest set of records that proves it, in time order: sentences with the record they stand for. */
  readonly evidence: readonly Evidence[];
  /** Of operations without an order: how far one gets, and where it stops. */
  readonly linearization?: Linearization;
  /** How often the same thing was seen (same property, nodes and keys); only the first is described. */
  readonly count: number;
}

export interface Evidence {
  readonly timeNs: number;
  /** Where it happened: a node, "process 12", … */
  readonly who: string;
  readonly text: string;
  /** The line of the history or of the trace, as recorded. */
  readonly record?: unknown;
}

/** What a history proves that contradicts itself, or that was not understood: nothing. What it seems to show is told. */
export function notSound(
  { anomalies, ...rest }: Omit<CheckResult, "verdict" | "summary">,
  complaint: string,
): CheckResult {
  const [first] = anomalies;
  const seems = first === undefined ? "" : `; as it stands it would show: ${first.sentence}`;
  const summary = `the history is not sound: ${complaint}${seems}`;
  return { ...rest, anomalies: [], verdict: "unknown", summary };
}

/** What one checker says at the end. */
export interface CheckResult {
  readonly checker: string;
  readonly verdict: Verdict;
  /** One line for the list of checks: what was looked at, or why it is unknown and what to do. */
  readonly summary: string;
  /** In order of time. Only `invalid` has any. */
  readonly anomalies: readonly Anomaly[];
  /** Machine-readable measures of this checker, by its own schema. */
  readonly measures?: Readonly<Record<string, unknown>>;
}
