import { createCheckers } from "../../checker/checkers.ts";
import { CheckerSet } from "../../checker/run-checkers.ts";
import type { CheckerRecord } from "../../checker/checker.ts";
import type { Anomaly, CheckResult } from "../../checker/verdict.ts";
import type { Nemesis } from "../../nemesis/nemesis.ts";
import type { Schedule } from "../../nemesis/schedule.ts";
import type { TraceEvent } from "../base/trace.ts";
import type { TestPlan } from "../store/plan.ts";
import type { Deviation } from "../sim/deviation.ts";
import { builtInWorkload, type RunWorkload } from "../workload/run-workload.ts";
import { judge, type Judgement } from "./judge.ts";
import { live, type LifeEnd } from "./life.ts";
import { opOf } from "./load.ts";
import { nodeNames } from "./plan.ts";
import { Simulation } from "./simulation.ts";

/** What a simulated run that left nothing on disk came to. */
export interface Simulated extends Judgement, ReturnType<Simulation["facts"]> {
  readonly checks: readonly CheckResult[];
  readonly troubles: LifeEnd["troubles"];
  /** When the load began, from which moments in plans count; undefined: it never did. */
  readonly beganNs: number | undefined;
  /** The schedule as it ran; undefined where the load never began. */
  readonly schedule: Schedule | undefined;
}

export interface SimulateOptions {
  /** Needed where it is not a built-in one. */
  readonly workload?: (() => RunWorkload) | undefined;
  /** Sees all that is recorded. */
  readonly onRecord?: (record: CheckerRecord) => void;
  /** Told whenever the seeded bug decides otherwise than the rule that it replaces. */
  readonly onDifference?: () => void;
  /**
   * Told of everything that is otherwise than in the benign world, in the form in which a plan lists it, and when
   * (nanoseconds since the start of the run).
   */
  readonly onDeviation?: ((deviation: Deviation, timeNs: number) => void) | undefined;
  /** After so many events it is as if nothing happened any more. */
  readonly eventCountMax?: number;
  /** In nanoseconds since its start: then the run ends, wherever it is. */
  readonly untilNs?: number | undefined;
  /** Nothing else is looked for, and where it is seen, the run ends. */
  readonly sought?: Sought;
}

/** A violation, as one checker finds it. */
export interface Sought {
  /** Absent: any. */
  readonly checker?: string;
  readonly isIt: (anomaly: Anomaly) => boolean;
}

/** A whole run in one call, in memory: for sweeps over many seeds. */
export function simulate(plan: TestPlan, options: SimulateOptions = {}): Simulated {
  const { onRecord, onDeviation, onDifference, sought } = options;
  const { eventCountMax = Infinity, untilNs = Infinity } = options;
  const workload = options.workload?.() ?? builtInWorkload(plan.workload);
  const nodes = nodeNames(plan.nodeCount);
  const all = createCheckers({ workload: workload.judgedBy, nodes, online: plan.failFast });
  const wanted = all.filter(({ id }) => (sought?.checker ?? id) === id);
  const checkers = new CheckerSet(wanted);
  const observe = (record: CheckerRecord): void => {
    checkers.observe(record);
    onRecord?.(record);
  };
  // Of how the world begins it is told before there is one.
  let nowNs = (): number => 0;
  const deviate = onDeviation && ((deviation: Deviation) => onDeviation(deviation, nowNs()));
  const simulation = new Simulation(plan, {
    onTrace: (event: TraceEvent) => observe({ type: "trace", event }),
    onDeviation: deviate,
    onDifference,
  });
  ({ nowNs } = simulation);
  let nextIndex = 0;
  let load: { readonly beganNs: number; readonly nemesis: Nemesis } | undefined;
  let end: LifeEnd | undefined;
  live(
    {
      plan,
      workload,
      stage: simulation.stage,
      keyPrefix: "",
      nowNs,
      record: (draft) => {
        const op = opOf(draft, { index: nextIndex++, timeNs: nowNs() });
        const record = { type: "op", op } as const;
        simulation.digest(record);
        observe(record);
      },
      onOperation: deviate && ((operation) => deviate({ type: "operation", ...operation })),
      isEnough: () => checkers.hasFound(null),
      trouble: () => undefined,
      watcher: {
        phase: () => undefined,
        loadBegins: (beganNs, nemesis) => (load = { beganNs, nemesis }),
        note: () => undefined,
      },
    },
    (reached) => (end = reached),
  );
  const isSeen = (): boolean =>
    sought !== undefined && checkers.checkers.some(({ found }) => found.some(sought.isIt));
  const isOver = (): boolean => end !== undefined || nowNs() > untilNs || isSeen();
  simulation.run(isOver, eventCountMax);
  const { troubles } = end ?? { troubles: [{ sentence: "nothing happens any more" }] };
  const nowMs = (): number => performance.now();
  const checks = checkers.finish({
    nowMs,
    deadlineMs: nowMs() + plan.checkTimeoutMs,
    memoryBytes: plan.checkMemoryBytes,
  });
  const ending = { interruptedBy: null, environmentTrouble: troubles[0]?.sentence ?? null };
  return {
    ...judge(plan, checks, ending),
    ...simulation.facts(),
    checks,
    troubles,
    beganNs: load?.beganNs,
    schedule: load?.nemesis.asRun(),
  };
}

/** The same run with nothing left to chance: in the benign world, with everything that deviated from it listed. */
export function withDeviations(plan: TestPlan, workload?: SimulateOptions["workload"]): TestPlan {
  const deviations: Deviation[] = [];
  simulate(plan, { workload, onDeviation: (deviation) => deviations.push(deviation) });
  return { ...plan, deviations };
}
