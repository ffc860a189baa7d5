import { unreachable } from "../../src/base/assert.ts";
import type { NodeId } from "../../src/base/node-id.ts";
import { encodeCommand } from "../kv/command.ts";
import type { MembershipChange } from "../raft/configuration.ts";
import { added } from "../raft/lists.ts";
import { lastIndex, type LogIndex } from "../raft/log.ts";
import { proposeChange } from "../raft/membership.ts";
import { progressOf } from "../raft/progress.ts";
import { propose } from "../raft/replication.ts";
import { beginTransfer, bestTarget } from "../raft/transfer.ts";
import type { ClientRequest } from "./client.ts";
import { fail, type PendingRead, type Replica } from "./state.ts";

/** A client asks: what can't be helped here is refused at once, the rest waits for its answer. */
export function handleRequest(replica: Replica, requestId: number, request: ClientRequest): void {
  const { raft } = replica;
  const isRead = request.type === "read";
  const mayHelp = raft.role === "leader" || (isRead && !raft.rules.readNeedsLeader(raft));
  if (!mayHelp) return fail(replica, requestId, { code: "not-leader", definite: true });
  if (isOverloaded(replica))
    return fail(replica, requestId, { code: "overloaded", definite: true });
  switch (request.type) {
    case "read": {
      const deadlineMs = raft.nowMs + replica.requestTimeoutMs;
      const read: PendingRead = { requestId, key: request.key, deadlineMs, ticket: undefined };
      replica.reads = added(replica.reads, read);
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

function isOverloaded({ raft, limits, writes, reads, transfers }: Replica): boolean {
  return (
    writes.length + reads.length + transfers.length >= limits.pendingMax ||
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
  replica.writes = added(replica.writes, {
    requestId,
    index,
    term: raft.currentTerm,
    deadlineMs,
    answer: undefined,
  });
}

function changeMembers(replica: Replica, requestId: number, change: MembershipChange): void {
  const outcome = proposeChange(replica.raft, change);
  if (typeof outcome === "number") return answerWhenApplied(replica, requestId, outcome);
  fail(replica, requestId, { ...outcome, definite: true });
}

function transferLeadership(replica: Replica, requestId: number, to: NodeId | null): void {
  const { raft } = replica;
  const underWay = raft.leader?.transfer?.to;
  if (underWay !== undefined) {
    // It goes on as it began: asked for again and again, it would otherwise keep the leader from ever writing.
    if (to === null || to === underWay) replica.transfers.push(requestId);
    else {
      const message = `this node is handing over to ${underWay}`;
      fail(replica, requestId, { code: "transfer-under-way", definite: true, message });
    }
    return;
  }
  const target = to ?? bestTarget(raft);
  const isPossible = target !== undefined && progressOf(raft.leader, target) !== undefined;
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
