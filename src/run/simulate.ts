import { createCheckers } from "../../checker/checkers.ts";
import { CheckerSet } from "../../checker/run-checkers.ts";
import type { CheckerRecord } from "../../checker/checker.ts";
import type { CheckResult } from "../../checker/verdict.ts";
import type { Op } from "../../checker/history.ts";
import type { TraceEvent } from "../base/trace.ts";
import type { TestPlan } from "../store/plan.ts";
import type { Deviation } from "../sim/deviation.ts";
import { judge, type Judgement } from "./judge.ts";
import { live, type LifeEnd, type Watcher } from "./life.ts";
import { nodeNames } from "./plan.ts";
import { Simulation } from "./simulation.ts";

/** What a simulated run that left nothing on disk came to. */
export interface Simulated extends Judgement, ReturnType<Simulation["facts"]> {
  readonly checks: readonly CheckResult[];
  readonly troubles: readonly string[];
}

export interface SimulateOptions {
  /** Sees all that is recorded. */
  readonly onRecord?: (record: CheckerRecord) => void;
  /** Told of everything that is otherwise than in the benign world, in the form in which a plan lists it. */
  readonly onDeviation?: (deviation: Deviation) => void;
  /** After so many events it is as if nothing happened any more. */
  readonly eventCountMax?: number;
}

/** A whole run in one call, in memory: for sweeps over many seeds. */
export function simulate(plan: TestPlan, options: SimulateOptions = {}): Simulated {
  const { onRecord, onDeviation, eventCountMax = Infinity } = options;
  const { name: workload } = plan.workload;
  const nodes = nodeNames(plan.nodeCount);
  const checkers = new CheckerSet(createCheckers({ workload, nodes, online: plan.failFast }));
  const observe = (record: CheckerRecord): void => {
    checkers.observe(record);
    onRecord?.(record);
  };
  const simulation = new Simulation(plan, {
    onTrace: (event: TraceEvent) => observe({ type: "trace", event }),
    onDeviation,
  });
  let nextIndex = 0;
  let end: LifeEnd | undefined;
  live(
    {
      plan,
      stage: simulation.stage,
      keyPrefix: "",
      nowNs: simulation.nowNs,
      record: (draft) => {
        // In this order, because engines copy an object fast only where the copy begins with it.
        const op: Op = { ...draft, index: nextIndex++, timeNs: simulation.nowNs() };
        const record = { type: "op", op } as const;
        simulation.digest(record);
        observe(record);
      },
      onOperation: onDeviation && ((operation) => onDeviation({ type: "operation", ...operation })),
      isEnough: () => checkers.hasFound(null),
      trouble: () => undefined,
      watcher: NOBODY,
    },
    (reached) => (end = reached),
  );
  simulation.run(() => end !== undefined, eventCountMax);
  const { troubles } = end ?? { troubles: ["nothing happens any more"] };
  const nowMs = (): number => performance.now();
  const checks = checkers.finish({
    nowMs,
    deadlineMs: nowMs() + plan.checkTimeoutMs,
    memoryBytes: plan.checkMemoryBytes,
  });
  const ending = { interruptedBy: null, environmentTrouble: troubles[0] ?? null };
  return { ...judge(plan, checks, ending), ...simulation.facts(), checks, troubles };
}

/** The same run with nothing left to chance: in the benign world, with everything that deviated from it listed. */
export function withDeviations(plan: TestPlan): TestPlan {
  const deviations: Deviation[] = [];
  simulate(plan, { onDeviation: (deviation) => deviations.push(deviation) });
  return { ...plan, deviations };
}

const NOBODY: Watcher = {
  phase: () => undefined,
  loadBegins: () => undefined,
  note: () => undefined,
};
