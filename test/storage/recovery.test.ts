import { describe, expect, test } from "vitest";
import { mixHash } from "../../src/base/hash.ts";
import type { Entry, LogBase } from "../../node/raft/log.ts";
import type { Snapshot } from "../../node/raft/snapshot.ts";
import { NewLog, NO_BASE } from "../../node/storage/log-file.ts";
import { recover, type Damaged, type Recovered } from "../../node/storage/recovery.ts";
import { STORAGE_RULES } from "../../node/storage/rules.ts";
import { NewSnapshot } from "../../node/storage/snapshot-file.ts";

const hardState = { term: 4, votedFor: "n2" };

/** Entries 1 to 9, as everyone has them. */
const ENTRIES: readonly Entry[] = Array.from({ length: 9 }, (_, i) => ({
  index: i + 1,
  term: 1 + Math.floor(i / 4),
  command: `command ${i + 1}`,
}));

function baseAt(index: number): LogBase {
  return ENTRIES.slice(0, index).reduce(
    (before, { index: at, term, command }) => ({
      index: at,
      term,
      hash: mixHash(before.hash, term, command),
    }),
    NO_BASE,
  );
}

function snapshotAt(index: number, other: Partial<Snapshot> = {}): Snapshot {
  const configuration = { voters: ["n1", "n2", "n3"], learners: ["n4"] };
  return {
    ...baseAt(index),
    configuration,
    stateHash: 17,
    state: `"${"\ud800"}" at ${index}`,
    ...other,
  };
}

interface Case {
  /** The log holds entries from … to. */
  readonly log?: readonly [number, number];
  readonly base?: LogBase;
  readonly snapshot?: Snapshot;
}

function start({ log, base, snapshot }: Case): Recovered | Damaged {
  const [from, to] = log ?? [0, 0];
  const content = {
    hardState,
    base: base ?? baseAt(from - 1),
    entries: ENTRIES.slice(from - 1, to),
  };
  const files = {
    log: log && new NewLog("n1", content).encode(),
    snapshot: snapshot && new NewSnapshot("n1", snapshot).encode(),
  };
  return recover(files, "n1", STORAGE_RULES);
}

const OTHER_HASH = 12345;

describe("log and snapshot are joined", () => {
  test.each<[string, Case, { from: number; to: number; needsNewLog: boolean }]>([
    ["no file at all", {}, { from: 1, to: 0, needsNewLog: true }],
    ["a log alone", { log: [1, 9] }, { from: 1, to: 9, needsNewLog: false }],
    [
      "a snapshot inside the log",
      { log: [1, 9], snapshot: snapshotAt(5) },
      { from: 1, to: 9, needsNewLog: false },
    ],
    [
      "at the log's end",
      { log: [4, 9], snapshot: snapshotAt(9) },
      { from: 4, to: 9, needsNewLog: false },
    ],
    [
      "where the log begins",
      { log: [6, 9], snapshot: snapshotAt(5) },
      { from: 6, to: 9, needsNewLog: false },
    ],
    [
      "a log without entries",
      { log: [6, 5], snapshot: snapshotAt(5) },
      { from: 6, to: 5, needsNewLog: false },
    ],
    [
      "beyond the log's end",
      { log: [1, 3], snapshot: snapshotAt(5) },
      { from: 6, to: 5, needsNewLog: true },
    ],
    [
      "of another log",
      { log: [1, 9], snapshot: snapshotAt(5, { hash: OTHER_HASH }) },
      { from: 6, to: 5, needsNewLog: true },
    ],
  ])("%s", (_, given, { from, to, needsNewLog }) => {
    const found = start(given);
    const base = {
      ...baseAt(from - 1),
      ...(given.snapshot?.hash === OTHER_HASH && { hash: OTHER_HASH }),
    };
    expect(found).toEqual({
      type: "recovered",
      hardState: given.log ? hardState : { term: 0, votedFor: null },
      base,
      entries: ENTRIES.slice(from - 1, to),
      snapshot: given.snapshot,
      tornBytes: 0,
      needsNewLog,
    });
  });
});

describe("a hole is refused", () => {
  test.each<[string, Case, Omit<Damaged, "type" | "offset">]>([
    [
      "no snapshot before the log's begin",
      { log: [4, 9] },
      {
        file: "raft.snapshot",
        reason: "it is missing, though the log begins after entry 3",
      },
    ],
    [
      "an older snapshot",
      { log: [7, 9], snapshot: snapshotAt(5) },
      {
        file: "raft.wal",
        reason: "the log begins after entry 6, beyond the snapshot's entry 5",
      },
    ],
    [
      "another entry at the log's begin",
      { log: [6, 9], snapshot: snapshotAt(5, { hash: OTHER_HASH }) },
      {
        file: "raft.wal",
        reason: "it begins after another entry 5 than the snapshot's",
      },
    ],
    [
      "a snapshot without a log",
      { snapshot: snapshotAt(5) },
      {
        file: "raft.wal",
        reason: "it is missing, though there is a snapshot",
      },
    ],
  ])("%s", (_, given, damage) => {
    expect(start(given)).toEqual({ type: "damaged", offset: 0, ...damage });
  });
});

test("another node's snapshot is refused", () => {
  const snapshot = new NewSnapshot("n7", snapshotAt(5)).encode();
  const log = new NewLog("n1", { hardState, base: NO_BASE, entries: ENTRIES }).encode();
  expect(recover({ log, snapshot }, "n1", STORAGE_RULES)).toEqual({
    type: "damaged",
    file: "raft.snapshot",
    offset: 0,
    reason: "it belongs to node n7, not to n1",
  });
});
