import type { Fault, NodeSelector } from "./fault.ts";

/** A fault of the user's own, as far as schedules are concerned. Its lane bears its name. */
export type OwnLane = NodesLane | PartsLane;

/** Brought about at nodes by the user's own code, for as long as the schedule says. */
export interface NodesLane {
  readonly name: string;
  /** What it does, after "n2 is". */
  readonly text: string;
  /** Undefined: drawn, as for kills. */
  readonly nodes: NodeSelector | undefined;
}

/** Other faults that come together, with their own times. */
export interface PartsLane {
  readonly name: string;
  readonly parts: readonly FaultPart[];
}

export interface FaultPart {
  /** Since the beginning of the whole. */
  readonly afterMs: number;
  readonly forMs: number;
  readonly fault: Fault;
}
