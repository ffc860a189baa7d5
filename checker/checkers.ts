import type { NodeId } from "../src/base/node-id.ts";
import { createAvailability } from "./availability.ts";
import type { Checker } from "./checker.ts";
import { createFaultCoverage } from "./fault-coverage.ts";
import { createLinearizability } from "./linearizability/linearizability.ts";
import { createProcessExits } from "./process-exits.ts";
import { createLeaderReturns } from "./leader-returns.ts";
import { createLiveness } from "./liveness.ts";
import { createRaftCheckers } from "./raft/raft-checkers.ts";
import { createStatistics } from "./statistics.ts";
import { Timeline } from "./timeline.ts";
import { createTransactions } from "./transactions/transactions.ts";
import { createBankChecker } from "./workloads/bank.ts";
import { createCounterChecker } from "./workloads/counter.ts";
import { createLockChecker } from "./workloads/lock.ts";
import { createQueueChecker } from "./workloads/queue.ts";
import { createSetChecker } from "./workloads/set.ts";
import { createUniqueIdsChecker } from "./workloads/unique-ids.ts";

/** What clients must be able to rely on, for each workload. */
const BY_WORKLOAD = {
  register: createLinearizability,
  append: createTransactions,
  wr: createTransactions,
  set: createSetChecker,
  counter: createCounterChecker,
  bank: createBankChecker,
  queue: createQueueChecker,
  lock: createLockChecker,
  "unique-ids": createUniqueIdsChecker,
  // Clients only ask who leads; what has to hold of that is Raft's.
  election: () => undefined,
} as const satisfies Record<string, (options: { readonly online: boolean }) => Checker | undefined>;

export type WorkloadName = keyof typeof BY_WORKLOAD;

export const WORKLOAD_NAMES = Object.keys(BY_WORKLOAD) as readonly WorkloadName[];

export interface CheckerOptions {
  /** The name of a built-in one, or what makes the checkers that go with one of the user's own. */
  readonly workload: WorkloadName | (() => readonly Checker[]);
  /**
   * What the properties of Raft are judged by: nodes' own traces (the default), what was seen of their states, which
   * tells of elections only, or nothing.
   */
  readonly judgedBy?: "trace" | "state" | "clients" | undefined;
  /** All members of the cluster. */
  readonly nodes: readonly NodeId[];
  /** False: nobody looks before the end, so what can be judged then is left for then. */
  readonly online?: boolean;
}

/** All checkers of a run, in the order in which they are shown: promises first, then the guards. */
export function createCheckers(options: CheckerOptions): Checker[] {
  const { workload, nodes, judgedBy = "trace", online = true } = options;
  const timeline = new Timeline();
  return [
    ...checkersOfClients(workload, online),
    ...(judgedBy === "clients" ? [] : createRaftCheckers(nodes, judgedBy)),
    createProcessExits(),
    ...(judgedBy === "trace" ? [createLiveness(nodes)] : []),
    ...(workload === "election" ? [createLeaderReturns()] : []),
    createAvailability(timeline),
    createFaultCoverage(timeline),
    createStatistics(timeline),
  ];
}

function checkersOfClients(
  workload: CheckerOptions["workload"],
  online: boolean,
): readonly Checker[] {
  if (typeof workload === "function") return workload();
  const checker = BY_WORKLOAD[workload]({ online });
  return checker === undefined ? [] : [checker];
}
