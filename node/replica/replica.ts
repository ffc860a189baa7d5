import { unreachable } from "../../src/base/assert.ts";
import type { NodeId } from "../../src/base/node-id.ts";
import { decodeCommand, encodeCommand } from "../kv/command.ts";
import {
  applyCommand,
  createStore,
  restoreStore,
  serializeStore,
  type Store,
} from "../kv/store.ts";
import { takeSnapshot, wantsSnapshot } from "../raft/compaction.ts";
import { configurationIn, type MembershipChange } from "../raft/configuration.ts";
import { entryAt, hashAt, lastIndex, type Entry, type LogIndex } from "../raft/log.ts";
import { proposeChange } from "../raft/membership.ts";
import { confirmedRound, hasLease, propose, replicateToAll } from "../raft/replication.ts";
import { markOf } from "../raft/snapshot.ts";
import { beginTransfer, bestTarget } from "../raft/transfer.ts";
import {
  createRaft,
  trace,
  type RaftEffect,
  type RaftOptions,
  type RaftState,
} from "../raft/state.ts";
import { settle, stepRaft, wakeAtMs, type RaftInput } from "../raft/step.ts";
import type { ClientError, ClientReply, ClientRequest } from "./client.ts";

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
  readonly limits?: Limits;
}

/** Backpressure: beyond these a request is refused at once, with certainty that nothing happened. */
export interface Limits {
  /** Requests that wait for an answer. */
  readonly pendingMax: number;
  /** Entries in the log that are not committed. */
  readonly uncommittedMax: number;
}

export const DEFAULT_LIMITS: Limits = { pendingMax: 4096, uncommittedMax: 16_384 };

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
  ticket: ReadTicket | undefined;
}

/** What reads wait for that arrived together. */
interface ReadTicket {
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
  readonly writes: Map<LogIndex, PendingWrite>;
  reads: PendingRead[];
  ticketCount: number;
  /** Who waits for this node to hand over its leadership. */
  transfers: number[];
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
    writes: new Map(),
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
  if (writes.size === 0 && reads.length === 0) return wakeMs;
  const [write] = writes.values();
  return Math.min(wakeMs, write?.deadlineMs ?? Infinity, reads[0]?.deadlineMs ?? Infinity);
}

function collect(replica: Replica): void {
  for (const effect of settle(replica.raft)) replica.effects.push(effect);
}

function handleRequest(replica: Replica, requestId: number, request: ClientRequest): void {
  const { raft } = replica;
  const isRead = request.type === "read";
  const mayHelp = raft.role === "leader" || (isRead && !raft.rules.readNeedsLeader(raft));
  if (!mayHelp) return fail(replica, requestId, { code: "not-leader", definite: true });
  if (isOverloaded(replica))
    return fail(replica, requestId, { code: "overloaded", definite: true });
  switch (request.type) {
    case "read": {
      const deadlineMs = raft.nowMs + replica.requestTimeoutMs;
      replica.reads.push({ requestId, key: request.key, deadlineMs, ticket: undefined });
      return;
    }
    case "write":
      if (isHandingOver(replica, requestId)) return;
      return answerWhenApplied(replica, requestId, propose(raft, encodeCommand(request.command)));
    case "change-members":
      if (isHandingOver(replica, requestId)) return;
      return changeMembers(replica, requestId, request.change);
    case "transfer-leadership":
      return transferLeadership(replica, requestId, request.to);
    default:
      return unreachable(request);
  }
}

function isOverloaded({ raft, limits, writes, reads }: Replica): boolean {
  return (
    writes.size + reads.length >= limits.pendingMax ||
    lastIndex(raft.log) - raft.commitIndex >= limits.uncommittedMax
  );
}

/** Thesis §3.10: who is to lead next gets the new requests; true if this one was sent there. */
function isHandingOver(replica: Replica, requestId: number): boolean {
  const to = replica.raft.leader?.transfer?.to;
  if (to === undefined) return false;
  fail(replica, requestId, { code: "not-leader", definite: true, leaderId: to });
  return true;
}

