import type { Content, Disk, Done } from "../../node/storage/disk.ts";
import type { Files } from "../../src/sim/files.ts";
import { diskOver } from "../../src/sim/files-disk.ts";
import type { Prng } from "../../src/base/prng.ts";

export interface Operation {
  readonly kind: "create" | "append" | "sync" | "rename" | "remove" | "sync directory";
  readonly file: string;
}

interface Asked extends Operation {
  readonly done: Done;
  readonly perform: (done: Done) => void;
  /** What is there of it if it fails. */
  readonly fail: () => void;
}

export interface StepDiskOptions {
  /** Which operation fails, 0 being the first. */
  readonly failing?: number;
  /** Called at every moment at which the power might be cut. */
  readonly watch?: () => void;
}

/**
 * A disk that does one operation at a time, when it is told to: so the power can be cut between any two. Of
 * those that were asked for at once, chance says which is next; those on one file keep their order.
 */
export class StepDisk implements Disk {
  readonly files: Files;
  /** What has been done so far. */
  readonly operations: Operation[] = [];
  readonly #disk: Disk;
  readonly #prng: Prng;
  readonly #failing: number | undefined;
  readonly #watch: () => void;
  #asked: Asked[] = [];

  constructor(files: Files, prng: Prng, options: StepDiskOptions = {}) {
    this.files = files;
    this.#prng = prng;
    this.#failing = options.failing;
    this.#watch = options.watch ?? (() => undefined);
    this.#disk = diskOver(files, (cover, done) => {
      cover(true);
      done(undefined);
    });
  }

  /** Does the next operation; false if none was asked for. */
  step(): boolean {
    const place = this.#prng.int(0, this.#asked.length - 1);
    const first = this.#asked[place];
    if (first === undefined) return false;
    const next = this.#asked.findIndex(({ file }) => file === first.file);
    const [asked] = this.#asked.splice(next, 1);
    if (asked === undefined) return false;
    const isFailing = this.operations.length === this.#failing;
    this.operations.push({ kind: asked.kind, file: asked.file });
    if (isFailing) asked.fail();
    if (isFailing) asked.done(new Error("EIO: i/o error"));
    else asked.perform(asked.done);
    this.#watch();
    return true;
  }

  read(file: string): Uint8Array | undefined {
    return this.files.read(file);
  }

  create(file: string, content: Content, done: Done): void {
    const bytes = encoded(content);
    const fail = (): void => this.files.create(file, halfOf(bytes));
    this.#ask("create", file, done, (end) => this.#disk.create(file, bytes, end), fail);
  }

  append(file: string, content: Content, done: Done): void {
    const bytes = encoded(content);
    const fail = (): void => this.files.append(file, halfOf(bytes));
    this.#ask("append", file, done, (end) => this.#disk.append(file, bytes, end), fail);
  }

  sync(file: string, done: Done): void {
    const fail = (): void => this.files.sync(file)(false);
    this.#ask("sync", file, done, (end) => this.#disk.sync(file, end), fail);
  }

  rename(names: { readonly from: string; readonly to: string }, done: Done): void {
    this.#ask("rename", names.from, done, (end) => this.#disk.rename(names, end));
  }

  remove(file: string, done: Done): void {
    this.#ask("remove", file, done, (end) => this.#disk.remove(file, end));
  }

  syncDirectory(done: Done): void {
    this.#ask("sync directory", "", done, (end) => this.#disk.syncDirectory(end));
  }

  #ask(
    kind: Operation["kind"],
    file: string,
    done: Done,
    perform: Asked["perform"],
    fail: Asked["fail"] = () => undefined,
  ): void {
    this.#asked.push({ kind, file, done, perform, fail });
  }
}

/** Once, however often it is looked at. */
function encoded(content: Content): Content {
  const bytes = content.encode();
  return { encode: () => bytes };
}

function halfOf(content: Content): Content {
  const bytes = content.encode();
  return { encode: () => bytes.slice(0, bytes.length / 2) };
}
