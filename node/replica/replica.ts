import { unreachable } from "../../src/base/assert.ts";
import { decodeCommand, encodeCommand } from "../kv/command.ts";
import { applyCommand, createStore, type Store } from "../kv/store.ts";
import { entryAt, hashAt, lastIndex, type LogIndex } from "../raft/log.ts";
import { confirmedRound, propose, replicateToAll } from "../raft/replication.ts";
import {
  createRaft,
  trace,
  type RaftEffect,
  type RaftOptions,
  type RaftState,
} from "../raft/state.ts";
import { settle, stepRaft, wakeAtMs, type RaftInput } from "../raft/step.ts";
import type { ClientReply, ClientRequest } from "./client.ts";

/** What a replica is given; each comes with the node's own clock reading. */
export type Input =
  | RaftInput
  | { readonly type: "request"; readonly requestId: number; readonly request: ClientRequest };

/** What it wants done, in this order. */
export type Effect =
  RaftEffect | { readonly type: "reply"; readonly requestId: number; readonly reply: ClientReply };

export interface ReplicaOptions extends RaftOptions {
  /** How long a client is kept waiting before it hears "timeout". */
  readonly requestTimeoutMs: number;
}

/** A write in the log that a client waits for. */
interface PendingWrite {
  readonly requestId: number;
  readonly term: number;
  readonly deadlineMs: number;
}

/** A read on its way through read-index (§8; thesis §6.4). */
interface PendingRead {
  readonly requestId: number;
  readonly key: string;
  readonly deadlineMs: number;
  /** Undefined until this leader has committed an entry of its own term. */
  ticket: { readonly index: LogIndex; readonly round: number } | undefined;
}

/**
 * A server whole: consensus, state machine and the clients that wait. It never awaits, reads a clock, draws
 * a number that was not handed to it, or throws for the world's sake: input in, effects out.
 */
export interface Replica {
  readonly raft: RaftState;
  readonly store: Store;
  readonly requestTimeoutMs: number;
  lastApplied: LogIndex;
  readonly writes: Map<LogIndex, PendingWrite>;
  reads: PendingRead[];
  effects: Effect[];
}

