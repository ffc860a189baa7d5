import { isDeepStrictEqual } from "node:util";
import { createPrng } from "../base/prng.ts";
import { drawStaticCut } from "../run/swarm.ts";
import { DEFAULT_SIM_OPTIONS } from "../sim/options.ts";
import type { TestPlan } from "../store/plan.ts";
import { quote } from "./quote.ts";

/**
 * What a schedule file with deviations does not say of a simulated run; undefined where no flags say it: what is wrong
 * with network, disks and clocks of a hunt's runs is drawn.
 */
export function flagsOfPlan(plan: TestPlan): string[] | undefined {
  const { nodeCount, durationMs, mutant, workload, seed, liveness, proxyClients, sim } = plan;
  if (sim !== undefined && !isDeepStrictEqual(sim, DEFAULT_SIM_OPTIONS)) return undefined;
  const drawn = drawStaticCut(createPrng(seed).fork("liveness"), nodeCount);
  if (liveness !== undefined && !isDeepStrictEqual(liveness, drawn)) return undefined;
  const { name, file, concurrency, operationTimeoutMs } = workload;
  return [
    `--nodes ${nodeCount}`,
    `--duration ${durationMs}ms`,
    `--workload ${quote(file ?? name)}`,
    `--concurrency ${concurrency}`,
    `--operation-timeout ${operationTimeoutMs}ms`,
    ...(proxyClients ? ["--proxy-clients"] : []),
    ...(mutant === null ? [] : [`--mutant ${mutant}`]),
    ...(liveness === undefined ? [] : ["--liveness", `--seed ${quote(seed)}`]),
  ];
}
