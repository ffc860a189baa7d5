import { at, valueOf } from "../base/assert.ts";
import type { Content } from "../../node/storage/disk.ts";
import { concat } from "../../node/storage/record.ts";
import { SECTOR_BYTES } from "../../node/storage/torn-tail.ts";

/** What a power cut makes of whatever no sync has covered. */
export interface Fate {
  /** How many of the bytes that were written last are there. */
  keptBytes(file: string, unsynced: number): number;
  /** Whether a sector among them is. Where it is missing there are zeros. */
  keepsSector(file: string, number: number): boolean;
  /** Whether a file's new name (or its absence) is there; if not, none that came after it is. */
  keepsName(file: string): boolean;
  /** Bits that are no longer what they were, counted from the file's start; the first `synced` bytes were synced. */
  flippedBits(file: string, size: { readonly synced: number; readonly all: number }): number[];
}

interface File {
  /** What it held after the last power cut. */
  bytes: Uint8Array;
  /** Synced since then, one behind the other. */
  synced: Content[];
  unsynced: Content[];
}

interface NameChange {
  readonly number: number;
  readonly changed: readonly (readonly [name: string, file: File | undefined])[];
}

/**
 * A folder of files as a power cut leaves it. What is written becomes bytes only when somebody reads the file,
 * that is after a power cut, so that writing costs next to nothing.
 */
export class Files {
  #names = new Map<string, File>();
  #syncedNames = new Map<string, File>();
  /** Changes of names that no sync of the folder has covered. */
  #nameChanges: NameChange[] = [];
  #nameChangeCount = 0;

  /** From the beginning, and durable. */
  hold(name: string, bytes: Uint8Array): void {
    const file = { bytes, synced: [], unsynced: [] };
    this.#names.set(name, file);
    this.#syncedNames.set(name, file);
  }

  /** There never was anything. */
  erase(): void {
    this.#names.clear();
    this.#syncedNames.clear();
    this.#nameChanges = [];
  }

  read(name: string): Uint8Array | undefined {
    const file = this.#names.get(name);
    if (file === undefined) return undefined;
    // As after every power cut, so that what is read back at a start is not copied once more.
    if (file.synced.length === 0 && file.unsynced.length === 0) return file.bytes;
    return concat([file.bytes, encode(file.synced), encode(file.unsynced)]);
  }

  create(name: string, content: Content): void {
    const file = { bytes: NOTHING, synced: [], unsynced: [content] };
    // One that has the name is emptied: it is the same file.
    const known = this.#names.get(name);
    if (known === undefined) this.#changeNames([[name, file]]);
    else Object.assign(known, file);
  }

  append(name: string, content: Content): void {
    this.#fileOf(name).unsynced.push(content);
  }

  rename({ from, to }: { readonly from: string; readonly to: string }): void {
    this.#changeNames([
      [to, this.#fileOf(from)],
      [from, undefined],
    ]);
  }

  remove(name: string): void {
    if (this.#names.has(name)) this.#changeNames([[name, undefined]]);
  }

  /** What has been written so far is durable once the result is called; without success it is lost. */
  sync(name: string): (isSuccess: boolean) => void {
    const file = this.#fileOf(name);
    const count = file.unsynced.length;
    return (isSuccess) => {
      const covered = file.unsynced;
      file.unsynced = covered.splice(count);
      // The system takes it for written, so that no later sync writes it either.
      for (const content of covered) file.synced.push(isSuccess ? content : new Zeros(content));
    };
  }

  /** All names there are so far are durable once the result is called. */
  syncNames(): () => void {
    const number = this.#nameChangeCount;
    return () => {
      while ((this.#nameChanges[0]?.number ?? Infinity) <= number) {
        const change = this.#nameChanges.shift();
        if (change !== undefined) apply(change, this.#syncedNames);
      }
    };
  }

  /** From now on what a power cut leaves is all there is, and all of it is durable. */
  cutPower(fate: Fate): void {
    const left = this.leftBy(fate);
    this.#syncedNames = new Map();
    for (const [name, bytes] of left) {
      this.#syncedNames.set(name, { bytes, synced: [], unsynced: [] });
    }
    this.#names = new Map(this.#syncedNames);
    this.#nameChanges = [];
  }

  /** What a power cut would leave now. */
  leftBy(fate: Fate): Map<string, Uint8Array> {
    const names = this.#namesLeftBy(fate);
    const left = new Map<string, Uint8Array>();
    for (const [name, file] of names) {
      const parts = [file.bytes, ...file.synced.map((content) => content.encode())];
      const synced = parts.reduce((sum, { length }) => sum + length, 0);
      parts.push(remains(encode(file.unsynced), { name, offset: synced }, fate));
      const bytes = concat(parts);
      const size = { synced, all: bytes.length };
      for (const bit of fate.flippedBits(name, size)) flip(bytes, bit);
      left.set(name, bytes);
    }
    return left;
  }

  #namesLeftBy(fate: Fate): Map<string, File> {
    const names = new Map(this.#syncedNames);
    const lost = new Set<string>();
    for (const change of this.#nameChanges) {
      const changed = change.changed.map(([name]) => name);
      const isPossible = !changed.some((name) => lost.has(name));
      if (isPossible && fate.keepsName(at(changed, 0))) apply(change, names);
      else for (const name of changed) lost.add(name);
    }
    return names;
  }

  #fileOf(name: string): File {
    return valueOf(this.#names, name);
  }

  #changeNames(changed: NameChange["changed"]): void {
    const change = { number: ++this.#nameChangeCount, changed };
    this.#nameChanges.push(change);
    apply(change, this.#names);
  }
}

const NOTHING = new Uint8Array();

class Zeros implements Content {
  readonly #instead: Content;

  constructor(instead: Content) {
    this.#instead = instead;
  }

  encode(): Uint8Array {
    return new Uint8Array(this.#instead.encode().length);
  }
}

function encode(contents: readonly Content[]): Uint8Array {
  return contents.length === 0 ? NOTHING : concat(contents.map((content) => content.encode()));
}

function flip(bytes: Uint8Array, bit: number): void {
  bytes[bit >> 3]! ^= 1 << (bit & 7);
}

function apply({ changed }: NameChange, names: Map<string, File>): void {
  for (const [name, file] of changed) {
    if (file === undefined) names.delete(name);
    else names.set(name, file);
  }
}

/** What is there of `unsynced`, which would lie at `offset` of the file. */
function remains(
  unsynced: Uint8Array,
  { name, offset }: { readonly name: string; readonly offset: number },
  fate: Fate,
): Uint8Array {
  if (unsynced.length === 0) return NOTHING;
  const kept = unsynced.slice(0, fate.keptBytes(name, unsynced.length));
  // A file ends where the last sector that is there does.
  let length = 0;
  for (let from = 0; from < kept.length;) {
    const sector = Math.floor((offset + from) / SECTOR_BYTES);
    const to = Math.min((sector + 1) * SECTOR_BYTES - offset, kept.length);
    if (fate.keepsSector(name, sector)) length = to;
    else kept.fill(0, from, to);
    from = to;
  }
  return kept.subarray(0, length);
}
