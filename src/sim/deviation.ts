import type { NodeId } from "../base/node-id.ts";
import type { NodeConcern } from "./chance.ts";
import type { MessageKind } from "./message.ts";

/**
 * One thing in which a run differs from the benign world, where every message takes the same short time and none
 * is lost, disks are as fast as they get, clocks agree, and of equal nodes the one with the lowest number times
 * out first. The faults of a schedule are no deviations: they keep their own format and go beside these.
 */
export type Deviation =
  /** The message never arrives. */
  | { readonly type: "drop"; readonly message: MessagePattern }
  /** The message takes so much longer than it would. */
  | { readonly type: "delay"; readonly message: MessagePattern; readonly byMs: number }
  /** The request arrives twice. The second is a message of its own: the next occurrence. */
  | { readonly type: "duplicate"; readonly message: MessagePattern }
  | ChanceDeviation
  /** The node's election timer fires now. */
  | { readonly type: "timeout"; readonly node: NodeId; readonly atMs: number }
  /** The node's clock goes on from so much later; what it waits for is due earlier. */
  | {
      readonly type: "clock-jump";
      readonly node: NodeId;
      readonly atMs: number;
      readonly byMs: number;
    }
  | ListedOperation;

/** A client asks. Where a deviation list is given, these are all operations that there are. */
export interface ListedOperation {
  readonly type: "operation";
  /** Like all times here and in schedules: since the beginning of the load. */
  readonly atMs: number;
  /** Which of the run's clients, from 0. One that is busy asks when it has its answer. */
  readonly client: number;
  readonly f: string;
  readonly value: unknown;
}

/**
 * Which messages: those that agree in all that is given. With `occurrence`, only the how-manieth of them (from 1).
 * A pattern that nothing agrees with does nothing, so a list stays usable when parts of it are taken away.
 */
export interface MessagePattern {
  /** A node, or "clients". */
  readonly from?: NodeId;
  readonly to?: NodeId;
  readonly kind?: MessageKind;
  /** Of the request, also where its reply is meant. */
  readonly term?: number;
  /** Its place in the log: prevLogIndex, or of a vote request lastLogIndex. */
  readonly index?: number;
  readonly occurrence?: number;
}

/**
 * What chance decides otherwise at a node, as the draw in [0, 1) that decides it: of "election timeout" the share
 * between shortest and longest, of "sync" the same (squared), of "torn write" how much of it is there, and so on.
 */
export interface ChanceDeviation {
  readonly type: "chance";
  readonly of: NodeConcern;
  readonly node: NodeId;
  /** Which time: the node's life and its term, or the number of the sync …; absent: every time. */
  readonly key?: readonly number[];
  readonly value: number;
}

/** Deviations that happen at a moment, rather than to something that may come. */
export type TimedDeviation = Extract<Deviation, { type: "timeout" | "clock-jump" }>;

export function isTimed(deviation: Deviation): deviation is TimedDeviation {
  return deviation.type === "timeout" || deviation.type === "clock-jump";
}