/** The client hears when entry `index` is applied. */
function answerWhenApplied(replica: Replica, requestId: number, index: LogIndex): void {
  const { raft, requestTimeoutMs } = replica;
  const deadlineMs = raft.nowMs + requestTimeoutMs;
  replica.writes.set(index, { requestId, term: raft.currentTerm, deadlineMs });
}

function changeMembers(replica: Replica, requestId: number, change: MembershipChange): void {
  const outcome = proposeChange(replica.raft, change);
  if (typeof outcome === "number") return answerWhenApplied(replica, requestId, outcome);
  fail(replica, requestId, { ...outcome, definite: true });
}

function transferLeadership(replica: Replica, requestId: number, to: NodeId | null): void {
  const { raft } = replica;
  const target = to ?? bestTarget(raft);
  const isPossible =
    target !== undefined && target !== raft.id && raft.leader?.progress.has(target);
  if (!isPossible || !raft.configuration.voters.includes(target)) {
    const message =
      to === null
        ? "no other voter was heard of lately"
        : `${to} is no other voter of this cluster`;
    return fail(replica, requestId, { code: "no-such-target", definite: true, message });
  }
  replica.transfers.push(requestId);
  beginTransfer(raft, target);
}

function reply(replica: Replica, requestId: number, answer: ClientReply): void {
  replica.effects.push({ type: "reply", requestId, reply: answer });
}

function fail(
  replica: Replica,
  requestId: number,
  error: Pick<ClientError, "code" | "definite" | "message"> & { readonly leaderId?: NodeId },
): void {
  reply(replica, requestId, { type: "error", leaderId: replica.raft.leaderId, ...error });
}

/** §7: a leader's snapshot takes the place of the state machine. */
function takeOverSnapshot(replica: Replica): void {
  const { raft } = replica;
  const { installed } = raft;
  if (installed === undefined) return;
  raft.installed = undefined;
  replica.store = restoreStore(installed.state);
  replica.lastApplied = installed.index;
  replica.charsApplied = 0;
}

/** §7: the state machine goes to the disk when the log has grown enough. */
function compactWhenDue(replica: Replica): void {
  const { raft, store, lastApplied } = replica;
  if (!wantsSnapshot(raft, { lastApplied, chars: replica.charsApplied })) return;
  const state = serializeStore(store, { withSessions: raft.rules.snapshotHoldsSessions() });
  takeSnapshot(raft, { index: lastApplied, state, stateHash: store.stateHash });
  replica.charsApplied = 0;
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
    replica.charsApplied += entry.command.length;
    const answer = applyEntry(replica, entry, effects);
    hashes.push(store.stateHash);
    const pending = replica.writes.get(index);
    if (answer === undefined || pending === undefined) continue;
    if (raft.rules.answersPendingWrite(pending, entry)) {
      replica.writes.delete(index);
      replies.push({ type: "reply", requestId: pending.requestId, reply: answer });
    }
  }
  trace(
    raft,
    effects.length > 0 ? { type: "apply", from, hashes, effects } : { type: "apply", from, hashes },
  );
  // The trace first: whoever sees an answer finds what it rests on.
  collect(replica);
  replica.effects.push(...replies);
}

/** What whoever asked for it hears; undefined for a no-op, for which nobody asked. */
function applyEntry(
  { raft, store }: Replica,
  entry: Entry,
  effects: [index: number, session: number, sequence: number][],
): ClientReply | undefined {
  const { index } = entry;
  if (entry.command === "") return undefined;
  if (configurationIn(entry) !== undefined) return { type: "members-changed", index };
  const command = decodeCommand(entry.command);
  const { result, tookEffect } = applyCommand(store, index, command, raft.rules.isRetry);
  if (tookEffect && command.op !== "register" && command.session !== undefined) {
    effects.push([index, command.session, command.sequence ?? 0]);
  }
  return { type: "done", result };
}

