import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { crc32 } from "../../node/storage/crc32.ts";
import {
  LogGroup,
  NewLog,
  NO_BASE,
  NO_HARD_STATE,
  readLog,
  type FoundLog,
  type LogContent,
} from "../../node/storage/log-file.ts";
import { concat, MALFORMED } from "../../node/storage/record.ts";
import { STORAGE_RULES } from "../../node/storage/rules.ts";
import type { Entry } from "../../node/raft/log.ts";
import type { HardState, Write } from "../../node/raft/state.ts";
import { assert } from "../../src/base/assert.ts";
import { encodeUtf8 } from "../../src/base/utf8.ts";

interface Content {
  readonly hardState: HardState;
  readonly entries: readonly Entry[];
}

const EMPTY: Content = { hardState: NO_HARD_STATE, entries: [] };

/** What a log holds after a write: the oracle. */
function after(content: Content, write: Pick<Write, "hardState" | "truncateFrom" | "entries">) {
  const kept = content.entries.slice(0, (write.truncateFrom ?? Infinity) - 1);
  return { hardState: write.hardState ?? content.hardState, entries: [...kept, ...write.entries] };
}

type Draft = {
  readonly termStep: number;
  readonly votedFor: string | null | undefined;
  readonly keep: number;
  readonly commands: readonly string[];
};

const drafts = fc.array(
  fc.record({
    termStep: fc.nat(3),
    votedFor: fc.constantFrom(null, undefined, "n1", "n2"),
    keep: fc.nat(8),
    commands: fc.array(fc.string({ unit: "binary", maxLength: 12 }), { maxLength: 4 }),
  }),
  { maxLength: 8 },
);

/** Turns random drafts into writes that a node could make: terms rise, entries follow each other. */
function writesOf(list: readonly Draft[]): Write[] {
  let content = EMPTY;
  return list.map(({ termStep, votedFor, keep, commands }, i) => {
    const term = content.hardState.term + termStep;
    const length = content.entries.length;
    const cuts = keep < length && keep % 2 === 0;
    const first = cuts ? keep + 1 : length + 1;
    const write: Write = {
      writeId: i + 1,
      hardState: votedFor === undefined ? undefined : { term, votedFor },
      truncateFrom: cuts ? first : undefined,
      entries: commands.map((command, k) => ({ index: first + k, term, command })),
    };
    content = after(content, write);
    return write;
  });
}

const newLog = (nodeId: string, content: Partial<LogContent> = {}): Uint8Array =>
  new NewLog(nodeId, { hardState: NO_HARD_STATE, base: NO_BASE, entries: [], ...content }).encode();
const encodeGroup = (...writes: readonly Write[]): Uint8Array => new LogGroup(writes).encode();
const read = (bytes: Uint8Array, nodeId = "n1"): FoundLog => readLog(bytes, nodeId, STORAGE_RULES);

const header = newLog("n1");
const fileOf = (writes: readonly Write[]): Uint8Array =>
  concat([header, ...writes.map((write) => encodeGroup(write))]);

const EXAMPLE = writesOf([
  { termStep: 1, votedFor: "n2", keep: 9, commands: ["one", "two", "three"] },
  { termStep: 1, votedFor: null, keep: 2, commands: ["zwei ✓", "\u0000\ud83d\ude00"] },
  { termStep: 2, votedFor: "n1", keep: 9, commands: [] },
  { termStep: 0, votedFor: undefined, keep: 9, commands: ["last"] },
]);

describe("a file that is whole", () => {
  test("gives back what was written, with truncations", () => {
    expect(read(fileOf(EXAMPLE))).toEqual({
      type: "found",
      hardState: { term: 4, votedFor: "n1" },
      base: NO_BASE,
      entries: [
        { index: 1, term: 1, command: "one" },
        { index: 2, term: 1, command: "two" },
        { index: 3, term: 2, command: "zwei ✓" },
        { index: 4, term: 2, command: "\u0000\ud83d\ude00" },
        { index: 5, term: 4, command: "last" },
      ],
      tornBytes: 0,
      isOld: false,
    });
  });

  test("of any writes gives back what was written", () => {
    fc.assert(
      fc.property(drafts, (list) => {
        const writes = writesOf(list);
        expect(read(fileOf(writes))).toMatchObject(writes.reduce(after, EMPTY));
      }),
    );
  });

  test("begins after any entry", () => {
    const base = { index: 7, term: 3, hash: 12345 };
    const entries = [{ index: 8, term: 3, command: "x" }];
    const later = { index: 9, term: 4, command: "y" };
    const write = { writeId: 1, hardState: undefined, truncateFrom: undefined, entries: [later] };
    const bytes = concat([newLog("n1", { base, entries }), encodeGroup(write)]);
    expect(read(bytes)).toMatchObject({ type: "found", base, entries: [...entries, later] });
  });

  test("of version 1 is read, and to be written anew", () => {
    const bytes = concat([
      record(1, { format: "raftwreck-wal", version: 1, node: "n1" }),
      record(2, [3, "n2"]),
      record(4, [1, 3, "old"]),
    ]);
    expect(read(bytes)).toEqual({
      type: "found",
      hardState: { term: 3, votedFor: "n2" },
      base: NO_BASE,
      entries: [{ index: 1, term: 3, command: "old" }],
      tornBytes: 0,
      isOld: true,
    });
    expect(read(bytes.slice(0, -1))).toMatchObject({ type: "found", entries: [], isOld: true });
  });

  test("is read from the middle of a larger buffer as well", () => {
    const file = fileOf(EXAMPLE);
    const larger = concat([new Uint8Array([7, 7, 7]), file]);
    expect(read(larger.subarray(3))).toEqual(read(file));
  });
});

