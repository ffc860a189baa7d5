import type { TestPlan } from "../../store/plan.ts";
import type { RunResults } from "../../store/results.ts";
import { findingsOf } from "../findings.ts";

/** What a page needs to play a simulated run again. */
export interface PlaygroundData {
  readonly plan: TestPlan;
  /** What a replay has to come to; null where it cannot, because the run was cut short. */
  readonly digest: string | null;
  /** When it was over. */
  readonly endMs: number;
  /** The earliest first; milliseconds since the start of the run. */
  readonly violations: readonly { readonly atMs: number; readonly sentence: string }[];
}

const VIOLATIONS_MAX = 10;

/**
 * Undefined where there is nothing to play: only a simulated run is decided by its plan alone, and only where its
 * workload is a built-in one, which the page has.
 */
export function playgroundData(results: RunResults): PlaygroundData | undefined {
  const { plan, simulation, interruptedBy } = results;
  if (plan.environment !== "sim" || plan.workload.file !== undefined) return undefined;
  const found = findingsOf(results).slice(0, VIOLATIONS_MAX);
  return {
    plan,
    digest: interruptedBy === null ? (simulation?.digest ?? null) : null,
    endMs: simulation?.simulatedMs ?? plan.durationMs,
    violations: found.map(({ anomaly: { timeNs, sentence } }) => ({
      atMs: timeNs / 1e6,
      sentence,
    })),
  };
}

/** As JSON that no script element of a page takes for its end. */
export function dataText(data: PlaygroundData): string {
  return JSON.stringify(data).replaceAll("<", "\\u003c");
}