/** Leadership is gone: reads can be asked elsewhere, the outcome of writes is unknown. */
function abandonPending(replica: Replica): void {
  const { raft } = replica;
  const { reads, transfers, writes } = replica;
  if (reads.length === 0 && transfers.length === 0 && writes.size === 0) return;
  if (raft.rules.readNeedsLeader(raft)) {
    const error = { code: "leadership-lost", definite: true } as const;
    for (const read of replica.reads) fail(replica, read.requestId, error);
    replica.reads = [];
  }
  for (const requestId of replica.transfers) reply(replica, requestId, { type: "transferred" });
  replica.transfers = [];
  const decision = raft.rules.pendingWriteAfterStepDown();
  if (decision === "keep") return;
  for (const write of replica.writes.values()) {
    const definite = decision === "answer-failed";
    fail(replica, write.requestId, { code: "leadership-lost", definite });
  }
  replica.writes.clear();
}

/** §8: note the commit index, confirm that no newer leader exists, wait until it is applied, answer. */
function serveReads(replica: Replica): void {
  if (replica.reads.length === 0) return;
  giveTicket(replica);
  const { raft, store, lastApplied } = replica;
  const confirmed = raft.leader === undefined ? Infinity : confirmedRound(raft, raft.leader);
  const waiting: PendingRead[] = [];
  const replies: Effect[] = [];
  let answered = 0;
  for (const read of replica.reads) {
    const { requestId, key, ticket } = read;
    const isReady =
      ticket !== undefined &&
      ticket.round <= confirmed &&
      raft.rules.mayAnswerRead(lastApplied, ticket.index);
    if (!isReady) {
      waiting.push(read);
      continue;
    }
    if (ticket.number !== answered) {
      answered = ticket.number;
      trace(raft, { type: "read-answer", ticket: answered, appliedIndex: lastApplied });
    }
    const value = store.values.get(key) ?? null;
    replies.push({ type: "reply", requestId, reply: { type: "value", value } });
  }
  if (replies.length === 0) return;
  replica.reads = waiting;
  collect(replica);
  replica.effects.push(...replies);
}

/** One for all reads that have none: their order of arrival is that of their tickets. */
function giveTicket(replica: Replica): void {
  const { raft } = replica;
  const { leader } = raft;
  if (replica.reads.at(-1)?.ticket !== undefined) return;
  if (leader !== undefined && !raft.rules.mayServeReads(raft)) return;
  const needsRound = leader !== undefined && raft.rules.readNeedsRound(raft) && !hasLease(raft);
  const ticket: ReadTicket = {
    number: ++replica.ticketCount,
    index: raft.commitIndex,
    round: needsRound ? ++leader.round : 0,
  };
  trace(raft, { type: "read-ticket", ticket: ticket.number, index: ticket.index });
  for (let i = replica.reads.length - 1; i >= 0; i--) {
    const read = replica.reads[i];
    if (read === undefined || read.ticket !== undefined) break;
    read.ticket = ticket;
  }
  if (needsRound) replicateToAll(raft);
}

function expire(replica: Replica): void {
  const { raft, writes, reads, transfers } = replica;
  if (writes.size === 0 && reads.length === 0 && transfers.length === 0) return;
  const { nowMs } = raft;
  for (const [index, write] of replica.writes) {
    if (write.deadlineMs > nowMs) break;
    replica.writes.delete(index);
    fail(replica, write.requestId, { code: "timeout", definite: false });
  }
  while ((replica.reads[0]?.deadlineMs ?? Infinity) <= nowMs) {
    const read = replica.reads.shift();
    if (read !== undefined) fail(replica, read.requestId, { code: "timeout", definite: true });
  }
  if (raft.leader?.transfer !== undefined) return;
  for (const requestId of replica.transfers) {
    fail(replica, requestId, { code: "timeout", definite: false });
  }
  replica.transfers = [];
}
