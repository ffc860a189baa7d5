import type { NodeId } from "../src/base/node-id.ts";
import { createAvailability } from "./availability.ts";
import type { Checker } from "./checker.ts";
import { createFaultCoverage } from "./fault-coverage.ts";
import { createLinearizability } from "./linearizability/linearizability.ts";
import { createProcessExits } from "./process-exits.ts";
import { createLiveness } from "./liveness.ts";
import { createRaftCheckers } from "./raft/raft-checkers.ts";
import { createStatistics } from "./statistics.ts";
import { createTransactions } from "./transactions/transactions.ts";

/** What clients must be able to rely on, for each workload. */
const BY_WORKLOAD = {
  register: createLinearizability,
  append: createTransactions,
  wr: createTransactions,
} as const satisfies Record<string, (options: { readonly online: boolean }) => Checker>;

export type WorkloadName = keyof typeof BY_WORKLOAD;

export interface CheckerOptions {
  readonly workload: WorkloadName;
  /** All members of the cluster. */
  readonly nodes: readonly NodeId[];
  /** False: nobody looks before the end, so what can be judged then is left for then. */
  readonly online?: boolean;
}

/** All checkers of a run, in the order in which they are shown: promises first, then the guards. */
export function createCheckers({ workload, nodes, online = true }: CheckerOptions): Checker[] {
  return [
    BY_WORKLOAD[workload]({ online }),
    ...createRaftCheckers(nodes),
    createProcessExits(),
    createLiveness(nodes),
    createAvailability(),
    createFaultCoverage(),
    createStatistics(),
  ];
}
