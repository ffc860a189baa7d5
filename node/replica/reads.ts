import { confirmedRound, hasLease } from "../raft/leadership.ts";
import { replicateToAll } from "../raft/sending.ts";
import { trace } from "../raft/state.ts";
import { collect, type Effect, type PendingRead, type ReadTicket, type Replica } from "./state.ts";

/** §8: note the commit index, confirm that no newer leader exists, wait until it is applied, answer. */
export function serveReads(replica: Replica): void {
  if (replica.reads.length === 0) return;
  giveTicket(replica);
  const { raft, store, lastApplied } = replica;
  const confirmed = raft.leader === undefined ? Infinity : confirmedRound(raft, raft.leader);
  const isReady = ({ ticket }: PendingRead): boolean =>
    ticket !== undefined &&
    ticket.round <= confirmed &&
    raft.rules.mayAnswerRead(lastApplied, ticket.index);
  if (!replica.reads.some(isReady)) return;
  const waiting: PendingRead[] = [];
  const replies: Effect[] = [];
  let answered = 0;
  for (const read of replica.reads) {
    const { requestId, key, ticket } = read;
    if (ticket === undefined || !isReady(read)) {
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
