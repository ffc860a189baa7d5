import { createStore, restoreStore } from "../kv/store.ts";
import { hashAt, lastIndex } from "../raft/log.ts";
import { markOf } from "../raft/snapshot.ts";
import { createRaft, trace, type RaftOptions } from "../raft/state.ts";
import { stepRaft, wakeAtMs, type RaftInput } from "../raft/step.ts";
import { applyCommitted, compactWhenDue, takeOverSnapshot } from "./apply.ts";
import type { ClientRequest } from "./client.ts";
import { serveReads } from "./reads.ts";
import { handleRequest } from "./requests.ts";
import {
  collect,
  DEFAULT_LIMITS,
  fail,
  reply,
  type Effect,
  type Limits,
  type Replica,
} from "./state.ts";

export type { Effect, Limits, Replica } from "./state.ts";

/** What a replica is given; each comes with the node's own clock reading. */
export type Input =
  | RaftInput
  | { readonly type: "request"; readonly requestId: number; readonly request: ClientRequest };

export interface ReplicaOptions extends RaftOptions {
  /** How long a client is kept waiting before it hears "timeout". */
  readonly requestTimeoutMs: number;
  readonly limits?: Limits;
}

export function createReplica(options: ReplicaOptions): Replica {
  const raft = createRaft(options);
  trace(raft, {
    type: "start",
    term: raft.currentTerm,
    votedFor: raft.votedFor,
    lastIndex: lastIndex(raft.log),
    lastHash: hashAt(raft.log, lastIndex(raft.log)),
    members: raft.configuration.voters,
    learners: raft.configuration.learners,
    ...(raft.snapshot && { snapshot: markOf(raft.snapshot) }),
  });
  return {
    raft,
    store: raft.snapshot === undefined ? createStore() : restoreStore(raft.snapshot.state),
    requestTimeoutMs: options.requestTimeoutMs,
    limits: options.limits ?? DEFAULT_LIMITS,
    lastApplied: raft.rules.appliedAtStart(raft),
    charsApplied: 0,
    writes: [],
    reads: [],
    ticketCount: 0,
    transfers: [],
    effects: [],
  };
}

/** Takes one input at `nowMs` of the node's monotonic clock; perform the effects in their order. */
export function step(replica: Replica, nowMs: number, input: Input): Effect[] {
  const { raft } = replica;
  raft.nowMs = nowMs;
  if (input.type === "request") handleRequest(replica, input.requestId, input.request);
  else stepRaft(raft, input);
  collect(replica);
  takeOverSnapshot(replica);
  applyCommitted(replica);
  compactWhenDue(replica);
  if (raft.role !== "leader") abandonPending(replica);
  serveReads(replica);
  expire(replica);
  collect(replica);
  const effects = replica.effects;
  replica.effects = [];
  return effects;
}

/** When the replica next wants a `tick`, in milliseconds of its clock. */
export function nextWakeMs(replica: Replica): number {
  const wakeMs = wakeAtMs(replica.raft);
  const { writes, reads } = replica;
  if (writes.length === 0 && reads.length === 0) return wakeMs;
  return Math.min(wakeMs, writes[0]?.deadlineMs ?? Infinity, reads[0]?.deadlineMs ?? Infinity);
}

/** Leadership is gone: reads can be asked elsewhere, the outcome of writes is unknown. */
function abandonPending(replica: Replica): void {
  const { raft } = replica;
  const { reads, transfers, writes } = replica;
  if (reads.length === 0 && transfers.length === 0 && writes.length === 0) return;
  if (raft.rules.readNeedsLeader(raft)) {
    const error = { code: "leadership-lost", definite: true } as const;
    for (const read of replica.reads) fail(replica, read.requestId, error);
    replica.reads = [];
  }
  for (const requestId of replica.transfers) reply(replica, requestId, { type: "transferred" });
  replica.transfers = [];
  const decision = raft.rules.pendingWriteAfterStepDown();
  if (decision === "keep") return;
  for (const write of replica.writes) {
    const definite = decision === "answer-failed";
    fail(replica, write.requestId, { code: "leadership-lost", definite });
  }
  replica.writes = [];
}

/** Nobody waits for longer than was said. */
function expire(replica: Replica): void {
  const { raft, writes, reads, transfers } = replica;
  if (writes.length === 0 && reads.length === 0 && transfers.length === 0) return;
  const { nowMs } = raft;
  while ((writes[0]?.deadlineMs ?? Infinity) <= nowMs) {
    const write = writes.shift();
    if (write !== undefined) fail(replica, write.requestId, { code: "timeout", definite: false });
  }
  while ((reads[0]?.deadlineMs ?? Infinity) <= nowMs) {
    const read = reads.shift();
    if (read !== undefined) fail(replica, read.requestId, { code: "timeout", definite: true });
  }
  if (raft.leader?.transfer !== undefined) return;
  for (const requestId of replica.transfers) {
    fail(replica, requestId, { code: "timeout", definite: false });
  }
  replica.transfers = [];
}
