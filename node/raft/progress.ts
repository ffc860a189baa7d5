import type { NodeId } from "../../src/base/node-id.ts";
import type { LogIndex } from "./log.ts";
import type { Snapshot } from "./snapshot.ts";

/** What a leader knows of one follower (Fig. 2, "Volatile state on leaders", and flow control). */
export interface Progress {
  readonly peer: NodeId;
  /** Answers to calls of another stream are not for this one. */
  readonly stream: number;
  nextIndex: LogIndex;
  matchIndex: LogIndex;
  /** Calls of this leadership that are neither answered nor given up. */
  inFlight: number;
  /** Those among them that carry entries. */
  batchesInFlight: number;
  /** True until the place where the logs agree is known: until then one batch at a time. */
  probing: boolean;
  /** After a call went unanswered: nothing is sent before the next heartbeat. */
  waiting: boolean;
  heartbeatDueMs: number;
  sentRound: number;
  ackedRound: number;
  /** When the newest call was sent that was answered since; the beginning of a lease (thesis §6.4.1). */
  ackedSentMs: number;
  lastAckMs: number;
  /** What it needs is compacted away: this goes first, chunk after chunk (§7). */
  transfer: SnapshotTransfer | undefined;
}

/** What a leader knows of that member; undefined for itself and for strangers. */
export function progressOf(
  leader: { readonly followers: readonly Progress[] } | undefined,
  member: NodeId,
): Progress | undefined {
  return leader?.followers.find(({ peer }) => peer === member);
}

export interface SnapshotTransfer {
  readonly snapshot: Snapshot;
  /** Characters of the state that the follower has. */
  offset: number;
  /** Characters in the next chunk: fewer after one that did not get through in time, more after one that did. */
  chunkChars: number;
  isChunkInFlight: boolean;
}

/** Of a follower of which nothing is known yet (Fig. 2). */
export function createProgress(
  peer: NodeId,
  nextIndex: LogIndex,
  { nowMs, stream }: { readonly nowMs: number; readonly stream: number },
): Progress {
  return {
    peer,
    stream,
    nextIndex,
    matchIndex: 0,
    inFlight: 0,
    batchesInFlight: 0,
    probing: true,
    waiting: false,
    heartbeatDueMs: nowMs,
    sentRound: 0,
    ackedRound: 0,
    ackedSentMs: -Infinity,
    lastAckMs: nowMs,
    transfer: undefined,
  };
}
