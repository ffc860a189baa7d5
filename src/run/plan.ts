import type { Kind } from "../../nemesis/kinds.ts";
import { generateSchedule } from "../../nemesis/generate.ts";
import { checkScheduleFits, type Schedule } from "../../nemesis/schedule.ts";
import type { NodeId } from "../base/node-id.ts";
import type { Expectation, TestPlan } from "../store/plan.ts";

/** What a user may choose; everything else follows from it and the seed. */
export interface PlanChoices {
  readonly seed: string;
  readonly nodeCount: number;
  readonly durationMs: number;
  readonly rate: number;
  readonly concurrency: number;
  readonly operationTimeoutMs: number;
  readonly kinds: readonly Kind[];
  readonly nemesisIntervalMs: number;
  /** A schedule of the user's own, with the name of its file; then no kinds are drawn from. */
  readonly schedule: { readonly schedule: Schedule; readonly fileName: string } | undefined;
  readonly proxyClients: boolean;
  readonly mutant: string | null;
  readonly expect: Expectation;
  readonly failFast: boolean;
  readonly checkTimeoutMs: number;
  readonly checkMemoryBytes: number;
  readonly availability: number | null;
  readonly allowUnknown: boolean;
}

export function nodeNames(count: number): NodeId[] {
  return Array.from({ length: count }, (_, i) => `n${i + 1}`);
}

/** Everything that decides the run, schedule included. Throws UserError for what does not go together. */
export function createPlan(choices: PlanChoices): TestPlan {
  const { kinds, schedule: own, rate, concurrency, operationTimeoutMs, ...rest } = choices;
  const nodes = nodeNames(choices.nodeCount);
  const hasClientLinks = choices.proxyClients;
  if (own !== undefined) checkScheduleFits(own.schedule, { nodes, hasClientLinks }, own.fileName);
  const schedule =
    own?.schedule ??
    generateSchedule({
      seed: choices.seed,
      kinds,
      nodes,
      durationMs: choices.durationMs,
      intervalMs: choices.nemesisIntervalMs,
      hasClientLinks,
    });
  return {
    format: "raftwreck-plan",
    version: 1,
    environment: "local",
    system: "raftwreck",
    workload: { name: "register", rate, concurrency, operationTimeoutMs },
    nemesis: own === undefined ? kinds : [],
    schedule,
    ...rest,
  };
}
