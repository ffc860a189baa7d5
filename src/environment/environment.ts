import type { FaultTarget } from "../../nemesis/target.ts";
import type { Address } from "../base/address.ts";
import type { NodeId } from "../base/node-id.ts";
import type { Prng } from "../base/prng.ts";
import type { TraceEvent } from "../base/trace.ts";
import type { HookedFault } from "../system/own-fault.ts";
import type { System } from "../system/system.ts";

/** What an environment is told when it starts. */
export interface EnvironmentOptions {
  readonly runId: string;
  /** The run's folder; data, logs and traces of the nodes go below it. */
  readonly directory: string;
  readonly nodes: readonly NodeId[];
  /** What runs there. */
  readonly system: System;
  /** Clients' links go through proxies too, so that the nemesis can disturb them. */
  readonly proxyClients: boolean;
  /** What the user's own code can do to nodes. */
  readonly ownFaults?: readonly HookedFault[];
  readonly prng: Prng;
}

/** Where nodes run. Whoever started one owns it and disposes of it; then nothing of it is left. */
export interface Environment extends AsyncDisposable {
  readonly nodes: readonly NodeId[];
  /** Where the nemesis acts. */
  readonly target: FaultTarget;
  /** Where clients call a node. */
  readonly addresses: ReadonlyMap<NodeId, Address>;
  /** Trace events that have come in since the last call, in no particular order across nodes. */
  takeTrace(): TraceEvent[];
  /** One sentence once something that the run stands on has failed; it can't go on then. */
  trouble(): string | undefined;
  /** Resolves when a node leads; rejects with EnvironmentError and the last thing seen. */
  waitForLeader(deadlineMs: number): Promise<NodeId>;
  /** Stops every node for good and reads what they have left to say. */
  stopNodes(): Promise<void>;
}

/** Monotonic nanoseconds of this host, the clock of nodes' traces. */
export function hostTimeNs(): number {
  return Number(process.hrtime.bigint());
}
