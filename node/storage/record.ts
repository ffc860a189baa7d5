import { at } from "../../src/base/assert.ts";
import { decodeUtf8, utf8Length, writeUtf8 } from "../../src/base/utf8.ts";
import { crc32 } from "./crc32.ts";

/**
 * What files consist of: a header of 16 bytes and a payload of UTF-8 JSON. Header, little-endian: length of the
 * payload (4), CRC-32 of the payload (4), kind (1), 1 if the record begins a group (1), zero (2), CRC-32 of
 * the first twelve bytes (4).
 */
const HEADER_BYTES = 16;

export const KIND = {
  file: 1,
  hardState: 2,
  truncate: 3,
  entry: 4,
  base: 5,
  snapshot: 6,
  state: 7,
};

export interface RecordDraft {
  readonly kind: number;
  readonly payload: unknown;
}

/**
 * The bytes of a group: records that are written together and synced together. The last payload ends in blanks,
 * so that a group is a multiple of a header long and no group's first header lies in two sectors. Where the
 * first of its sectors was never written there are zeros then, and enough of them.
 */
export function encodeRecords(drafts: readonly RecordDraft[]): Uint8Array {
  const texts = drafts.map(({ payload }) => JSON.stringify(payload));
  const length = texts.reduce((sum, text) => sum + HEADER_BYTES + utf8Length(text), 0);
  const bytes = new Uint8Array(Math.ceil(length / HEADER_BYTES) * HEADER_BYTES);
  let offset = 0;
  for (let i = 0; i < drafts.length; i++) {
    let end = writeUtf8(at(texts, i), bytes, offset + HEADER_BYTES);
    if (i === drafts.length - 1) while (end < bytes.length) bytes[end++] = BLANK;
    writeHeader(bytes, { offset, end, kind: at(drafts, i).kind, beginsGroup: i === 0 });
    offset = end;
  }
  return bytes;
}

const BLANK = 0x20;

interface Place {
  readonly offset: number;
  readonly end: number;
  readonly kind: number;
  readonly beginsGroup: boolean;
}

function writeHeader(bytes: Uint8Array, { offset, end, kind, beginsGroup }: Place): void {
  const start = offset + HEADER_BYTES;
  writeUint32(bytes, offset, end - start);
  writeUint32(bytes, offset + 4, crc32(bytes, start, end));
  bytes[offset + 8] = kind;
  bytes[offset + 9] = beginsGroup ? 1 : 0;
  writeUint32(bytes, offset + 12, crc32(bytes, offset, offset + 12));
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

export type FoundRecord =
  | {
      readonly type: "good";
      readonly kind: number;
      readonly payload: object;
      readonly end: number;
    }
  | {
      readonly type: "bad";
      readonly hasHeader: boolean;
      /** Where its payload would begin, and end as far as that is known. */
      readonly start: number;
      readonly end: number;
      readonly reason: string;
    };

export function readRecord(bytes: Uint8Array, offset: number): FoundRecord {
  const start = offset + HEADER_BYTES;
  if (start > bytes.length) return withoutHeader(start, "a record is cut short");
  if (!isHeader(bytes, offset)) {
    return withoutHeader(start, "the record's header fails its checksum");
  }
  const end = start + readUint32(bytes, offset);
  if (end > bytes.length) return bad({ start, end }, "a record is cut short");
  if (crc32(bytes, start, end) !== readUint32(bytes, offset + 4)) {
    return bad({ start, end }, "the record's content fails its checksum");
  }
  const payload = parse(decodeUtf8(bytes, start, end));
  if (typeof payload !== "object" || payload === null) return bad({ start, end }, MALFORMED);
  return { type: "good", kind: bytes[offset + 8]!, payload, end };
}

function withoutHeader(start: number, reason: string): FoundRecord {
  return { type: "bad", hasHeader: false, start, end: start, reason };
}

function bad(
  payload: { readonly start: number; readonly end: number },
  reason: string,
): FoundRecord {
  return { type: "bad", hasHeader: true, ...payload, reason };
}

/** Whether a group begins anywhere at or behind `from`. No payload can look like a header: it holds no zeros. */
export function hasGroupBehind(bytes: Uint8Array, from: number): boolean {
  for (let offset = from; offset + HEADER_BYTES <= bytes.length; offset++) {
    if (bytes[offset + 9] === 1 && isHeader(bytes, offset)) return true;
  }
  return false;
}

function isHeader(bytes: Uint8Array, offset: number): boolean {
  return crc32(bytes, offset, offset + 12) === readUint32(bytes, offset + 12);
}

/** Byte by byte: a `DataView` for each of many small records costs more than it does. */
function readUint32(bytes: Uint8Array, offset: number): number {
  const low = bytes[offset]! | (bytes[offset + 1]! << 8) | (bytes[offset + 2]! << 16);
  return (low | (bytes[offset + 3]! << 24)) >>> 0;
}

function writeUint32(bytes: Uint8Array, offset: number, value: number): void {
  for (let i = 0; i < 4; i++) bytes[offset + i] = value >>> (8 * i);
}

/** Undefined if it is none; no record's payload is `undefined`. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What every file begins with: which kind of file, in which version, and whose. */
export function fileHeader(format: string, version: number, node: string): RecordDraft {
  return { kind: KIND.file, payload: { format, version, node } };
}

/** The file's version; or in words why it is not that node's file of that format. */
export function readFileHeader(
  { kind, payload }: { readonly kind: number; readonly payload: object },
  expected: {
    readonly format: string;
    readonly name: string;
    readonly versions: readonly number[];
    readonly node: string;
  },
): { readonly version: number } | string {
  if (kind !== KIND.file) return "a file header is expected here";
  const header = payload as { format?: unknown; version?: unknown; node?: unknown };
  if (header.format !== expected.format) return `not ${expected.name}`;
  const version = expected.versions.find((known) => known === header.version);
  if (version === undefined) {
    return `version ${String(header.version)}, this node reads ${expected.versions.join(" and ")}`;
  }
  if (header.node !== expected.node) {
    return `it belongs to node ${String(header.node)}, not to ${expected.node}`;
  }
  return { version };
}

export const MALFORMED = "the record's content is not of its kind";

/** An index, a term or a hash. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** A payload that should be a list, as one: of another shape, it is empty. */
export function listOf(payload: object): readonly unknown[] {
  return Array.isArray(payload) ? payload : [];
}
