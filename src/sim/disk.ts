import type { Disk } from "../../node/storage/disk.ts";
import { faultyDisk, NO_DISK_FAULTS, type DiskFaults } from "../../node/storage/faulty-disk.ts";
import { LOG_FILE, type NewLog } from "../../node/storage/log-file.ts";
import { besideOf } from "../../node/storage/replace-file.ts";
import { SNAPSHOT_FILE } from "../../node/storage/snapshot-file.ts";
import type { Draws, NodeConcern } from "./chance.ts";
import type { EventQueue } from "./event-queue.ts";
import { diskOver, type EndSync } from "./files-disk.ts";
import { Files, type Fate } from "./files.ts";
import type { DiskOptions } from "./options.ts";
import { Timer } from "./timer.ts";

export interface SimDiskPort {
  readonly queue: EventQueue;
  readonly chance: Draws;
  readonly options: DiskOptions;
  readonly node: number;
  readonly label: number;
  readonly onPowerFailure: () => void;
}

/** A node's disk in virtual time: syncs take their time, and a power cut loses what they had not covered. */
export class SimDisk {
  /** What the node has of it. */
  readonly disk: Disk;
  /** What is wrong with it, beside what is so by chance. */
  faults: DiskFaults = NO_DISK_FAULTS;
  /** Bits have flipped, so the node may refuse to start from it. */
  isDamaged = false;
  readonly #port: SimDiskPort;
  readonly #files = new Files();
  #syncCount = 0;
  /** Writes and syncs. */
  #operationCount = 0;
  /** Counts power cuts: what was under way at one never ends. */
  #life = 0;
  #isStarting = false;
  /** What the last power cut has made of it, until somebody looks. */
  #cut: Fate | undefined;

  constructor(port: SimDiskPort) {
    this.#port = port;
    this.disk = faultyDisk(
      diskOver(this.#files, this.#endSync),
      (what) => this.#faultsNow(what),
      (ms, act) => this.#later(ms, act),
    );
  }

  /** It has this log before the node's first start. */
  hold(log: NewLog): void {
    this.#files.hold(LOG_FILE, log.encode());
  }

  /** Another disk is in its place, with nothing on it. */
  erase(): void {
    this.#cut = undefined;
    this.#files.erase();
    this.isDamaged = false;
  }

  /** Of what no sync has covered, chance leaves something or nothing. */
  cutPower(): void {
    this.#life++;
    this.#cut = this.#fate();
  }

  /** Works out what is left; a disk that nobody reads any more is not worth the work. */
  settle(): void {
    const fate = this.#cut;
    this.#cut = undefined;
    if (fate !== undefined) this.#files.cutPower(fate);
  }

  /** A start takes its time as a whole: what the node does to its disk meanwhile is done at once, and well. */
  start<T>(open: (disk: Disk) => T): T {
    this.settle();
    this.#isStarting = true;
    const opened = open(this.disk);
    this.#isStarting = false;
    return opened;
  }

  #faultsNow(what: "write" | "sync"): DiskFaults {
    const { chance, options, node } = this.#port;
    if (this.#isStarting) return NO_DISK_FAULTS;
    const number = ++this.#operationCount;
    if (what === "sync" || !(options.fullProbability > 0)) return this.faults;
    const isFull = chance.draw("full disk", node, number) < options.fullProbability;
    return isFull ? { ...this.faults, full: true } : this.faults;
  }

  readonly #endSync: EndSync = (cover, done) => {
    if (this.#isStarting) {
      cover(true);
      return done(undefined);
    }
    const { chance, options, node } = this.#port;
    const number = ++this.#syncCount;
    const [min, max] = options.syncMs;
    const draw = chance.draw("sync", node, number);
    let ms = min + (max - min) * draw * draw;
    if (chance.draw("stall", node, number) < options.stallProbability) ms += options.stallMs;
    const happens = (what: NodeConcern, probability: number): boolean =>
      probability > 0 && chance.draw(what, node, number) < probability;
    const fails = happens("sync failure", options.syncFailProbability);
    const isCutShort = happens("power failure", options.powerFailProbability);
    this.#later(ms, () => {
      if (isCutShort) return this.#port.onPowerFailure();
      cover(!fails);
      done(fails ? new Error("EIO: i/o error, fsync") : undefined);
    });
  };

  /** Unless the power is cut before. */
  #later(ms: number, act: () => void): void {
    const life = this.#life;
    const fire = (): void => {
      if (life === this.#life) act();
    };
    this.#port.queue.after(ms * 1e6, new Timer(this.#port.label, fire));
  }

  #fate(): Fate {
    const { chance, options, node } = this.#port;
    const number = this.#syncCount;
    const draw = (concern: DiskConcern, file: string, place = 0): number =>
      chance.draw(concern, node, number, FILES.indexOf(file), place);
    const isReordered = options.reorderedWrites && draw("reordered write", LOG_FILE) < 0.5;
    return {
      keptBytes: (file, unsynced) => {
        if (!options.tornWrites) return 0;
        const share = draw("torn write", file) * 3 - 1;
        return share <= 0 ? 0 : share >= 1 ? unsynced : Math.floor(share * unsynced);
      },
      keepsSector: (file, sector) => !isReordered || draw("lost sector", file, sector) < 0.7,
      keepsName: (file) => !options.lostRenames || draw("lost name", file) < 0.5,
      flippedBits: (file, { synced, all }) => {
        const bits: number[] = [];
        const place = draw("flipped bit", file);
        if (draw("rot", file) < options.rotProbability) bits.push(Math.floor(place * synced * 8));
        if (draw("garble", file) < options.garbleProbability && all > synced) {
          bits.push(Math.floor((synced + place * (all - synced)) * 8));
        }
        if (bits.length > 0) this.isDamaged = true;
        return bits;
      },
    };
  }
}

type DiskConcern = Extract<
  NodeConcern,
  "torn write" | "reordered write" | "lost sector" | "lost name" | "flipped bit" | "rot" | "garble"
>;

/** A file's place here is part of the key of what becomes of it. */
const FILES = [LOG_FILE, SNAPSHOT_FILE, besideOf(LOG_FILE), besideOf(SNAPSHOT_FILE)];
