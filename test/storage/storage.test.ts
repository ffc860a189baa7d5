import { describe, expect, test } from "vitest";
import { createPrng } from "../../src/base/prng.ts";
import type { Disk } from "../../node/storage/disk.ts";
import { faultyDisk, NO_DISK_FAULTS, type DiskFaults } from "../../node/storage/faulty-disk.ts";
import type { Snapshot } from "../../node/raft/snapshot.ts";
import type { Write } from "../../node/raft/state.ts";
import { STORAGE_RULES } from "../../node/storage/rules.ts";
import { Storage } from "../../node/storage/storage.ts";
import { Files } from "../../src/sim/files.ts";
import { LOST, restart } from "./crash-run.ts";
import { StepDisk } from "./step-disk.ts";

/** A storage whose disk does one operation when it is told to. */
class Bench {
  readonly disk: StepDisk;
  readonly storage: Storage;
  readonly told: string[] = [];
  #turn: (() => void) | undefined;

  constructor(wrap: (disk: Disk) => Disk = (disk) => disk, failing?: number) {
    const files = new Files();
    restart(files, STORAGE_RULES);
    this.disk = new StepDisk(files, createPrng("bench"), {
      ...(failing !== undefined && { failing }),
    });
    this.storage = new Storage({
      disk: wrap(this.disk),
      nodeId: "n1",
      rules: STORAGE_RULES,
      soon: (act) => (this.#turn = act),
      onPersisted: (writeId) => this.told.push(`persisted ${writeId}`),
      onSnapshotSaved: (index) => this.told.push(`saved ${index}`),
      onFailed: ({ message }) => this.told.push(message),
    });
  }

  endTurn(): void {
    this.#turn?.();
    this.#turn = undefined;
  }

  finish(): void {
    this.endTurn();
    while (this.disk.step());
  }

  get done(): string[] {
    return this.disk.operations.map(({ kind, file }) => `${kind} ${file}`.trim());
  }
}

function write(writeId: number, more: Partial<Write> = {}): Write {
  const entry = { index: writeId, term: 1, command: `entry ${writeId}` };
  return { writeId, hardState: undefined, truncateFrom: undefined, entries: [entry], ...more };
}

const snapshot = (index: number): Snapshot => ({
  index,
  term: 1,
  hash: 5,
  configuration: { voters: ["n1"], learners: [] },
  stateHash: 6,
  state: "state",
});

describe("group commit", () => {
  test("the writes of one turn go with one sync; those that come during it with the next", () => {
    const bench = new Bench();
    bench.storage.write(write(1));
    bench.storage.write(write(2));
    bench.endTurn();
    bench.disk.step();
    bench.storage.write(write(3));
    bench.storage.write(write(4));
    bench.disk.step();
    expect(bench.told).toEqual(["persisted 2"]);
    bench.finish();
    expect(bench.told).toEqual(["persisted 2", "persisted 4"]);
    expect(bench.done).toEqual([
      "append raft.wal",
      "sync raft.wal",
      "append raft.wal",
      "sync raft.wal",
    ]);
  });

  test("a log that is replaced supersedes what came before it in its group, and holds what comes after", () => {
    const bench = new Bench();
    const hardState = { term: 1, votedFor: "n3" };
    const base = { index: 6, term: 1, hash: 5 };
    bench.storage.saveSnapshot(snapshot(6));
    bench.finish();
    bench.storage.write(write(1));
    bench.storage.write(write(2, { base, hardState, entries: [] }));
    bench.storage.write(write(7));
    bench.finish();
    expect(bench.told).toEqual(["saved 6", "persisted 7"]);
    expect(bench.done.slice(4)).toEqual([
      "create raft.wal.new",
      "sync raft.wal.new",
      "rename raft.wal.new",
      "sync directory",
    ]);
    bench.disk.files.cutPower(LOST);
    expect(restart(bench.disk.files, STORAGE_RULES)).toMatchObject({
      type: "recovered",
      hardState,
      base,
      entries: write(7).entries,
      snapshot: snapshot(6),
    });
  });

  test("snapshots are saved one after the other, and do not hold up the log", () => {
    const bench = new Bench();
    bench.storage.saveSnapshot(snapshot(3));
    bench.storage.saveSnapshot(snapshot(5));
    bench.storage.write(write(1));
    bench.finish();
    expect(bench.told.filter((one) => one.startsWith("saved"))).toEqual(["saved 3", "saved 5"]);
    expect(bench.told).toContain("persisted 1");
  });
});

describe("an operation that fails", () => {
  test.each([0, 1, 2, 3, 4, 5])(
    "number %i: is told once, and nothing is done after it",
    (failing) => {
      const bench = new Bench(undefined, failing);
      bench.storage.saveSnapshot(snapshot(3));
      bench.storage.write(write(1));
      bench.finish();
      expect(bench.told.at(-1)).toBe("EIO: i/o error");
      const { length } = bench.done;
      bench.storage.write(write(2));
      bench.storage.saveSnapshot(snapshot(4));
      bench.finish();
      expect(bench.told.filter((one) => one.startsWith("EIO"))).toHaveLength(1);
      expect(bench.done).toHaveLength(length);
    },
  );

  test("after a stop nothing is told or done", () => {
    const bench = new Bench();
    bench.storage.write(write(1));
    bench.endTurn();
    bench.storage.stop();
    bench.finish();
    expect(bench.told).toEqual([]);
    expect(bench.done).toEqual(["append raft.wal"]);
  });
});

describe("a faulty disk", () => {
  const later: (() => void)[] = [];
  const faulty = (faults: Partial<DiskFaults>) => (disk: Disk) =>
    faultyDisk(
      disk,
      () => ({ ...NO_DISK_FAULTS, ...faults }),
      (_ms, act) => later.push(act),
    );

  test("that is full takes no byte", () => {
    const bench = new Bench(faulty({ full: true }));
    bench.storage.write(write(1));
    bench.finish();
    expect(bench.told).toEqual(["ENOSPC: no space left on device, write"]);
    expect(bench.done).toEqual([]);
  });

  test("whose sync fails has not synced", () => {
    const bench = new Bench(faulty({ failSync: true }));
    bench.storage.write(write(1));
    bench.finish();
    expect(bench.told).toEqual(["EIO: i/o error, fsync"]);
    expect(bench.done).toEqual(["append raft.wal"]);
  });

  test("that is slow syncs later", () => {
    const bench = new Bench(faulty({ syncDelayMs: 100 }));
    bench.storage.write(write(1));
    bench.finish();
    expect(bench.told).toEqual([]);
    for (const act of later.splice(0)) act();
    bench.finish();
    expect(bench.told).toEqual(["persisted 1"]);
  });
});
