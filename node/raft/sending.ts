import { assert, last } from "../../src/base/assert.ts";
import { lastIndex, slice, termAt, type Entry, type LogIndex } from "./log.ts";
import type { AppendEntries, InstallSnapshot } from "./messages.ts";
import type { Progress, SnapshotTransfer } from "./progress.ts";
import { call, type LeaderState, type RaftState } from "./state.ts";

/** One AppendEntries carries at most this much, so that it neither blocks a link nor a follower for long. */
const BATCH = { maxEntries: 256, maxChars: 512 * 1024 };
/** Batches under way to one follower. */
const PIPELINE_DEPTH = 4;
/** Heartbeats go on while calls are stuck, up to this many. */
const IN_FLIGHT_MAX = 8;
/** Of a snapshot in one call: as much as gets through a link before the caller gives up. */
const CHUNK_CHARS_MIN = 4 * 1024;
const CHUNK_CHARS_MAX = 256 * 1024;

export function replicateToAll(raft: RaftState): void {
  for (const progress of raft.leader?.followers ?? []) replicate(raft, progress);
}

/**
 * Sends what is new. Entries: at once if none are under way, else when a full batch has gathered (as in TCP,
 * RFC 896), and at the latest with the next heartbeat. Rounds of read-index: one after the other. Heartbeats
 * under way hold nothing up: on a link slower than their interval there always is one.
 */
export function replicate(raft: RaftState, progress: Progress): void {
  const leader = raft.leader;
  if (leader === undefined || progress.waiting) return;
  if (needsSnapshot(raft, progress)) return continueSnapshot(raft, leader, progress);
  if (progress.batchesInFlight === 0 && unsentCount(raft, progress) > 0) {
    sendEntries(raft, leader, progress);
  }
  while (mayPipeline(progress) && unsentCount(raft, progress) >= BATCH.maxEntries) {
    sendEntries(raft, leader, progress);
  }
  if (needsRound(leader, progress)) sendHeartbeat(raft, leader, progress);
}

function needsRound(leader: LeaderState, progress: Progress): boolean {
  const isUnderWay = progress.inFlight > 0 && progress.ackedRound < progress.sentRound;
  return progress.sentRound < leader.round && !isUnderWay;
}

function unsentCount(raft: RaftState, progress: Progress): number {
  return lastIndex(raft.log) - progress.nextIndex + 1;
}

function mayPipeline(progress: Progress): boolean {
  return !progress.probing && progress.batchesInFlight < PIPELINE_DEPTH;
}

/** §7: the entry before the next one is compacted away. */
function needsSnapshot(raft: RaftState, progress: Progress): boolean {
  return progress.nextIndex <= raft.log.base.index;
}

/** §5.2: the leader repeats itself during idle periods, and towards followers that do not answer. */
export function sendHeartbeats(raft: RaftState): void {
  const leader = raft.leader;
  if (leader === undefined) return;
  for (const progress of leader.followers) {
    if (raft.nowMs < progress.heartbeatDueMs) continue;
    progress.heartbeatDueMs = raft.nowMs + raft.timing.heartbeatMs;
    progress.waiting = false;
    if (progress.inFlight >= IN_FLIGHT_MAX) continue;
    if (needsSnapshot(raft, progress)) sendSnapshot(raft, leader, progress);
    else if (mayCarry(progress) && unsentCount(raft, progress) > 0) {
      sendEntries(raft, leader, progress);
    } else {
      sendHeartbeat(raft, leader, progress);
    }
  }
}

function mayCarry(progress: Progress): boolean {
  return progress.batchesInFlight === 0 || mayPipeline(progress);
}

function sendEntries(raft: RaftState, leader: LeaderState, progress: Progress): void {
  const entries = slice(raft.log, progress.nextIndex, BATCH);
  sendAppend(raft, leader, progress, progress.nextIndex - 1, entries);
  if (!progress.probing) progress.nextIndex += entries.length;
  progress.batchesInFlight++;
}

