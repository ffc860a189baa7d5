import type { Write } from "../../node/raft/state.ts";
import { concat, encodeFileHeader, encodeWrite, recover } from "../../node/storage/wal.ts";
import type { Recovery } from "../../node/storage/wal.ts";
import type { Draws } from "./chance.ts";
import type { EventQueue, SimEvent } from "./event-queue.ts";
import type { DiskOptions } from "./options.ts";

export interface DiskPort {
  readonly queue: EventQueue;
  readonly chance: Draws;
  readonly options: DiskOptions;
  readonly nodeName: string;
  readonly node: number;
  readonly label: number;
  readonly onPersisted: (writeId: number) => void;
  /** What it holds before the node's first start; nothing if not given. */
  readonly file?: Uint8Array | undefined;
}

/**
 * A node's disk with the node's own write-ahead log on it: what the real shell hands over, in the same groups.
 * Writes become bytes only when somebody reads the file, that is at a restart; the bytes are the same.
 */
export class Disk {
  readonly #port: DiskPort;
  /** Every sync takes so much longer. */
  delayMs = 0;
  /** The file as it was left at the last restart. */
  #file: Uint8Array;
  /** Synced since then. */
  #durable: Write[] = [];
  /** Handed over with the sync under way. */
  #syncing: Write[] = [];
  /** Waiting in memory for the next sync. */
  #waiting: Write[] = [];
  #isSyncing = false;
  #sync: Sync | undefined;
  #syncCount = 0;

  constructor(port: DiskPort) {
    this.#port = port;
    this.#file = port.file ?? new Uint8Array();
  }

  /** Is followed by `onPersisted` when this and all earlier writes are durable, unless the node is killed. */
  write(write: Write): void {
    this.#waiting.push(write);
    if (!this.#isSyncing) this.#beginSync();
  }

  /** A power cut: what waits in memory is gone, what is being written may be there in part. */
  kill(): void {
    const torn = this.#tornBytes(encode(this.#syncing));
    this.#file = concat([this.#file, encode(this.#durable), torn]);
    this.#durable = [];
    this.#syncing = [];
    this.#waiting = [];
    this.#isSyncing = false;
    if (this.#sync !== undefined) this.#sync.isOver = true;
    this.#sync = undefined;
  }

  /** Reads the file back with the node's own recovery, and leaves it ready to be appended to. */
  open(): Recovery {
    const recovery = recover(this.#file, this.#port.nodeName);
    if (recovery.type === "damaged") return recovery;
    this.#file =
      recovery.goodBytes === 0
        ? encodeFileHeader(this.#port.nodeName)
        : this.#file.slice(0, recovery.goodBytes);
    return recovery;
  }

  #tornBytes(bytes: Uint8Array): Uint8Array {
    const { chance, options, node } = this.#port;
    if (!options.tornWrites || bytes.length === 0) return bytes.subarray(0, 0);
    const share = chance.draw("torn write", node, this.#syncCount) * 3 - 1;
    const length = share <= 0 ? 0 : share >= 1 ? bytes.length : Math.floor(share * bytes.length);
    return bytes.subarray(0, length);
  }

  #beginSync(): void {
    const { queue, chance, options, node, label } = this.#port;
    this.#isSyncing = true;
    this.#syncing = this.#waiting;
    this.#waiting = [];
    const [min, max] = options.syncMs;
    const draw = chance.draw("sync", node, ++this.#syncCount);
    let ms = this.delayMs + min + (max - min) * draw * draw;
    if (chance.draw("stall", node, this.#syncCount) < options.stallProbability) {
      ms += options.stallMs;
    }
    this.#sync = new Sync(label, () => this.#endSync());
    queue.after(ms * 1e6, this.#sync);
  }

  #endSync(): void {
    const synced = this.#syncing;
    const writeId = synced[synced.length - 1]!.writeId;
    for (const write of synced) this.#durable.push(write);
    this.#syncing = [];
    this.#sync = undefined;
    // As in the shell: what the node writes in answer goes with the next sync too.
    this.#isSyncing = this.#waiting.length > 0;
    const isMoreWaiting = this.#isSyncing;
    this.#port.onPersisted(writeId);
    if (isMoreWaiting && this.#isSyncing) this.#beginSync();
  }
}

class Sync implements SimEvent {
  readonly label: number;
  isOver = false;
  readonly #end: () => void;

  constructor(label: number, end: () => void) {
    this.label = label;
    this.#end = end;
  }

  fire(): void {
    if (!this.isOver) this.#end();
  }
}

function encode(writes: readonly Write[]): Uint8Array {
  return concat(writes.map(encodeWrite));
}
