import type { NodeId } from "../../src/base/node-id.ts";
import type { Store } from "../kv/store.ts";
import { added } from "../raft/lists.ts";
import type { LogIndex } from "../raft/log.ts";
import type { RaftEffect, RaftState } from "../raft/state.ts";
import { settle } from "../raft/step.ts";
import type { ClientError, ClientReply } from "./client.ts";

/** What it wants done, in this order. */
export type Effect =
  RaftEffect | { readonly type: "reply"; readonly requestId: number; readonly reply: ClientReply };

/** Backpressure: beyond these a request is refused at once, with certainty that nothing happened. */
export interface Limits {
  /** Requests that wait for an answer. */
  readonly pendingMax: number;
  /** Entries in the log that are not committed. */
  readonly uncommittedMax: number;
}

export const DEFAULT_LIMITS: Limits = { pendingMax: 4096, uncommittedMax: 16_384 };

/** A write in the log that a client waits for. */
export interface PendingWrite {
  readonly requestId: number;
  /** Of its entry. */
  readonly index: LogIndex;
  readonly term: number;
  readonly deadlineMs: number;
  /** As soon as the entry is applied. */
  answer: ClientReply | undefined;
}

/** A read on its way through read-index (§8; thesis §6.4). */
export interface PendingRead {
  readonly requestId: number;
  readonly key: string;
  readonly deadlineMs: number;
  /** Undefined until this leader has committed an entry of its own term. */
  ticket: ReadTicket | undefined;
}

/** What reads wait for that arrived together. */
export interface ReadTicket {
  readonly number: number;
  readonly index: LogIndex;
  /** The round that has to be confirmed; 0: none. */
  readonly round: number;
}

/**
 * A server whole: consensus, state machine and the clients that wait. It never awaits, reads a clock, draws
 * a number that was not handed to it, or throws for the world's sake: input in, effects out.
 */
export interface Replica {
  readonly raft: RaftState;
  store: Store;
  readonly requestTimeoutMs: number;
  readonly limits: Limits;
  lastApplied: LogIndex;
  /** Characters of commands that were applied since the last snapshot. */
  charsApplied: number;
  /** In the order of the log, which is that of their deadlines. */
  writes: PendingWrite[];
  reads: PendingRead[];
  ticketCount: number;
  /** Who waits for this node to hand over its leadership. */
  transfers: number[];
  effects: Effect[];
}

/** What consensus wants done so far comes before all that follows. */
export function collect(replica: Replica): void {
  const effects = settle(replica.raft);
  if (effects.length === 0) return;
  if (replica.effects.length === 0) replica.effects = effects;
  else replica.effects.push(...effects);
}

export function reply(replica: Replica, requestId: number, answer: ClientReply): void {
  replica.effects = added(replica.effects, { type: "reply", requestId, reply: answer });
}

export function fail(
  replica: Replica,
  requestId: number,
  error: Pick<ClientError, "code" | "definite" | "message"> & { readonly leaderId?: NodeId },
): void {
  const { code, definite, message, leaderId = replica.raft.leaderId } = error;
  const told: ClientError = { type: "error", leaderId, code, definite };
  reply(replica, requestId, message === undefined ? told : { ...told, message });
}
