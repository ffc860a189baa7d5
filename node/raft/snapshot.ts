import type { SnapshotMark } from "../../src/base/trace.ts";
import type { Configuration } from "./configuration.ts";
import type { LogIndex } from "./log.ts";

/** The state machine after entry `index`, in place of the log up to there (§7). */
export interface Snapshot {
  readonly index: LogIndex;
  /** Term of the entry at `index`. */
  readonly term: number;
  /** Chain hash of the log up to `index`. */
  readonly hash: number;
  /** The newest configuration at or below `index`. */
  readonly configuration: Configuration;
  /** The state machine's own hash, so that nodes can be compared without the state. */
  readonly stateHash: number;
  /** The state machine, sessions included, as it serialised itself; opaque to Raft. */
  readonly state: string;
}

/** What is told of it. */
export function markOf({ index, term, hash, stateHash }: Snapshot): SnapshotMark {
  return { index, entryTerm: term, hash, stateHash };
}
