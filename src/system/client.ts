import type { Address } from "../base/address.ts";
import type { NodeId } from "../base/node-id.ts";

/** One operation as a process asks for it; `f` and `value` as in the history. */
export interface Invocation {
  readonly f: string;
  readonly value: unknown;
}

/** How it ended. `fail` needs proof that nothing happened; what is not known is `info`. */
export interface Completion {
  readonly type: "ok" | "fail" | "info";
  /** Of an `ok`: what the history records; absent: as invoked. */
  readonly value?: unknown;
  readonly error?: string;
  readonly current?: string | null;
  readonly node?: NodeId;
}

/** Performs operations for one process against a cluster, one at a time. */
export interface Client {
  /** `done` is called exactly once, at the deadline at the latest. */
  invoke(invocation: Invocation, deadlineMs: number, done: (completion: Completion) => void): void;
  close(): void;
}

/** How a client goes about its work. */
export interface Manner {
  /** The node that this client asks first. */
  readonly home: NodeId;
  /** Uses a session, so that it may try again what got no answer; else each operation is sent once. */
  readonly withSession: boolean;
}

export interface ClientOptions extends Manner {
  readonly addresses: ReadonlyMap<NodeId, Address>;
}
