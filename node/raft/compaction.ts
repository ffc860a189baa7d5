import { assert } from "../../src/base/assert.ts";
import { installSnapshot } from "./install.ts";
import { hashAt, lastIndex, termAt, type LogIndex } from "./log.ts";
import { compactLog } from "./own-log.ts";
import { markOf, type Snapshot } from "./snapshot.ts";
import { saveSnapshot, trace, type RaftState } from "./state.ts";

/** What the state machine has taken in since its last snapshot. */
export interface Applied {
  readonly lastApplied: LogIndex;
  /** Characters of the commands since then. */
  readonly chars: number;
}

/** §7: the log has grown enough. One snapshot at a time. */
export function wantsSnapshot(raft: RaftState, { lastApplied, chars }: Applied): boolean {
  if (raft.saving !== undefined) return false;
  const count = lastApplied - (raft.snapshot?.index ?? 0);
  return count >= raft.compaction.entriesMax || chars >= raft.compaction.charsMax;
}

/** §7: the state machine as it is after `index` goes to the disk, beside the log. */
export function takeSnapshot(
  raft: RaftState,
  { index, state, stateHash }: Pick<Snapshot, "index" | "state" | "stateHash">,
): void {
  const term = termAt(raft.log, index);
  assert(term !== undefined, () => `a snapshot of entry ${index}, which is not in the log`);
  const { configuration } = raft.configurations.findLast((known) => known.index <= index) ?? raft;
  const hash = hashAt(raft.log, index);
  saveSnapshot(raft, "own", { index, term, hash, configuration, stateHash, state });
}

/** The snapshot is durable: only now may what it stands for be forgotten, or replaced. */
export function handleSnapshotSaved(raft: RaftState, index: LogIndex): void {
  const { saving } = raft;
  if (saving?.snapshot.index !== index) return;
  const { snapshot, origin } = saving;
  raft.saving = undefined;
  raft.snapshot = snapshot;
  if (origin === "leader" && !raft.rules.isOldSnapshot(raft, index)) {
    return installSnapshot(raft, snapshot);
  }
  trace(raft, { type: "snapshot", ...markOf(snapshot) });
  raft.durableIndex = Math.max(raft.durableIndex, index);
  const inForce = raft.configurations.findLastIndex((known) => known.index <= index);
  raft.configurations.splice(0, Math.max(0, inForce));
  compactLog(raft, compactionPoint(raft, index));
}

/** Some entries stay for followers that are a little behind; they must not need a snapshot for that. */
function compactionPoint(raft: RaftState, index: LogIndex): LogIndex {
  const { entriesKept, entriesMax, charsMax } = raft.compaction;
  const needed = [index - entriesKept];
  for (const progress of raft.leader?.followers ?? []) {
    const isHeard = raft.nowMs - progress.lastAckMs < raft.timing.electionTimeoutMsMax;
    if (isHeard) needed.push(progress.transfer?.snapshot.index ?? progress.matchIndex);
  }
  // Whoever is too far behind gets a snapshot: the log stays bounded.
  const point = Math.max(Math.min(...needed), lastIndex(raft.log) - 4 * entriesMax);
  return Math.min(index, pointWithin(raft, point, charsMax));
}

/** The first place from `point` on after which the log has at most so many characters. */
function pointWithin({ log }: RaftState, point: LogIndex, charsMax: number): LogIndex {
  let chars = 0;
  for (let i = log.entries.length - 1; i >= 0; i--) {
    const entry = log.entries[i];
    if (entry === undefined || entry.index <= point) break;
    chars += entry.command.length;
    if (chars > charsMax) return entry.index;
  }
  return point;
}
