import { last } from "../../src/base/assert.ts";
import { configurationsIn, membersOf, type ConfigurationAt } from "./configuration.ts";
import { append, compact, hashAt, lastIndex, restart, truncate } from "./log.ts";
import type { Entry, LogBase, LogIndex } from "./log.ts";
import { createProgress, progressOf } from "./progress.ts";
import { trace, type LeaderState, type RaftState } from "./state.ts";

/**
 * Changes of the server's own log, with what hangs on them: what the disk has to be told, what is durable, and
 * which configuration is in force.
 */
export function appendEntries(raft: RaftState, entries: readonly Entry[]): void {
  const first = entries[0];
  if (first === undefined) return;
  raft.dirtyEntriesFrom = Math.min(raft.dirtyEntriesFrom ?? first.index, first.index);
  for (const entry of entries) append(raft.log, entry);
  const transition = {
    type: "append",
    term: raft.currentTerm,
    role: raft.role,
    from: first.index,
    entries: entries.map(({ term, index }) => [term, hashAt(raft.log, index)] as const),
  } as const;
  const held = configurationsIn(entries);
  if (held.length === 0) return trace(raft, transition);
  trace(raft, { ...transition, configurations: held.map(({ index }) => index) });
  raft.configurations.push(...held);
  putInForce(raft);
}

/** Entry `from` and all after it go, and with them the configurations they held (thesis §4.1). */
export function truncateLog(raft: RaftState, from: LogIndex): void {
  truncate(raft.log, from);
  raft.dirtyTruncateFrom = Math.min(raft.dirtyTruncateFrom ?? from, from);
  if (raft.dirtyEntriesFrom !== undefined && raft.dirtyEntriesFrom >= from) {
    raft.dirtyEntriesFrom = undefined;
  }
  limitDurable(raft, from - 1);
  trace(raft, { type: "truncate", term: raft.currentTerm, role: raft.role, from });
  keepConfigurations(raft, ({ index }, i) => i === 0 || index < from);
}

/** §7: entries that a durable snapshot covers are forgotten, here and on the disk. */
export function compactLog(raft: RaftState, index: LogIndex): void {
  if (index <= raft.log.base.index) return;
  compact(raft.log, index);
  raft.dirtyBase = true;
}

/** §7: nothing of the log agrees with the snapshot that takes its place. */
export function restartLog(raft: RaftState, base: LogBase): void {
  restart(raft.log, base);
  raft.dirtyBase = true;
  limitDurable(raft, base.index);
}

/** What is durable of the log does not reach beyond `index` any more. */
function limitDurable(raft: RaftState, index: LogIndex): void {
  raft.durableIndex = Math.min(raft.durableIndex, index);
  for (const write of raft.writesUnderWay) write.lastIndex = Math.min(write.lastIndex, index);
}

/** The snapshot's configuration takes the place of those up to its index. */
export function restoreConfiguration(raft: RaftState, restored: ConfigurationAt): void {
  const { index, configuration } = restored;
  const later = raft.configurations.filter(
    (known) => known.index > index && known.index <= lastIndex(raft.log),
  );
  raft.configurations = [{ index, configuration }, ...later];
  putInForce(raft);
}

function keepConfigurations(
  raft: RaftState,
  isKept: (known: ConfigurationAt, i: number) => boolean,
): void {
  const kept = raft.configurations.filter(isKept);
  if (kept.length === raft.configurations.length) return;
  raft.configurations = kept;
  putInForce(raft);
}

/** Thesis §4.1: a server always acts on the newest configuration in its log. */
function putInForce(raft: RaftState): void {
  const { index, configuration } = last(raft.configurations);
  const { voters, learners } = configuration;
  raft.configuration = configuration;
  raft.peers = membersOf(configuration).filter((member) => member !== raft.id);
  trace(raft, { type: "configuration", index, voters, learners });
  if (raft.leader !== undefined) followPeers(raft, raft.leader);
}

/** A leader knows something of every other member, and of nobody else. */
export function followPeers(raft: RaftState, leader: LeaderState): void {
  const followers = leader.followers.filter(({ peer }) => raft.peers.includes(peer));
  for (const peer of raft.peers) {
    if (progressOf(leader, peer) !== undefined) continue;
    const { nowMs } = raft;
    const stream = ++leader.streamCount;
    followers.push(createProgress(peer, lastIndex(raft.log) + 1, { nowMs, stream }));
  }
  leader.followers = followers;
  leader.voters = raft.rules.voters(raft.configuration).map((voter) => progressOf(leader, voter));
}
