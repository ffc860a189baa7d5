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

export const WHOLE: LogBase = { index: 0, term: 0, hash: 0 };

/**
 * The log in memory: entries `base.index + 1` to `lastIndex`. Everything up to the base is compacted away (§7).
 * Beside each entry stands the chain hash of the prefix it ends.
 */
export interface Log {
  base: LogBase;
  entries: Entry[];
  hashes: number[];
  /** Characters of all commands in `entries`. */
  chars: number;
}

export function createLog(entries: readonly Entry[] = [], base = WHOLE): Log {
  const log: Log = { base, entries: [], hashes: [], chars: 0 };
  for (const entry of entries) append(log, entry);
  return log;
}

export function lastIndex(log: Log): LogIndex {
  return log.base.index + log.entries.length;
}

export function lastTerm(log: Log): number {
  return log.entries.at(-1)?.term ?? log.base.term;
}

/** Undefined where the log has no entry: beyond its end, or compacted away. */
export function termAt(log: Log, index: LogIndex): number | undefined {
  if (index === log.base.index) return log.base.term;
  return log.entries[index - log.base.index - 1]?.term;
}

export function entryAt(log: Log, index: LogIndex): Entry | undefined {
  return log.entries[index - log.base.index - 1];
}

/** Entry `from`, which is not compacted away, and all after it. */
export function entriesFrom(log: Log, from: LogIndex): Entry[] {
  assert(from > log.base.index, () => `entry ${from} is compacted away`);
  return log.entries.slice(from - log.base.index - 1);
}

/** Chain hash of the prefix that ends at `index`; 0 before the first entry or beyond the end. */
export function hashAt(log: Log, index: LogIndex): number {
  if (index === log.base.index) return log.base.hash;
  return log.hashes[index - log.base.index - 1] ?? 0;
}

export function append(log: Log, entry: Entry): void {
  assert(entry.index === lastIndex(log) + 1, () => `entry ${entry.index} after ${lastIndex(log)}`);
  log.hashes.push(mixHash(hashAt(log, lastIndex(log)), entry.term, entry.command));
  log.entries.push(entry);
  log.chars += entry.command.length;
}

/** Removes entry `from` and all after it. */
export function truncate(log: Log, from: LogIndex): void {
  assert(from > log.base.index, () => `truncating at ${from} would cut into what was compacted`);
  const keep = from - log.base.index - 1;
  for (let i = keep; i < log.entries.length; i++) log.chars -= log.entries[i]?.command.length ?? 0;
  log.entries.length = keep;
  log.hashes.length = keep;
}

/** Forgets the entries up to `index` (§7). */
export function compact(log: Log, index: LogIndex): void {
  assert(
    index <= lastIndex(log),
    () => `compacting to ${index} of a log that ends at ${lastIndex(log)}`,
  );
  const term = termAt(log, index);
  if (index <= log.base.index || term === undefined) return;
  const count = index - log.base.index;
  const base = { index, term, hash: hashAt(log, index) };
  for (let i = 0; i < count; i++) log.chars -= log.entries[i]?.command.length ?? 0;
  log.entries = log.entries.slice(count);
  log.hashes = log.hashes.slice(count);
  log.base = base;
}

/** Forgets everything: the log begins anew after `base`. */
export function restart(log: Log, base: LogBase): void {
  log.base = base;
  log.entries = [];
  log.hashes = [];
  log.chars = 0;
}

/** Entries from `from` on, at most `maxEntries` and about `maxChars` of commands, at least one if there is one. */
export function slice(
  log: Log,
  from: LogIndex,
  limits: { readonly maxEntries: number; readonly maxChars: number },
): Entry[] {
  const first = from - log.base.index - 1;
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
  while (candidate > log.base.index && (termAt(log, candidate) ?? 0) > term) candidate--;
  return candidate;
}