function sendHeartbeat(raft: RaftState, leader: LeaderState, progress: Progress): void {
  const { probing, batchesInFlight, matchIndex, nextIndex } = progress;
  // Beside entries under way it looks at what is known to agree: it can't fail by overtaking them.
  const isBeside = !probing && batchesInFlight > 0;
  const prevLogIndex = isBeside ? Math.max(matchIndex, raft.log.base.index) : nextIndex - 1;
  sendAppend(raft, leader, progress, prevLogIndex, NO_ENTRIES);
}

const NO_ENTRIES: readonly Entry[] = [];

function sendAppend(
  raft: RaftState,
  leader: LeaderState,
  progress: Progress,
  prevLogIndex: LogIndex,
  entries: readonly Entry[],
): void {
  sendTo(raft, leader, progress, {
    type: "append-entries",
    term: raft.currentTerm,
    leaderId: raft.id,
    prevLogIndex,
    prevLogTerm: termAt(raft.log, prevLogIndex) ?? 0,
    entries,
    leaderCommit: raft.commitIndex,
    configurationIndex: last(raft.configurations).index,
    round: leader.round,
    sent: { atMs: raft.nowMs, stream: progress.stream },
  });
}

function sendTo(
  raft: RaftState,
  leader: LeaderState,
  progress: Progress,
  request: AppendEntries | InstallSnapshot,
): void {
  call(raft, progress.peer, request);
  progress.inFlight++;
  progress.sentRound = leader.round;
}

/** §7: one chunk after the other; an empty one beside it where a round of read-index is asked for. */
function continueSnapshot(raft: RaftState, leader: LeaderState, progress: Progress): void {
  const isUnderWay = progress.transfer?.isChunkInFlight === true;
  if (!isUnderWay || needsRound(leader, progress)) sendSnapshot(raft, leader, progress);
}

/** The next chunk, or an empty one, as a heartbeat, while one is under way. */
function sendSnapshot(raft: RaftState, leader: LeaderState, progress: Progress): void {
  const transfer = transferTo(raft, progress);
  const { snapshot, offset, chunkChars, isChunkInFlight } = transfer;
  const data = isChunkInFlight ? "" : snapshot.state.slice(offset, offset + chunkChars);
  transfer.isChunkInFlight ||= data !== "";
  sendTo(raft, leader, progress, {
    type: "install-snapshot",
    term: raft.currentTerm,
    leaderId: raft.id,
    lastIncludedIndex: snapshot.index,
    lastIncludedTerm: snapshot.term,
    hash: snapshot.hash,
    stateHash: snapshot.stateHash,
    configuration: snapshot.configuration,
    configurationIndex: last(raft.configurations).index,
    size: snapshot.state.length,
    offset,
    data,
    round: leader.round,
    sent: { atMs: raft.nowMs, stream: progress.stream },
  });
}

/** The one under way, unless the log has been compacted beyond it: then it would be of no use. */
function transferTo(raft: RaftState, progress: Progress): SnapshotTransfer {
  const { snapshot, log } = raft;
  assert(snapshot !== undefined, "entries are gone, and no snapshot stands for them");
  if (progress.transfer === undefined || progress.transfer.snapshot.index < log.base.index) {
    progress.transfer = {
      snapshot,
      offset: 0,
      chunkChars: CHUNK_CHARS_MAX,
      isChunkInFlight: false,
    };
  }
  return progress.transfer;
}

/** What became of a chunk tells what the link can carry. */
export function fitChunks(transfer: SnapshotTransfer, { arrived }: { arrived: boolean }): void {
  const { chunkChars } = transfer;
  transfer.chunkChars = arrived
    ? Math.min(chunkChars * 2, CHUNK_CHARS_MAX)
    : Math.max(chunkChars / 2, CHUNK_CHARS_MIN);
}
