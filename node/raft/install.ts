import type { InstallSnapshot, InstallSnapshotReply } from "./messages.ts";
import { compactLog, restartLog, restoreConfiguration } from "./own-log.ts";
import { lastIndex } from "./log.ts";
import { markOf, type Snapshot } from "./snapshot.ts";
import { followLeader } from "./step-down.ts";
import { afterDurable, saveSnapshot, trace, type Incoming, type RaftState } from "./state.ts";

/** Fig. 13, receiver: chunks are put together in their order; what comes twice or too early is passed over. */
export function handleInstallSnapshot(
  raft: RaftState,
  rpcId: number,
  message: InstallSnapshot,
): void {
  const { rules } = raft;
  if (rules.isStaleTerm(raft, message.term) || raft.role === "leader") {
    return respond(raft, rpcId, { nextOffset: 0, matchIndex: 0 });
  }
  followLeader(raft, message);
  const { size, lastIncludedIndex } = message;
  if (rules.isOldSnapshot(raft, lastIncludedIndex)) {
    return respond(raft, rpcId, { nextOffset: size, matchIndex: lastIncludedIndex });
  }
  const incoming = receive(raft, message);
  respond(raft, rpcId, { nextOffset: incoming.received, matchIndex: 0 });
}

function respond(
  raft: RaftState,
  rpcId: number,
  outcome: Pick<InstallSnapshotReply, "nextOffset" | "matchIndex">,
): void {
  const reply = { type: "install-snapshot-reply", term: raft.currentTerm, ...outcome } as const;
  afterDurable(raft, { type: "respond", rpcId, reply });
}

function receive(raft: RaftState, message: InstallSnapshot): Incoming {
  const { offset, data, size } = message;
  const incoming = incomingFor(raft, message);
  if (offset === incoming.received && data !== "") {
    incoming.parts.push(data);
    incoming.received += data.length;
  }
  // A snapshot of our own may still be on its way to the disk: then the leader's next call comes back to this.
  if (incoming.received === size && raft.saving === undefined) save(raft, message, incoming);
  return incoming;
}

/** What has arrived of this very snapshot, whichever leader sent it. */
function incomingFor(raft: RaftState, message: InstallSnapshot): Incoming {
  const mark = {
    index: message.lastIncludedIndex,
    entryTerm: message.lastIncludedTerm,
    hash: message.hash,
    stateHash: message.stateHash,
  };
  const known = raft.incoming;
  const isSame =
    known?.size === message.size &&
    known.mark.index === mark.index &&
    known.mark.hash === mark.hash &&
    known.mark.stateHash === mark.stateHash;
  if (isSame) return known;
  raft.incoming = { mark, size: message.size, parts: [], received: 0 };
  return raft.incoming;
}

function save(raft: RaftState, message: InstallSnapshot, { parts }: Incoming): void {
  saveSnapshot(raft, "leader", {
    index: message.lastIncludedIndex,
    term: message.lastIncludedTerm,
    hash: message.hash,
    configuration: message.configuration,
    stateHash: message.stateHash,
    state: parts.join(""),
  });
}

/** Fig. 13, 6–8: the snapshot, durable by now, takes the place of the log up to it. */
export function installSnapshot(raft: RaftState, snapshot: Snapshot): void {
  const { index, term, hash } = snapshot;
  if (raft.rules.keepsSuffix(raft, snapshot)) compactLog(raft, index);
  else restartLog(raft, { index, term, hash });
  raft.durableIndex = Math.max(raft.durableIndex, index);
  raft.commitIndex = Math.max(raft.commitIndex, index);
  raft.installed = snapshot;
  if ((raft.incoming?.mark.index ?? Infinity) <= index) raft.incoming = undefined;
  trace(raft, {
    type: "install",
    term: raft.currentTerm,
    lastIndex: lastIndex(raft.log),
    ...markOf(snapshot),
  });
  restoreConfiguration(raft, snapshot);
}