export function createReplica(options: ReplicaOptions): Replica {
  const raft = createRaft(options);
  trace(raft, {
    type: "start",
    term: raft.currentTerm,
    votedFor: raft.votedFor,
    lastIndex: lastIndex(raft.log),
    lastHash: hashAt(raft.log, lastIndex(raft.log)),
    members: raft.members,
  });
  return {
    raft,
    store: createStore(),
    requestTimeoutMs: options.requestTimeoutMs,
    lastApplied: 0,
    writes: new Map(),
    reads: [],
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
  applyCommitted(replica);
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
  let wake = wakeAtMs(replica.raft);
  const [write] = replica.writes.values();
  if (write !== undefined) wake = Math.min(wake, write.deadlineMs);
  const [read] = replica.reads;
  if (read !== undefined) wake = Math.min(wake, read.deadlineMs);
  return wake;
}

function collect(replica: Replica): void {
  for (const effect of settle(replica.raft)) replica.effects.push(effect);
}

function handleRequest(replica: Replica, requestId: number, request: ClientRequest): void {
  const { raft } = replica;
  const mayHelp =
    raft.role === "leader" || !(request.type === "write" || raft.rules.readNeedsLeader(raft));
  if (!mayHelp) return fail(replica, requestId, "not-leader", true);
  const deadlineMs = raft.nowMs + replica.requestTimeoutMs;
  switch (request.type) {
    case "read":
      replica.reads.push({ requestId, key: request.key, deadlineMs, ticket: undefined });
      return;
    case "write": {
      const index = propose(raft, encodeCommand(request.command));
      replica.writes.set(index, { requestId, term: raft.currentTerm, deadlineMs });
      return;
    }
    default:
      return unreachable(request);
  }
}

function reply(replica: Replica, requestId: number, answer: ClientReply): void {
  replica.effects.push({ type: "reply", requestId, reply: answer });
}

function fail(
  replica: Replica,
  requestId: number,
  code: "not-leader" | "leadership-lost" | "timeout",
  definite: boolean,
): void {
  const { leaderId } = replica.raft;
  reply(replica, requestId, { type: "error", code, definite, leaderId });
}

/** §5.3: apply in log order what is committed, and answer whoever waits for it. */
function applyCommitted(replica: Replica): void {
  const { raft, store } = replica;
  const limit = Math.min(raft.rules.applyLimit(raft), lastIndex(raft.log));
  if (replica.lastApplied >= limit) return;
  const from = replica.lastApplied + 1;
  const hashes: number[] = [];
  const effects: [number, number, number][] = [];
  const replies: Effect[] = [];
  while (replica.lastApplied < limit) {
    const index = ++replica.lastApplied;
    const entry = entryAt(raft.log, index);
    if (entry === undefined) continue;
    const command = entry.command === "" ? undefined : decodeCommand(entry.command);
    if (command !== undefined) {
      const applied = applyCommand(store, index, command, raft.rules.isRetry);
      if (applied.tookEffect && command.op !== "register" && command.session !== undefined) {
        effects.push([index, command.session, command.sequence ?? 0]);
      }
      const pending = replica.writes.get(index);
      if (pending !== undefined && raft.rules.answersPendingWrite(pending, entry)) {
        replica.writes.delete(index);
        const done = { type: "done", result: applied.result } as const;
        replies.push({ type: "reply", requestId: pending.requestId, reply: done });
      }
    }
    hashes.push(store.stateHash);
  }
  trace(
    raft,
    effects.length > 0 ? { type: "apply", from, hashes, effects } : { type: "apply", from, hashes },
  );
  // The trace first: whoever sees an answer finds what it rests on.
  collect(replica);
  replica.effects.push(...replies);
}

/** Leadership is gone: reads can be asked elsewhere, the outcome of writes is unknown. */
function abandonPending(replica: Replica): void {
  const { raft } = replica;
  if (raft.rules.readNeedsLeader(raft)) {
    for (const read of replica.reads) fail(replica, read.requestId, "leadership-lost", true);
    replica.reads = [];
  }
  const decision = raft.rules.pendingWriteAfterStepDown();
  if (decision === "keep") return;
  for (const write of replica.writes.values()) {
    fail(replica, write.requestId, "leadership-lost", decision === "answer-failed");
  }
  replica.writes.clear();
}

/** §8: note the commit index, confirm that no newer leader exists, wait until it is applied, answer. */
function serveReads(replica: Replica): void {
  if (replica.reads.length === 0) return;
  giveTickets(replica);
  const { raft, store } = replica;
  const confirmed = raft.leader === undefined ? Infinity : confirmedRound(raft.leader);
  const answered = new Set<PendingRead>();
  for (const read of replica.reads) {
    const { ticket } = read;
    if (ticket === undefined || ticket.round > confirmed) continue;
    if (!raft.rules.mayAnswerRead(replica.lastApplied, ticket.index)) continue;
    reply(replica, read.requestId, { type: "value", value: store.values.get(read.key) ?? null });
    answered.add(read);
  }
  if (answered.size > 0) replica.reads = replica.reads.filter((read) => !answered.has(read));
}

function giveTickets(replica: Replica): void {
  const { raft } = replica;
  const waiting = replica.reads.filter((read) => read.ticket === undefined);
  if (waiting.length === 0) return;
  const { leader } = raft;
  if (leader !== undefined && !raft.rules.mayServeReads(raft)) return;
  if (leader === undefined || !raft.rules.readNeedsRound(raft)) {
    for (const read of waiting) read.ticket = { index: raft.commitIndex, round: 0 };
    return;
  }
  leader.round++;
  for (const read of waiting) read.ticket = { index: raft.commitIndex, round: leader.round };
  replicateToAll(raft);
}

function expire(replica: Replica): void {
  const { nowMs } = replica.raft;
  for (const [index, write] of replica.writes) {
    if (write.deadlineMs > nowMs) break;
    replica.writes.delete(index);
    fail(replica, write.requestId, "timeout", false);
  }
  while ((replica.reads[0]?.deadlineMs ?? Infinity) <= nowMs) {
    const read = replica.reads.shift();
    if (read !== undefined) fail(replica, read.requestId, "timeout", true);
  }
}
