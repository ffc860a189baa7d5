import type { NodeId, Role } from "../base/node-id.ts";
import type { ProgressEvent } from "../report/progress.ts";
import type { ProgressView } from "../report/progress-view.ts";

/** A node as its own trace, and what was done to it, show it. */
export interface LiveNode {
  readonly node: NodeId;
  readonly life: "up" | "down" | "paused";
  readonly role: Role | null;
  readonly term: number;
  readonly votedFor: NodeId | null;
  readonly lastIndex: number;
  readonly commitIndex: number;
  /** Since its last line of trace; null: there was none yet. */
  readonly silentMs: number | null;
}

/** A fault in force. */
export interface LiveFault {
  readonly id: string;
  readonly kind: string;
  readonly sentence: string;
  readonly nodes: readonly NodeId[];
  /** As "n1-n2". */
  readonly links: readonly string[];
  /** Until its heal; null: nobody knows. */
  readonly restMs: number | null;
}

export interface LiveEvent {
  /** Counts from 1. */
  readonly id: number;
  readonly type: ProgressEvent["type"];
  readonly timeMs: number;
  readonly text: string;
}

/** How a run that is over ended. */
export interface LiveEnd {
  readonly verdict: string;
  readonly conclusion: string;
  /** Path of its report on this server. */
  readonly report: string;
}

/** A run at one moment, all that a page needs to show it. Sent whole: nothing is lost with a lost connection. */
export interface LiveState {
  /** "register", "local", "5 nodes", "seed 7f3a91". */
  readonly facts: readonly string[];
  readonly mayControl: boolean;
  readonly view: ProgressView;
  readonly nodes: readonly LiveNode[];
  readonly faults: readonly LiveFault[];
  readonly end: LiveEnd | null;
}

/** One message of the stream: the state, and the events since the last message that arrived. */
export interface LiveMessage {
  readonly state: LiveState;
  readonly events: readonly LiveEvent[];
}

/** What a page may ask for. */
export type LiveOrder =
  | { readonly type: "inject"; readonly fault: unknown; readonly forMs: number | null }
  | { readonly type: "heal"; readonly ids: readonly string[] | "all" }
  | { readonly type: "stop" };
