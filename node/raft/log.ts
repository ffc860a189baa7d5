import { assert } from "../../src/base/assert.ts";
import { mixHash } from "../../src/base/hash.ts";

/** 1-based; 0 is the place before the first entry. */
export type LogIndex = number;

/** What the log holds. `command` is opaque to Raft; the empty string is a no-op. */
export interface Entry {
  readonly index: LogIndex;
  readonly term: number;
  readonly command: string;
}

/** The entry that a log begins after: index 0, term 0 and hash 0 for a log that is whole. */
export interface LogBase {
  readonly index: LogIndex;
  readonly term: number;
  /** Chain hash of the prefix that ends here. */
  readonly hash: number;
}

/**
 * The log in memory: entries `baseIndex + 1` to `lastIndex`. Everything up to `baseIndex` is compacted
 * away (0 until there are snapshots). Beside each entry stands the chain hash of the prefix it ends.
 */
export interface Log {
  readonly baseIndex: LogIndex;
  readonly baseTerm: number;
  readonly baseHash: number;
  readonly entries: Entry[];
  readonly hashes: number[];
}

export function createLog(entries: readonly Entry[] = []): Log {
  const log: Log = { baseIndex: 0, baseTerm: 0, baseHash: 0, entries: [], hashes: [] };
  for (const entry of entries) append(log, entry);
  return log;
}

export function lastIndex(log: Log): LogIndex {
  return log.baseIndex + log.entries.length;
}

export function lastTerm(log: Log): number {
  return log.entries.at(-1)?.term ?? log.baseTerm;
}

/** Undefined where the log has no entry: beyond its end, or compacted away. */
export function termAt(log: Log, index: LogIndex): number | undefined {
  if (index === log.baseIndex) return log.baseTerm;
  return log.entries[index - log.baseIndex - 1]?.term;
}

export function entryAt(log: Log, index: LogIndex): Entry | undefined {
  return log.entries[index - log.baseIndex - 1];
}

/** Chain hash of the prefix that ends at `index`; 0 before the first entry or beyond the end. */
export function hashAt(log: Log, index: LogIndex): number {
  if (index === log.baseIndex) return log.baseHash;
  return log.hashes[index - log.baseIndex - 1] ?? 0;
}

export function append(log: Log, entry: Entry): void {
  assert(entry.index === lastIndex(log) + 1, `entry ${entry.index} after ${lastIndex(log)}`);
  log.hashes.push(mixHash(hashAt(log, lastIndex(log)), entry.term, entry.command));
  log.entries.push(entry);
}

/** Removes entry `from` and all after it. */
export function truncate(log: Log, from: LogIndex): void {
  assert(from > log.baseIndex, `truncating at ${from} would cut into what was compacted`);
  log.entries.length = from - log.baseIndex - 1;
  log.hashes.length = log.entries.length;
}

/** Entries from `from` on, at most `maxEntries` and about `maxChars` of commands, at least one if there is one. */
export function slice(
  log: Log,
  from: LogIndex,
  limits: { readonly maxEntries: number; readonly maxChars: number },
): Entry[] {
  const first = from - log.baseIndex - 1;
  let end = first;
  let chars = 0;
  while (end < log.entries.length && end - first < limits.maxEntries) {
    chars += log.entries[end]?.command.length ?? 0;
    if (end > first && chars > limits.maxChars) break;
    end++;
  }
  return log.entries.slice(first, end);
}

/** The last index of the run of entries with the given term or a lower one, at or below `index`. */
export function lastIndexNotAbove(log: Log, term: number, index: LogIndex): LogIndex {
  let candidate = Math.min(index, lastIndex(log));
  while (candidate > log.baseIndex && (termAt(log, candidate) ?? 0) > term) candidate--;
  return candidate;
}
