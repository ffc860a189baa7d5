import { withMembers } from "../../nemesis/members.ts";
import type { FaultTarget, NemesisClock } from "../../nemesis/target.ts";
import type { Clock } from "../base/clock.ts";
import type { NodeId } from "../base/node-id.ts";
import type { Environment } from "../environment/environment.ts";
import { HttpMembers } from "../environment/http-members.ts";
import type { Client, Manner } from "../system/client.ts";
import { HOST_CLOCK } from "../system/host-clock.ts";
import { createClient } from "../system/create-client.ts";
import type { System } from "../system/system.ts";
import { ElectionClient } from "../workload/election.ts";
import type { RunWorkload } from "../workload/run-workload.ts";

/**
 * A started cluster as the life of a run sees it. Callbacks throughout, so that in the simulator all of a run,
 * harness included, happens in virtual time.
 */
export interface Stage {
  readonly nodes: readonly NodeId[];
  /** Where the nemesis acts. */
  readonly target: FaultTarget;
  readonly clock: Clock;
  createClient(manner: Manner): Client;
  /** The load begins: the moment from which the times of a schedule count. */
  begin?(): void;
  /** From now on nothing is left to chance that chance can make worse. Only the simulator can. */
  calm?(): void;
  /** One sentence once something that the run stands on has failed; it can't go on then. */
  trouble(): string | undefined;
  /** Stops every node for good. */
  stopNodes(done: () => void): void;
}

/** Nodes that are processes or containers, in real time. */
export function hostStage(
  environment: Environment,
  { system, workload }: { readonly system: System; readonly workload: RunWorkload },
  onError: (error: unknown) => void,
): Stage {
  const { nodes, target, addresses } = environment;
  return {
    nodes,
    target: withMembers(target, new HttpMembers(addresses), nemesisClock(HOST_CLOCK)),
    clock: HOST_CLOCK,
    createClient: (manner) =>
      workload.name === "election"
        ? new ElectionClient(() => target.status())
        : (workload.createClient?.({ addresses, ...manner }) ??
          createClient(system, { addresses, ...manner })),
    trouble: () => environment.trouble(),
    stopNodes: (done) => {
      environment.stopNodes().then(done).catch(onError);
    },
  };
}

/** A clock as the nemesis reads it. */
export function nemesisClock(clock: Clock): NemesisClock {
  return { nowNs: () => clock.nowMs() * 1e6, after: (ms, act) => clock.after(ms, act) };
}
