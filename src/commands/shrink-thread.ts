import { parentPort, workerData } from "node:worker_threads";
import { isCarriedBy, kindOf } from "../../nemesis/kinds.ts";
import type { ScheduleEntry } from "../../nemesis/schedule.ts";
import { assert } from "../base/assert.ts";
import { seek } from "../run/seek.ts";
import { shrinkPlan } from "../shrink/shrink-plan.ts";
import { DEFAULT_SIM_OPTIONS } from "../sim/options.ts";
import type { TestPlan } from "../store/plan.ts";
import { loadWorkload } from "../workload/load-workload.ts";
import {
  isSimulatable,
  SIMULATED_TRIES,
  soughtOf,
  type ShrinkTask,
  type Told,
} from "./shrink-search.ts";

/** A thread that shrinks one plan and tells of every step, so that it can be ended at any moment. */
assert(parentPort !== null, "started as a thread");
const port = parentPort;
const { plan, found } = workerData as ShrinkTask;
const tell = (told: Told): void => port.postMessage(told);
const workload = await loadWorkload(plan.workload);
const sought = soughtOf(found);
const simulated =
  plan.environment === "sim" ? plan : isSimulatable(plan) ? findInSimulator() : undefined;
if (simulated !== undefined) shrink(simulated);
tell({ type: "ended" });

function shrink(begin: TestPlan): void {
  if (begin !== plan) tell({ type: "simulated", seed: begin.seed, without: leftOut() });
  let told: TestPlan | undefined;
  shrinkPlan(begin, {
    attempt: (candidate, options) => seek(candidate, sought, { ...options, workload }),
    isTimeUp: () => false,
    onTry: ({ plan: smallest, tries }) => {
      tell(smallest === told ? { type: "tried", tries } : { type: "tried", tries, smallest });
      told = smallest;
    },
  });
}

/** Faults and workload of a run on real nodes, in the simulator with seed after seed until the same is seen there. */
function findInSimulator(): TestPlan | undefined {
  const { schedule, seed } = plan;
  const faults = schedule.faults.filter(isSimulated);
  for (let i = 1; i <= SIMULATED_TRIES; i++) {
    const candidate: TestPlan = {
      ...plan,
      environment: "sim",
      attach: null,
      sim: DEFAULT_SIM_OPTIONS,
      seed: i === 1 ? seed : `${seed}-${i}`,
      schedule: { ...schedule, faults },
    };
    if (seek(candidate, sought, { workload }) !== undefined) return candidate;
  }
  return undefined;
}

function isSimulated({ fault }: ScheduleEntry): boolean {
  return isCarriedBy("sim", kindOf(fault));
}

/** Kinds of fault that only real nodes know. */
function leftOut(): string[] {
  const others = plan.schedule.faults.filter((entry) => !isSimulated(entry));
  return [...new Set(others.map(({ fault }) => kindOf(fault)))];
}
