import { decodeUtf8, encodeUtf8 } from "../../src/base/utf8.ts";
import { crc32 } from "./crc32.ts";
import type { Entry } from "../raft/log.ts";
import type { HardState, Write } from "../raft/state.ts";

/**
 * The write-ahead log: one file of records, each a header of 16 bytes and a payload of UTF-8 JSON.
 * Header, little-endian: payload length (4), CRC-32 of the payload (4), type (1), zero (3), CRC-32 of the
 * first twelve bytes (4). The first record names the format and the node the file belongs to.
 */
const HEADER_BYTES = 16;
const TYPE = { file: 1, hardState: 2, truncate: 3, entry: 4 } as const;
const FORMAT = "raftwreck-wal";
const VERSION = 1;

/** The bytes a new file begins with. */
export function encodeFileHeader(nodeId: string): Uint8Array {
  return encodeRecord(TYPE.file, { format: FORMAT, version: VERSION, node: nodeId });
}

/** The bytes of one write, to be appended as they are. */
export function encodeWrite(write: Write): Uint8Array {
  const records: Uint8Array[] = [];
  if (write.hardState) {
    records.push(encodeRecord(TYPE.hardState, [write.hardState.term, write.hardState.votedFor]));
  }
  if (write.truncateFrom !== undefined) {
    records.push(encodeRecord(TYPE.truncate, [write.truncateFrom]));
  }
  for (const { index, term, command } of write.entries) {
    records.push(encodeRecord(TYPE.entry, [index, term, command]));
  }
  return concat(records);
}

function encodeRecord(type: number, payload: unknown): Uint8Array {
  const body = encodeUtf8(JSON.stringify(payload));
  const record = new Uint8Array(HEADER_BYTES + body.length);
  const view = new DataView(record.buffer);
  view.setUint32(0, body.length, true);
  view.setUint32(4, crc32(body), true);
  view.setUint8(8, type);
  view.setUint32(12, crc32(record, 0, 12), true);
  record.set(body, HEADER_BYTES);
  return record;
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

export type Recovery =
  | {
      readonly type: "recovered";
      readonly hardState: HardState;
      readonly entries: readonly Entry[];
      /** The file is good up to here; what follows is a torn tail to be cut off. */
      readonly goodBytes: number;
      readonly tornBytes: number;
    }
  /** Not a torn tail: acknowledged data may be gone, so the node must not take part. */
  | { readonly type: "damaged"; readonly offset: number; readonly reason: string };

/**
 * Reads a whole file back. A torn tail — a last append that a power cut left unfinished — shows as a record
 * that the file is too short for, or as zeros to the end. Anything else may be a synced record gone bad, which
 * can't be told from a torn one, and is refused.
 */
export function recover(bytes: Uint8Array, nodeId: string): Recovery {
  let hardState: HardState = { term: 0, votedFor: null };
  const entries: Entry[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const record = readRecord(bytes, offset);
    if (record.type === "torn") break;
    if (record.type === "damaged") return { type: "damaged", offset, reason: record.reason };
    const complaint = take(record, offset);
    if (complaint !== undefined) return { type: "damaged", offset, reason: complaint };
    offset = record.end;
  }
  return {
    type: "recovered",
    hardState,
    entries,
    goodBytes: offset,
    tornBytes: bytes.length - offset,
  };

  function take(record: GoodRecord, at: number): string | undefined {
    const { payload } = record;
    if ((record.kind === TYPE.file) !== (at === 0))
      return "a file header is expected here, and only here";
    switch (record.kind) {
      case TYPE.file:
        return checkFileHeader(payload, nodeId);
      case TYPE.hardState: {
        const [term, votedFor] = payload as [number, string | null];
        if (term < hardState.term) return `term ${term} after term ${hardState.term}`;
        hardState = { term, votedFor };
        return undefined;
      }
      case TYPE.truncate: {
        const [from] = payload as [number];
        if (from < 1 || from > entries.length)
          return `truncation at ${from} of ${entries.length} entries`;
        entries.length = from - 1;
        return undefined;
      }
      case TYPE.entry: {
        const [index, term, command] = payload as [number, number, string];
        if (index !== entries.length + 1) return `entry ${index} after entry ${entries.length}`;
        entries.push({ index, term, command });
        return undefined;
      }
      default:
        return `unknown record type ${record.kind}`;
    }
  }
}

function checkFileHeader(payload: unknown, nodeId: string): string | undefined {
  const header = payload as { format?: unknown; version?: unknown; node?: unknown };
  if (header.format !== FORMAT) return "not a Raftwreck write-ahead log";
  if (header.version !== VERSION)
    return `version ${String(header.version)}, this node reads ${VERSION}`;
  if (header.node !== nodeId) return `it belongs to node ${String(header.node)}, not to ${nodeId}`;
  return undefined;
}

interface GoodRecord {
  readonly type: "good";
  readonly kind: number;
  readonly payload: unknown;
  readonly end: number;
}

function readRecord(
  bytes: Uint8Array,
  offset: number,
): GoodRecord | { readonly type: "torn" } | { readonly type: "damaged"; readonly reason: string } {
  const start = offset + HEADER_BYTES;
  if (start > bytes.length || isZero(bytes, offset)) return { type: "torn" };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (crc32(bytes, offset, offset + 12) !== view.getUint32(offset + 12, true)) {
    return { type: "damaged", reason: "the record's header fails its checksum" };
  }
  const end = start + view.getUint32(offset, true);
  if (end > bytes.length || isZero(bytes, start)) return { type: "torn" };
  if (crc32(bytes, start, end) !== view.getUint32(offset + 4, true)) {
    return { type: "damaged", reason: "the record's content fails its checksum" };
  }
  const payload = JSON.parse(decodeUtf8(bytes.subarray(start, end))) as unknown;
  return { type: "good", kind: view.getUint8(offset + 8), payload, end };
}

function isZero(bytes: Uint8Array, from: number): boolean {
  for (let i = from; i < bytes.length; i++) if (bytes[i] !== 0) return false;
  return true;
}
