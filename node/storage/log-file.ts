import { unreachable } from "../../src/base/assert.ts";
import type { Entry, LogBase, LogIndex } from "../raft/log.ts";
import type { HardState, Write } from "../raft/state.ts";
import type { Content } from "./disk.ts";
import {
  encodeRecords,
  fileHeader,
  isCount,
  listOf,
  KIND,
  MALFORMED,
  readFileHeader,
  readRecord,
  type FoundRecord,
  type RecordDraft,
} from "./record.ts";
import type { StorageRules } from "./rules.ts";

/**
 * The write-ahead log. A new file begins with a header, the entry that the log begins after, and all that it is
 * to hold; it is synced before it gets its name. Then groups of writes are appended, each only when the one
 * before it was synced.
 */
export const LOG_FILE = "raft.wal";
const FORMAT = { format: "raftwreck-wal", name: "a Raftwreck write-ahead log" };
/** Version 1 had neither base nor groups, and was not synced before it got its name. */
const VERSION = 2;

export const NO_BASE: LogBase = { index: 0, term: 0, hash: 0 };
export const NO_HARD_STATE: HardState = { term: 0, votedFor: null };

/** A log as it stands in memory: what a new file holds. */
export interface LogContent {
  readonly hardState: HardState;
  readonly base: LogBase;
  readonly entries: readonly Entry[];
}

/** A new file: `content`, and what of its own group came after it. */
export class NewLog implements Content {
  readonly #nodeId: string;
  readonly #content: LogContent;
  readonly #later: readonly Write[];

  constructor(nodeId: string, content: LogContent, later: readonly Write[] = []) {
    this.#nodeId = nodeId;
    this.#content = content;
    this.#later = later;
  }