describe("a torn tail is cut off", () => {
  test("every beginning of a file is recovered with exactly its whole records", () => {
    fc.assert(
      fc.property(drafts, (list) => {
        const writes = writesOf(list);
        const file = fileOf(writes);
        const ends = recordEnds(file);
        for (let length = header.length; length <= file.length; length++) {
          const found = read(file.slice(0, length));
          const goodBytes = Math.max(...ends.filter((end) => end <= length));
          expect(found).toMatchObject({ type: "found", tornBytes: length - goodBytes });
          // The same as if the torn record had never been begun.
          const whole = read(file.slice(0, goodBytes));
          expect(found).toEqual({ ...whole, tornBytes: length - goodBytes });
        }
      }),
      { numRuns: 25 },
    );
  });

  test("a crash at every boundary of a write loses nothing of the writes before it", () => {
    let bytes = header;
    let content = EMPTY;
    for (const write of EXAMPLE) {
      bytes = concat([bytes, encodeGroup(write)]);
      content = after(content, write);
      expect(read(bytes)).toMatchObject({ ...content, tornBytes: 0 });
    }
  });

  test("zeros to the end, as a file system leaves them, are a torn tail", () => {
    const file = fileOf(EXAMPLE);
    for (const end of recordEnds(file).filter((one) => one >= header.length)) {
      for (const zeros of [1, 15, 16, 17, 4096]) {
        const found = read(concat([file.slice(0, end), new Uint8Array(zeros)]));
        expect(found).toMatchObject({ type: "found", tornBytes: zeros });
      }
    }
  });

  test("a header without any of its content, but zeros, is a torn tail", () => {
    const file = fileOf(EXAMPLE);
    const start = recordEnds(file).at(-2)!;
    const torn = file.slice();
    torn.fill(0, start + 16);
    expect(read(torn)).toMatchObject({ type: "found", tornBytes: file.length - start });
  });

  test("what is appended after the cut is found next time", () => {
    const file = fileOf(EXAMPLE);
    const goodBytes = recordEnds(file).at(-2)!;
    expect(read(file.slice(0, file.length - 3))).toMatchObject({
      tornBytes: file.length - 3 - goodBytes,
    });
    const entries = [{ index: 5, term: 5, command: "again" }];
    const more = encodeGroup({
      writeId: 9,
      hardState: undefined,
      truncateFrom: undefined,
      entries,
    });
    const again = read(concat([file.slice(0, goodBytes), more]));
    expect(again).toMatchObject({ type: "found", tornBytes: 0 });
    expect(again.type === "found" && again.entries.at(-1)).toEqual(entries[0]);
  });
});

describe("sectors are written in any order", () => {
  const entries = (from: number, count: number): Entry[] =>
    Array.from({ length: count }, (_, i) => ({
      index: from + i,
      term: 1,
      command: "x".repeat(90),
    }));
  const group = (from: number, count: number): Uint8Array =>
    encodeGroup({
      writeId: 1,
      hardState: undefined,
      truncateFrom: undefined,
      entries: entries(from, count),
    });
  const file = concat([header, group(1, 10), group(11, 20)]);
  const lastGroup = header.length + group(1, 10).length;
  const withoutSector = (bytes: Uint8Array, sector: number, from = 0): Uint8Array => {
    const torn = bytes.slice();
    return torn.fill(0, Math.max(from, sector * 512), (sector + 1) * 512);
  };
  const sectors = Array.from({ length: Math.ceil(file.length / 512) }, (_, i) => i);

  test.each(sectors.filter((sector) => (sector + 1) * 512 > lastGroup + 8))(
    "without sector %i of the last group, the group is cut off there",
    (sector) => {
      const found = read(withoutSector(file, sector, lastGroup));
      assert(found.type === "found", JSON.stringify(found));
      expect(found.entries.length).toBeGreaterThanOrEqual(10);
      expect(found.entries.length).toBeLessThan(30);
      expect(found.entries).toEqual(entries(1, found.entries.length));
    },
  );

  test.each(sectors.filter((sector) => (sector + 1) * 512 < lastGroup))(
    "without sector %i of a group that was synced, as the one behind it proves, the file is refused",
    (sector) => {
      expect(read(withoutSector(file, sector))).toMatchObject({ type: "damaged" });
    },
  );
});

