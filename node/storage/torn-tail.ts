import { hasGroupBehind, type FoundRecord } from "./record.ts";

/** A disk writes at least so much at once: whole, or not at all. */
export const SECTOR_BYTES = 512;

/** A place from where on a file can't be read. */
export interface BadTail {
  readonly bytes: Uint8Array;
  readonly offset: number;
  readonly record: FoundRecord & { readonly type: "bad" };
  /** It lies in what was synced before the file got its name. */
  readonly isSynced: boolean;
  /** Records tell where a group begins (not so in version 1). */
  readonly hasGroups: boolean;
}

/**
 * Whether the tail is what a power cut left of a last group that was never synced, rather than synced records
 * gone bad. The file ends too soon, or there are zeros where nothing was written: to the end, or a whole sector
 * of them with others of the same group behind it, since sectors are written in any order. A group that begins
 * behind the place was appended after this one had been synced.
 */
export function isTornTail(tail: BadTail): boolean {
  const { bytes, offset, record } = tail;
  if (tail.isSynced) return false;
  if (record.end > bytes.length) return true;
  if (isZero(bytes, offset, bytes.length)) return true;
  if (record.hasHeader && isZero(bytes, record.start, bytes.length)) return true;
  return tail.hasGroups && missesSector(tail) && !hasGroupBehind(bytes, offset + 1);
}

/** Fewer zeros than this in a sector prove nothing: the record may have had them. */
const ZEROS_MIN = 8;

function missesSector({ bytes, offset, record }: BadTail): boolean {
  for (let from = offset; from < record.end; from = nextSector(from)) {
    const to = Math.min(nextSector(from), bytes.length);
    if (to - from >= ZEROS_MIN && isZero(bytes, from, to)) return true;
  }
  return false;
}

function nextSector(offset: number): number {
  return (Math.floor(offset / SECTOR_BYTES) + 1) * SECTOR_BYTES;
}

function isZero(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (bytes[i] !== 0) return false;
  return true;
}