  encode(): Uint8Array {
    const { hardState, base, entries } = this.#content;
    const records = draftsOf([{ hardState, entries, truncateFrom: undefined }, ...this.#later]);
    return encodeRecords([
      fileHeader(FORMAT.format, VERSION, this.#nodeId),
      { kind: KIND.base, payload: [base.index, base.term, base.hash, records.length] },
      ...records,
    ]);
  }
}

/** Writes to be appended together. */
export class LogGroup implements Content {
  readonly #writes: readonly Write[];

  constructor(writes: readonly Write[]) {
    this.#writes = writes;
  }

  encode(): Uint8Array {
    return encodeRecords(draftsOf(this.#writes));
  }
}

/** A third value is there only for a server that joined. */
function payloadOf({ term, votedFor, mayVoteFrom }: HardState): unknown[] {
  return mayVoteFrom === undefined ? [term, votedFor] : [term, votedFor, mayVoteFrom];
}

function draftsOf(
  writes: readonly Pick<Write, "hardState" | "truncateFrom" | "entries">[],
): RecordDraft[] {
  const drafts: RecordDraft[] = [];
  for (const { hardState, truncateFrom, entries } of writes) {
    if (hardState) drafts.push({ kind: KIND.hardState, payload: payloadOf(hardState) });
    if (truncateFrom !== undefined) drafts.push({ kind: KIND.truncate, payload: [truncateFrom] });
    for (const { index, term, command } of entries) {
      drafts.push({ kind: KIND.entry, payload: [index, term, command] });
    }
  }
  return drafts;
}

export type FoundLog =
  | (LogContent & {
      readonly type: "found";
      /** At the end, left by a write that was never synced; not part of the log. */
      readonly tornBytes: number;
      /** Of an older version, so it is to be written anew before it is appended to. */
      readonly isOld: boolean;
    })
  /** Not a torn tail: what was promised may be gone, so the node must not take part. */
  | { readonly type: "damaged"; readonly offset: number; readonly reason: string };

/** Reads a whole file back. */
export function readLog(bytes: Uint8Array, nodeId: string, rules: StorageRules): FoundLog {
  const reader = new LogReader(nodeId);
  let offset = 0;
  while (offset < bytes.length || reader.isSynced) {
    const record = readRecord(bytes, offset);
    if (record.type === "bad") {
      const { isSynced, hasGroups } = reader;
      if (rules.mayCutTail({ bytes, offset, record, isSynced, hasGroups })) break;
      return { type: "damaged", offset, reason: record.reason };
    }
    const complaint = reader.take(record);
    if (complaint !== undefined) return { type: "damaged", offset, reason: complaint };
    offset = record.end;
  }
  return {
    type: "found",
    ...reader.content(),
    tornBytes: bytes.length - offset,
    isOld: reader.isOld,
  };
}

type GoodRecord = FoundRecord & { readonly type: "good" };

/** Takes one good record after the other; tells what does not fit behind what came before. */
class LogReader {
  readonly #nodeId: string;
  #expects: "header" | "base" | "changes" = "header";
  #version = 0;
  /** Changes yet to come that were synced before the file got its name. */
  #syncedLeft = 0;
  #hardState = NO_HARD_STATE;
  #base = NO_BASE;
  readonly #entries: Entry[] = [];

  constructor(nodeId: string) {
    this.#nodeId = nodeId;
  }

  /** Whether what comes next was synced before the file got its name. */
  get isSynced(): boolean {
    return this.#expects !== "changes" || this.#syncedLeft > 0;
  }

  get hasGroups(): boolean {
    return this.#version > 1;
  }

  get isOld(): boolean {
    return this.#version < VERSION;
  }

  content(): LogContent {
    return { hardState: this.#hardState, base: this.#base, entries: this.#entries };
  }

  take(record: GoodRecord): string | undefined {
    switch (this.#expects) {
      case "header":
        return this.#takeHeader(record);
      case "base":
        return this.#takeBase(record);
      case "changes":
        this.#syncedLeft--;
        return this.#takeChange(record);
      default:
        return unreachable(this.#expects);
    }
  }

  #takeHeader(record: GoodRecord): string | undefined {
    const found = readFileHeader(record, { ...FORMAT, versions: [1, VERSION], node: this.#nodeId });
    if (typeof found === "string") return found;
    this.#version = found.version;
    this.#expects = found.version === 1 ? "changes" : "base";
    return undefined;
  }

  #takeBase({ kind, payload }: GoodRecord): string | undefined {
    if (kind !== KIND.base) return "the entry that the log begins after is expected here";
    const [index, term, hash, count] = listOf(payload);
    if (!isCount(index) || !isCount(term) || !isCount(hash) || !isCount(count)) return MALFORMED;
    // Beside a large number, small ones are read as floating-point numbers, and the engine makes such numbers of all
    // that is counted on from them: code compiled for whole ones is thrown away wherever they come to, again and again.
    this.#base = { index: Math.floor(index), term: Math.floor(term), hash };
    this.#syncedLeft = count;
    this.#expects = "changes";
    return undefined;
  }

  #takeChange({ kind, payload }: GoodRecord): string | undefined {
    const list = listOf(payload);
    const first = list[0];
    const second = list[1];
    const third = list[2];
    switch (kind) {
      case KIND.hardState:
        if (!isCount(first) || !(second === null || typeof second === "string")) return MALFORMED;
        if (third === undefined) return this.#takeHardState({ term: first, votedFor: second });
        if (third !== null && !isCount(third)) return MALFORMED;
        return this.#takeHardState({ term: first, votedFor: second, mayVoteFrom: third });
      case KIND.truncate:
        return isCount(first) ? this.#truncate(first) : MALFORMED;
      case KIND.entry:
        if (!isCount(first) || !isCount(second) || typeof third !== "string") return MALFORMED;
        return this.#append({ index: first, term: second, command: third });
      case KIND.file:
        return "a second file header";
      default:
        return `unknown record type ${kind}`;
    }
  }

  #takeHardState(hardState: HardState): string | undefined {
    const { term } = this.#hardState;
    if (hardState.term < term) return `term ${hardState.term} after term ${term}`;
    this.#hardState = hardState;
    return undefined;
  }

  #truncate(from: LogIndex): string | undefined {
    if (from <= this.#base.index || from > this.#lastIndex)
      return `truncation at ${from} of a log from ${this.#base.index + 1} to ${this.#lastIndex}`;
    this.#entries.length = from - this.#base.index - 1;
    return undefined;
  }

  #append(entry: Entry): string | undefined {
    if (entry.index !== this.#lastIndex + 1)
      return `entry ${entry.index} after entry ${this.#lastIndex}`;
    this.#entries.push(entry);
    return undefined;
  }

  get #lastIndex(): LogIndex {
    return this.#base.index + this.#entries.length;
  }
}
