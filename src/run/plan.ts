import type { WorkloadName } from "../../checker/checkers.ts";
import { generateSchedule } from "../../nemesis/generate.ts";
import { DEFAULT_KINDS, type Kind } from "../../nemesis/kinds.ts";
import type { OwnLane } from "../../nemesis/own-lane.ts";
import { checkScheduleFits } from "../../nemesis/schedule.ts";
import type { FaultTarget, Surroundings } from "../../nemesis/target.ts";
import { ConfigError } from "../base/errors.ts";
import type { NodeId } from "../base/node-id.ts";
import { DEFAULT_SIM_OPTIONS, type SimOptions } from "../sim/options.ts";
import type { ScheduleFile } from "../sim/schedule-file.ts";
import type { StaticCutPlan, TestPlan } from "../store/plan.ts";

/** What a user may choose; everything else follows from it and the seed. */
export type PlanChoices = Pick<
  TestPlan,
  | "seed"
  | "environment"
  | "attach"
  | "system"
  | "systemOptions"
  | "judgedBy"
  | "nodeCount"
  | "durationMs"
  | "nemesisIntervalMs"
  | "proxyClients"
  | "mutant"
  | "expect"
  | "failFast"
  | "checkTimeoutMs"
  | "checkMemoryBytes"
  | "availability"
  | "allowUnknown"
> &
  Pick<TestPlan["workload"], "rate" | "concurrency" | "operationTimeoutMs"> & {
    /** The name of a built-in one, or where one of the user's own is. */
    readonly workload: WorkloadName | { readonly name: string; readonly file: string | null };
    /** Of the simulated world. */
    readonly sim?: SimOptions;
    readonly liveness?: StaticCutPlan;
    readonly kinds: readonly Kind[];
    /** Lanes of the user's own faults besides. */
    readonly ownLanes?: readonly OwnLane[];
    /** A schedule of the user's own, with the name of its file; then no kinds are drawn from. */
    readonly schedule: (ScheduleFile & { readonly fileName: string }) | undefined;
  };

/** What holds where nothing else is chosen. The number of clients follows that of the nodes: two each. */
export const DEFAULT_CHOICES: Omit<PlanChoices, "seed"> = {
  environment: "local",
  attach: null,
  system: "raftwreck",
  workload: "register",
  nodeCount: 5,
  durationMs: 60_000,
  rate: 200,
  concurrency: 10,
  operationTimeoutMs: 1500,
  kinds: DEFAULT_KINDS,
  nemesisIntervalMs: 10_000,
  schedule: undefined,
  proxyClients: false,
  mutant: null,
  expect: { verdict: "valid" },
  failFast: false,
  checkTimeoutMs: 60_000,
  checkMemoryBytes: 2 * 2 ** 30,
  availability: null,
  allowUnknown: false,
};

/** Read off an object, whose keys engines have only once: comparing such names is comparing addresses. */
export function nodeNames(count: number): NodeId[] {
  return Object.keys(Object.fromEntries(Array.from({ length: count }, (_, i) => [`n${i + 1}`, i])));
}

/** The cluster of a plan, as far as faults have to fit it. */
export function clusterOf(
  plan: Pick<TestPlan, "nodeCount" | "proxyClients"> & Parameters<typeof surroundingsOf>[0],
): Pick<FaultTarget, "nodes" | "hasClientLinks" | "surroundings"> {
  return {
    nodes: nodeNames(plan.nodeCount),
    hasClientLinks: plan.proxyClients,
    surroundings: surroundingsOf(plan),
  };
}

/** Limits and networks of containers that somebody else has made are not ours to change. */
export function surroundingsOf({
  environment,
  attach,
  system,
  systemOptions,
}: Pick<TestPlan, "environment" | "attach" | "system" | "systemOptions">): Surroundings {
  if (attach !== null || systemOptions?.running !== undefined) return "attached";
  if (system === "raftwreck") return environment;
  return environment === "docker" ? "foreign-docker" : "foreign";
}

/** Everything that decides the run, schedule included. Throws UserError for what does not go together. */
export function createPlan(choices: PlanChoices): TestPlan {
  const { kinds, ownLanes = [], schedule: own, workload, rate, concurrency, ...others } = choices;
  const { operationTimeoutMs, sim = DEFAULT_SIM_OPTIONS, ...rest } = others;
  const cluster = clusterOf(choices);
  const { nodes, hasClientLinks } = cluster;
  if (own !== undefined) checkScheduleFits(own.schedule, cluster, own.fileName);
  const deviations = own?.deviations;
  if (deviations !== undefined && choices.environment !== "sim") {
    const types = [...new Set(deviations.map(({ type }) => type))].join(", ");
    throw new ConfigError(
      `${own?.fileName}: deviations (${types}) are for the simulator: write --environment sim, or take ` +
        "them out of the file to run its faults alone",
    );
  }
  const schedule =
    own?.schedule ??
    generateSchedule({
      seed: choices.seed,
      kinds,
      own: ownLanes,
      nodes,
      durationMs: choices.durationMs,
      intervalMs: choices.nemesisIntervalMs,
      hasClientLinks,
    });
  return {
    format: "raftwreck-plan",
    version: 1,
    ...(choices.environment === "sim" ? { sim } : {}),
    workload: {
      ...(typeof workload === "string" ? { name: workload } : workload),
      rate,
      concurrency,
      operationTimeoutMs,
    },
    nemesis: own === undefined ? [...kinds, ...ownLanes.map(({ name }) => name)] : [],
    schedule,
    ...(deviations === undefined ? {} : { deviations }),
    ...rest,
  };
}
