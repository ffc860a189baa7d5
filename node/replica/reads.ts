import { confirmedRound, hasLease } from "../raft/leadership.ts";
import { added } from "../raft/lists.ts";
import { replicateToAll } from "../raft/sending.ts";
import { trace } from "../raft/state.ts";
import { collect, reply, type PendingRead, type ReadTicket, type Replica } from "./state.ts";

/** §8: note the commit index, confirm that no newer leader exists, wait until it is applied, answer. */
export function serveReads(replica: Replica): void {
  if (replica.reads.length === 0) return;
  giveTicket(replica);
  const ready = takeReady(replica);
  if (ready.length === 0) return;
  const { raft, store, lastApplied } = replica;
  let answered = 0;
  for (const { ticket } of ready) {
    if (ticket === undefined || ticket.number === answered) continue;
    answered = ticket.number;
    trace(raft, { type: "read-answer", ticket: answered, appliedIndex: lastApplied });
  }
  collect(replica);
  for (const { requestId, key } of ready) {
    reply(replica, requestId, { type: "value", value: store.values.get(key) ?? null });
  }
}

/** The reads that may be answered now; the others go on waiting. */
function takeReady(replica: Replica): readonly PendingRead[] {
  const { raft, lastApplied } = replica;
  const confirmed = raft.leader === undefined ? Infinity : confirmedRound(raft.leader);
  let ready: PendingRead[] = [];
  let waiting: PendingRead[] = [];
  for (const read of replica.reads) {
    const { ticket } = read;
    const isReady =
      ticket !== undefined &&
      ticket.round <= confirmed &&
      raft.rules.mayAnswerRead(lastApplied, ticket.index);
    if (isReady) ready = added(ready, read);
    else waiting = added(waiting, read);
  }
  replica.reads = waiting;
  return ready;
}

/** One for all reads that have none: their order of arrival is that of their tickets. */
function giveTicket(replica: Replica): void {
  const { raft } = replica;
  const { leader } = raft;
  if (replica.reads.at(-1)?.ticket !== undefined) return;
  if (leader !== undefined && !raft.rules.mayServeReads(raft)) return;
  const needsRound = leader !== undefined && raft.rules.readNeedsRound(raft) && !hasLease(raft);
  if (needsRound) leader.round = raft.rules.roundOfRead(leader);
  const ticket: ReadTicket = {
    number: ++replica.ticketCount,
    index: raft.commitIndex,
    round: needsRound ? leader.round : 0,
  };
  trace(raft, { type: "read-ticket", ticket: ticket.number, index: ticket.index });
  for (let i = replica.reads.length - 1; i >= 0; i--) {
    const read = replica.reads[i];
    if (read === undefined || read.ticket !== undefined) break;
    read.ticket = ticket;
  }
  if (needsRound) replicateToAll(raft);
}
