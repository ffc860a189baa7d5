import type { Anomaly, CheckResult } from "../../checker/verdict.ts";
import { UsageError } from "../base/errors.ts";
import type { TestPlan } from "../store/plan.ts";

/** A violation and the checker that found it. */
export interface Found {
  readonly checker: string;
  readonly anomaly: Anomaly;
}

/**
 * Of all that a run shows: of the property that is asked for or was expected, else whatever shows first, since that is
 * nearest to the cause. Throws a UsageError where there is no such thing.
 */
export function chooseFinding({
  id,
  plan: { expect },
  checks,
  property,
}: {
  readonly id: string;
  readonly plan: Pick<TestPlan, "expect">;
  readonly checks: readonly CheckResult[];
  readonly property: string | undefined;
}): Found {
  const found = checks
    .flatMap(({ checker, anomalies }) => anomalies.map((anomaly) => ({ checker, anomaly })))
    .toSorted((a, b) => a.anomaly.timeNs - b.anomaly.timeNs);
  const of = (wanted: string | null): Found | undefined =>
    found.find(({ anomaly }) => anomaly.property === wanted);
  const expected = expect.verdict === "violation" ? of(expect.property) : undefined;
  const chosen = property === undefined ? (expected ?? found[0]) : of(property);
  if (chosen !== undefined) return chosen;
  if (found.length === 0) {
    throw new UsageError(`${id} has no violation, so there is nothing to shrink`);
  }
  throw new UsageError(`${id} does not violate ${property}, but ${propertiesOf(found)}`);
}

function propertiesOf(found: readonly Found[]): string {
  return [...new Set(found.map(({ anomaly }) => anomaly.property))].join(", ");
}