describe("damage is refused with the place", () => {
  test("every flip of every byte is refused where it is, never silently read as something else", () => {
    const file = fileOf(EXAMPLE);
    const whole = read(file);
    const ends = recordEnds(file);
    for (let at = 0; at < file.length; at++) {
      for (const flip of [1, 2, 4, 8, 16, 32, 64, 128, 255]) {
        const damaged = file.slice();
        damaged[at]! ^= flip;
        const found = read(damaged);
        expect(found, `byte ${at} ^ ${flip}: ${JSON.stringify(whole)}`).toMatchObject({
          type: "damaged",
          offset: Math.max(...ends.filter((end) => end <= at)),
        });
      }
    }
  });

  test("a missing record in the middle is refused", () => {
    const file = fileOf(EXAMPLE);
    const ends = recordEnds(file);
    const found = ends.slice(2, -1).map((end, i) => {
      const start = ends[i + 1]!;
      return read(concat([file.slice(0, start), file.slice(end)])).type;
    });
    expect(found).toContain("damaged");
  });

  const CUT = "a record is cut short";
  const write = (part: Partial<Write>): Uint8Array =>
    concat([
      header,
      encodeGroup({
        writeId: 1,
        hardState: undefined,
        truncateFrom: undefined,
        entries: [],
        ...part,
      }),
    ]);
  const refused: readonly (readonly [string, Uint8Array, number | undefined, string])[] = [
    ["of another node", newLog("n2"), 0, "it belongs to node n2, not to n1"],
    ["without a byte", new Uint8Array(), 0, "a record is cut short"],
    ["cut in its header", header.slice(0, 20), 0, "a record is cut short"],
    ["cut in what it began with", header.slice(0, -1), recordEnds(header).at(-2), CUT],
    [
      "without a base",
      concat([
        record(1, { format: "raftwreck-wal", version: 2, node: "n1" }),
        record(2, [1, null]),
      ]),
      recordEnds(header)[1],
      "the entry that the log begins after is expected here",
    ],
    [
      "that begins with something else",
      write({ hardState: { term: 1, votedFor: null } }).slice(header.length),
      0,
      "a file header is expected here",
    ],
    ["with a second header", concat([header, header]), header.length, "a second file header"],
    [
      "of another version",
      record(1, { format: "raftwreck-wal", version: 3, node: "n1" }),
      0,
      "version 3, this node reads 1 and 2",
    ],
    ["of another format", record(1, { format: "x" }), 0, "not a Raftwreck write-ahead log"],
    ["of a later kind", concat([header, record(9, [])]), header.length, "unknown record type 9"],
    [
      "with a gap between entries",
      write({ entries: [{ index: 2, term: 1, command: "" }] }),
      header.length,
      "entry 2 after entry 0",
    ],
    [
      "that cuts what is not there",
      write({ truncateFrom: 1 }),
      header.length,
      "truncation at 1 of a log from 1 to 0",
    ],
    ...[
      record(2, ["1", null]),
      record(2, [1, 7]),
      record(4, [1, 1]),
      record(3, [-1]),
      record(2, {}),
    ].map((bad) => ["of another shape", concat([header, bad]), header.length, MALFORMED] as const),
    [
      "whose term goes back",
      concat([write({ hardState: { term: 2, votedFor: null } }), record(2, [1, null])]),
      undefined,
      "term 1 after term 2",
    ],
  ];
  test.each(refused)("a file %s", (_, bytes, offset, reason) => {
    const found = read(bytes);
    if (offset === undefined) expect(found).toMatchObject({ type: "damaged", reason });
    else expect(found).toEqual({ type: "damaged", offset, reason });
  });
});

test("the checksum is CRC-32 as everyone knows it", () => {
  expect(crc32(encodeUtf8("123456789"))).toBe(0xcbf43926);
  expect(crc32(encodeUtf8("x123456789y"), 1, 10)).toBe(0xcbf43926);
  expect(crc32(new Uint8Array())).toBe(0);
  const bitByBit = (bytes: Uint8Array): number => {
    let crc = -1;
    for (const byte of bytes) {
      crc ^= byte;
      for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1;
    }
    return ~crc >>> 0;
  };
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(3), (bytes, start) => {
      expect(crc32(bytes, start)).toBe(bitByBit(bytes.subarray(start)));
    }),
  );
});

/** Where records end, 0 included, read from their lengths. */
function recordEnds(file: Uint8Array): number[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const ends = [0];
  for (let end = 0; end < file.length; ends.push(end)) end += 16 + view.getUint32(end, true);
  return ends;
}

/** A record by the book, of any kind. */
function record(kind: number, payload: unknown): Uint8Array {
  const body = encodeUtf8(JSON.stringify(payload));
  const head = new Uint8Array(16);
  const view = new DataView(head.buffer);
  view.setUint32(0, body.length, true);
  view.setUint32(4, crc32(body), true);
  view.setUint8(8, kind);
  view.setUint32(12, crc32(head, 0, 12), true);
  return concat([head, body]);
}
