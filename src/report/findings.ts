import type { Anomaly } from "../../checker/verdict.ts";
import type { RunResults } from "../store/results.ts";
import type { FaultInterval } from "./timeline-data.ts";

/** An anomaly with its place in the report: numbered over all checkers, the earliest first. */
export interface Finding {
  /** From 1. */
  readonly number: number;
  readonly anomaly: Anomaly;
  readonly checker: string;
}

/**
 * What broke, in the order of time: what shows first is nearest to the cause. At the same moment the
 * checker that comes first in the results goes first.
 */
export function findingsOf(results: RunResults): Finding[] {
  return results.checks
    .flatMap(({ checker, anomalies }) => anomalies.map((anomaly) => ({ checker, anomaly })))
    .toSorted((a, b) => a.anomaly.timeNs - b.anomaly.timeNs)
    .map((found, position) => ({ number: position + 1, ...found }));
}

/** "01-election-safety": the folder in `violations/`. */
export function findingFolder({ number, anomaly }: Finding): string {
  const property = anomaly.property.replace(/[^A-Za-z0-9-]/g, "-");
  return `${String(number).padStart(2, "0")}-${property}`;
}

/** Faults that were in effect when the anomaly first showed, or set in before it ended. */
export function activeFaults(anomaly: Anomaly, faults: readonly FaultInterval[]): FaultInterval[] {
  const endNs = anomaly.endNs ?? anomaly.timeNs;
  return faults.filter(
    ({ fromNs, toNs }) => fromNs <= endNs && (toNs === null || toNs >= anomaly.timeNs),
  );
}

/** The fault that was healed last before the anomaly; its effects may have lasted. */
export function lastHealed(
  anomaly: Anomaly,
  faults: readonly FaultInterval[],
): (FaultInterval & { readonly toNs: number }) | undefined {
  return faults
    .filter((fault): fault is FaultInterval & { toNs: number } => fault.toNs !== null)
    .filter((fault) => fault.toNs < anomaly.timeNs)
    .toSorted((a, b) => b.toNs - a.toNs)
    .at(0);
}
