import { simulate, type SimulateOptions } from "../run/simulate.ts";
import type { TestPlan } from "../store/plan.ts";
import { Behaviours } from "./behaviour.ts";
import { countsOf, type Counts } from "./counts.ts";
import { findingsOf, undecidedBecause, type Finding } from "./finding.ts";

/** What came of a plan: small, so that it can be handed from thread to thread. */
export interface Probed {
  readonly findings: readonly Finding[];
  readonly behaviours: readonly string[];
  readonly counts: Counts;
  /** Why nothing was proved either way; undefined where something was. */
  readonly undecided: string | undefined;
  /** One sentence where the user's own workload failed. */
  readonly workloadTrouble: string | undefined;
  readonly simulatedMs: number;
  readonly events: number;
  readonly hostMs: number;
  /** How often the seeded bug decided otherwise than the rule that it replaces. */
  readonly differences: number;
}

/** Runs a plan in the simulator, leaving nothing behind; `workload` is needed where it is not a built-in one. */
export function probe(plan: TestPlan, workload?: SimulateOptions["workload"]): Probed {
  const startMs = performance.now();
  const behaviours = new Behaviours();
  let differences = 0;
  const simulated = simulate(plan, {
    workload,
    onRecord: (record) => behaviours.observe(record),
    onDifference: () => differences++,
  });
  return {
    findings: findingsOf(simulated),
    behaviours: behaviours.names(),
    counts: countsOf(plan, simulated),
    undecided: undecidedBecause(simulated),
    workloadTrouble: simulated.troubles.find(({ isOfWorkload }) => isOfWorkload)?.sentence,
    simulatedMs: simulated.simulatedMs,
    events: simulated.events,
    hostMs: performance.now() - startMs,
    differences,
  };
}
